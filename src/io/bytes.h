#pragma once
// Bytes of a file, mapped, with what keeps them alive.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace mkt::io {

/// A range of bytes that shares ownership of the memory it lies in.
struct SharedBytes {
  std::uint8_t* data = nullptr;
  std::size_t size = 0;
  std::shared_ptr<void> owner;

  /// `length` bytes from `offset`; both must lie inside (the caller checks: see fits()).
  SharedBytes slice(std::size_t offset, std::size_t length) const { return {data + offset, length, owner}; }
  /// Whether [offset, offset + length) lies inside, without overflow.
  bool fits(std::uint64_t offset, std::uint64_t length) const {
    return offset <= size && length <= size - offset;
  }
  std::string_view view() const;
};

/// The file's bytes, mapped privately: writes to them never reach the file. Throws c10::Error naming the file
/// where it is missing, unreadable, or not a regular file.
SharedBytes map_file(const std::string& path);

/// `size` bytes of memory of our own, aligned for any dtype.
SharedBytes allocate_bytes(std::size_t size);

/// Little-endian unsigned integer of `count` (at most 8) bytes.
std::uint64_t read_little(const std::uint8_t* bytes, std::size_t count);

}  // namespace mkt::io
