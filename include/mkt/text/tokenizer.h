#pragma once
// CLIP's tokenizer: text to the ids that the text encoder embeds.

#include "mkt/torch.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mkt/text/bpe.h"

namespace mkt::text {

/// Where the build puts CLIP's merges: ../share/mkt/bpe_simple_vocab_16e6.txt beside the running executable.
/// Throws c10::Error naming the path and what to do where there is no such file.
std::string default_merges_path();

/// Cleans a text (clean_text), splits it by CLIP's pattern and encodes each piece by byte-pair merges.
/// Immutable once made; one object serves any number of threads. Source: CLIP's simple_tokenizer.py.
class Tokenizer {
 public:
  /// `merges_path`: CLIP's merges, unpacked, first line a comment. `vocabulary_size`: rows of the weights'
  /// token embedding; it fixes the number of merges (size − 512 bytes − 2 special tokens). Throws c10::Error
  /// naming the file where it is missing, malformed or too short.
  Tokenizer(const std::string& merges_path, std::int64_t vocabulary_size);

  /// Ids of `text`, without start and end. Bytes that are not UTF-8 count as U+FFFD. "<|endoftext|>" and its
  /// like in a text are text: a label cannot place a special token.
  std::vector<std::int64_t> encode(std::string_view text) const;

  /// (N, context) int64: start, ids, end, then zeros. A longer text is cut so that the end token is kept.
  /// Throws ValueError where `context` < 2.
  torch::Tensor tokenize(const std::vector<std::string>& texts, std::int64_t context) const;

  std::int64_t start_token() const { return vocabulary_size_ - 2; }
  std::int64_t end_token() const { return vocabulary_size_ - 1; }
  std::int64_t vocabulary_size() const { return vocabulary_size_; }

 private:
  std::int64_t vocabulary_size_;
  Bpe bpe_;
};

}  // namespace mkt::text
