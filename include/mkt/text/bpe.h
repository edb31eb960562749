#pragma once
// CLIP's byte-pair encoding.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mkt::text {

/// Hash table from symbol pairs to merge ranks. Uses open addressing; has a fixed capacity.
class PairTable {
 public:
  explicit PairTable(std::size_t capacity);
  void set(std::int32_t left, std::int32_t right, std::int32_t rank);
  /// Returns the pair's rank, or -1 if the pair is not in the table.
  std::int32_t find(std::int32_t left, std::int32_t right) const;

 private:
  std::size_t slot(std::uint64_t key) const;

  std::vector<std::uint64_t> keys_;
  std::vector<std::int32_t> ranks_;
};

/// Encodes words by byte-pair merges. Symbol ids: 256 bytes, the same 256 bytes at the end of a word, then
/// one id per merge. Source: CLIP's simple_tokenizer.py.
class Bpe {
 public:
  /// Reads the first `merges` merges of the file `path`, whose first line is a comment. Throws c10::Error
  /// that names the file and the line.
  Bpe(const std::string& path, std::int64_t merges);

  /// Appends the token ids of `word` (UTF-8, not empty) to `ids`. O(n log n) in the word's length.
  void encode(std::string_view word, std::vector<std::int64_t>& ids) const;

 private:
  PairTable pairs_;
  std::vector<std::int32_t> merged_;  // rank → id of the merged symbol
};

}  // namespace mkt::text
