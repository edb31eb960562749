#pragma once
// Bytes in memory that share ownership: of a mapped file or of an allocation.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace mkt::io {

/// A range of bytes, together with shared ownership of its memory.
struct SharedBytes {
  std::uint8_t* data = nullptr;
  std::size_t size = 0;
  std::shared_ptr<void> owner;

  /// `length` bytes from `offset`. The caller checks that they lie inside: see fits().
  SharedBytes slice(std::size_t offset, std::size_t length) const { return {data + offset, length, owner}; }
  /// Whether [offset, offset + length) lies inside, also if the sum overflows.
  bool fits(std::uint64_t offset, std::uint64_t length) const {
    return offset <= size && length <= size - offset;
  }
  std::string_view view() const;
};

/// The file's bytes, memory-mapped and private: writing to them never reaches the file. Throws c10::Error
/// that names the file if it is missing, unreadable or not a regular file.
SharedBytes map_file(const std::string& path);

/// `size` bytes of new memory, aligned for every dtype.
SharedBytes allocate_bytes(std::size_t size);

/// The little-endian unsigned integer in `count` bytes, at most 8.
std::uint64_t read_little(const std::uint8_t* bytes, std::size_t count);

/// The lowest `count` bytes (at most 8) of `value`, little-endian.
std::string little_bytes(std::uint64_t value, std::size_t count);

}  // namespace mkt::io
