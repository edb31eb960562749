#pragma once
// CLIP's file of byte-pair merges: a comment, then "left right" a line.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mkt::text {

constexpr std::int32_t kBytes = 256;

/// A merge: the spelling of its result, of which the first `left` bytes are the left part's.
struct Merge {
  std::string_view whole;
  std::size_t left;
};

/// The first `count` merges of the file. Their spellings are views into `spellings`, which must not move.
/// Throws c10::Error naming the file, and the line where one is malformed.
std::vector<Merge> read_merges(const std::string& path, std::size_t count, std::string& spellings);

}  // namespace mkt::text
