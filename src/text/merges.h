#pragma once
// Reads CLIP's merges file: a comment line, then one byte-pair merge "left right" per line.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mkt::text {

constexpr std::int32_t kBytes = 256;

/// A byte-pair merge, represented by the merged symbol's spelling; its first `left` bytes are the left
/// symbol.
struct Merge {
  std::string_view whole;
  std::size_t left;
};

/// Reads the first `count` merges from the file. Their spellings are views into `spellings`, which must not
/// be changed or moved. Throws c10::Error that names the file, and the line number if a line is malformed.
std::vector<Merge> read_merges(const std::string& path, std::size_t count, std::string& spellings);

}  // namespace mkt::text
