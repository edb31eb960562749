#pragma once
// Byte ranges with shared ownership of a memory-mapped file or of an allocation.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace mkt::io {

/// A range of bytes with shared ownership of its memory.
struct SharedBytes {
  std::uint8_t* data = nullptr;
  std::size_t size = 0;
  std::shared_ptr<void> owner;

  /// Returns `length` bytes from `offset`. The caller must check first that they are inside the range, with
  /// fits().
  SharedBytes slice(std::size_t offset, std::size_t length) const { return {data + offset, length, owner}; }
  /// Whether [offset, offset + length) is inside the range; correct even if the sum overflows.
  bool fits(std::uint64_t offset, std::uint64_t length) const {
    return offset <= size && length <= size - offset;
  }
  std::string_view view() const;
};

/// Maps a file into memory privately: writes to the bytes never reach the file. Throws c10::Error that names
/// the file if it is missing, unreadable or not a regular file.
SharedBytes map_file(const std::string& path);

/// Allocates `size` bytes, aligned for every dtype.
SharedBytes allocate_bytes(std::size_t size);

/// Reads a little-endian unsigned integer from `count` bytes (at most 8).
std::uint64_t read_little(const std::uint8_t* bytes, std::size_t count);

/// Returns the lowest `count` bytes (at most 8) of `value`, little-endian.
std::string little_bytes(std::uint64_t value, std::size_t count);

}  // namespace mkt::io
