#pragma once
// CLIP's tokenizer: from text to the token ids that the text encoder embeds.

#include "mkt/torch.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mkt/text/bpe.h"

namespace mkt::text {

/// The path of the merges file that is built and installed with the programs:
/// ../share/mkt/bpe_simple_vocab_16e6.txt, relative to the folder of the running executable. Throws
/// c10::Error that names the path if there is no such file.
std::string default_merges_path();

/// Cleans a text, splits it by CLIP's pattern and encodes each piece by byte-pair merges. Immutable and
/// thread-safe. Source: CLIP's simple_tokenizer.py.
class Tokenizer {
 public:
  /// `merges_path`: CLIP's merges file, unpacked; its first line is a comment. `vocabulary_size`: the number
  /// of rows of the weights' token embedding, which determines the number of merges (size − 512 byte symbols
  /// − 2 special tokens). Throws c10::Error that names the file if it is missing, malformed or too short;
  /// ValueError if `vocabulary_size` is less than 514.
  Tokenizer(const std::string& merges_path, std::int64_t vocabulary_size);

  /// The ids of `text`, without start and end token. Bytes that are not UTF-8 count as U+FFFD.
  /// "<|endoftext|>" and the like are encoded as text: a label cannot contain a special token.
  std::vector<std::int64_t> encode(std::string_view text) const;

  /// (N, context) int64, one row per text: start token, ids, end token, then zeros. A longer text is
  /// truncated; its end token is kept. Throws ValueError if `context` < 2.
  torch::Tensor tokenize(const std::vector<std::string>& texts, std::int64_t context) const;

  /// The id of the start token; the end token follows it.
  std::int64_t start_token() const { return vocabulary_size_ - 2; }
  std::int64_t end_token() const { return vocabulary_size_ - 1; }
  std::int64_t vocabulary_size() const { return vocabulary_size_; }

 private:
  std::int64_t vocabulary_size_;
  Bpe bpe_;
};

}  // namespace mkt::text
