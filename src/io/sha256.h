#pragma once
// SHA-256. Source: FIPS 180-4.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mkt::io {

/// Whether the processor has instructions for it.
bool has_sha_instructions();

/// A digest over bytes that come in parts.
class Sha256 {
 public:
  /// `by_instructions`: several times as fast, the same digest; only where has_sha_instructions().
  explicit Sha256(bool by_instructions = has_sha_instructions()) : by_instructions_(by_instructions) {}

  void update(const void* data, std::size_t size);
  /// 64 lower-case hexadecimal digits. Ends the digest: call once, last.
  std::string hex();

 private:
  void blocks(const std::uint8_t* bytes, std::size_t count);

  bool by_instructions_;
  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::uint8_t, 64> pending_{};
  std::uint64_t size_ = 0;
};

std::string sha256(std::string_view bytes);
/// Throws c10::Error naming the file where it cannot be read.
std::string sha256_file(const std::string& path);

}  // namespace mkt::io
