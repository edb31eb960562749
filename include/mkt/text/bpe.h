#pragma once
// Byte-pair merges of CLIP.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mkt::text {

/// A hash table from pairs of symbols to the rank of their merge; open addressing, filled once.
class PairTable {
 public:
  explicit PairTable(std::size_t capacity);
  void set(std::int32_t left, std::int32_t right, std::int32_t rank);
  /// The pair's rank, or -1.
  std::int32_t find(std::int32_t left, std::int32_t right) const;

 private:
  std::size_t slot(std::uint64_t key) const;

  std::vector<std::uint64_t> keys_;
  std::vector<std::int32_t> ranks_;
};

/// The merges, and the encoding of one word by them. Symbols are known by their ids: 256 bytes, the same 256
/// at the end of a word, then one for each merge.
class Bpe {
 public:
  /// Reads `merges` lines of `path` after its first. Throws c10::Error naming file and line.
  Bpe(const std::string& path, std::int64_t merges);

  /// Appends the ids of `word` (UTF-8, not empty) to `ids`. O(n log n) in the word's length.
  void encode(std::string_view word, std::vector<std::int64_t>& ids) const;

 private:
  PairTable pairs_;
  std::vector<std::int32_t> merged_;  // rank → id of the merged symbol
};

}  // namespace mkt::text
