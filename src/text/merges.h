#pragma once
// CLIP's file of byte-pair merges: a comment, then one merge "left right" per line.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mkt::text {

constexpr std::int32_t kBytes = 256;

/// A merge, spelled as its result: the first `left` bytes are its left part.
struct Merge {
  std::string_view whole;
  std::size_t left;
};

/// The first `count` merges of the file. Their spellings are views into `spellings`, which must not be
/// changed or moved. Throws c10::Error that names the file, and the line if one is malformed.
std::vector<Merge> read_merges(const std::string& path, std::size_t count, std::string& spellings);

}  // namespace mkt::text
