#pragma once
// CLIP's tokenizer: converts text to token ids for the text encoder.

#include "mkt/torch.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mkt/text/bpe.h"

namespace mkt::text {

/// Size of CLIP's vocabulary: 512 byte symbols, the first 48,894 merges of the merges file, and the start and
/// end token. Source: CLIP's simple_tokenizer.py.
inline constexpr std::int64_t kClipVocabulary = 512 + 48'894 + 2;

/// Returns the path of the merges file that is built and installed with the programs:
/// ../share/mkt/bpe_simple_vocab_16e6.txt, relative to the folder of the running executable. Throws
/// c10::Error that names the path if there is no such file.
std::string default_merges_path();

/// Cleans a text, splits it by CLIP's pattern and encodes each piece by byte-pair merges. Immutable and
/// thread-safe. Source: CLIP's simple_tokenizer.py.
class Tokenizer {
 public:
  /// `merges_path`: CLIP's merges file, unpacked; its first line is a comment. `vocabulary_size`: the number
  /// of rows in the token embedding, which determines the number of merges (size − 512 byte symbols − 2
  /// special tokens). Throws c10::Error that names the file if it is missing, malformed or too short;
  /// ValueError if `vocabulary_size` is less than 514.
  Tokenizer(const std::string& merges_path, std::int64_t vocabulary_size);

  /// Encodes `text` without start and end token. Invalid UTF-8 bytes become U+FFFD. Names of special tokens,
  /// for example "<|endoftext|>", are encoded as ordinary text, so a label cannot contain a special token.
  std::vector<std::int64_t> encode(std::string_view text) const;

  /// Tokenizes texts: (N, context) int64, one row per text: start token, ids, end token, then zeros. A text
  /// that does not fit is truncated; its end token is kept. Throws ValueError if `context` < 2.
  torch::Tensor tokenize(const std::vector<std::string>& texts, std::int64_t context) const;

  /// Id of the start token; the end token has the next id.
  std::int64_t start_token() const { return vocabulary_size_ - 2; }
  std::int64_t end_token() const { return vocabulary_size_ - 1; }
  std::int64_t vocabulary_size() const { return vocabulary_size_; }

 private:
  std::int64_t vocabulary_size_;
  Bpe bpe_;
};

}  // namespace mkt::text
