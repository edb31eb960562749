#include <cstdint>
#include <cstring>
#include <string_view>

#include "check/image_facts.h"
#include "core/text.h"

namespace mkt::check {
namespace {

constexpr std::string_view kPngSignature = "\x89PNG\r\n\x1A\n";

std::size_t big_endian(std::string_view bytes) {
  std::size_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

/// Walks the JPEG markers, so that the end marker of an embedded thumbnail does not count. Source: ITU-T
/// T.81, annex B.
bool jpeg_reaches_end(std::string_view bytes) {
  constexpr std::uint8_t kEnd = 0xD9;
  constexpr std::uint8_t kScan = 0xDA;
  std::size_t at = 2;
  bool in_scan = false;
  while (at + 1 < bytes.size()) {
    if (in_scan) {
      const void* found = std::memchr(bytes.data() + at, 0xFF, bytes.size() - at);
      if (found == nullptr) return false;
      at = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
      if (at + 1 >= bytes.size()) return false;
    } else if (static_cast<std::uint8_t>(bytes[at]) != 0xFF) {
      ++at;  // decoders skip bytes between segments, too
      continue;
    }
    const auto marker = static_cast<std::uint8_t>(bytes[at + 1]);
    if (marker == kEnd) return true;
    const bool alone = marker == 0 || marker == 0xFF || marker == 1 || (marker >= 0xD0 && marker <= 0xD8);
    if (alone) {
      at += marker == 0xFF ? 1 : 2;
      continue;
    }
    in_scan = marker == kScan;
    at += 2 + big_endian(bytes.substr(at + 2, 2));
  }
  return false;
}

/// Walks the PNG chunks. Source: the PNG specification, section 5.
bool png_reaches_end(std::string_view bytes) {
  constexpr std::size_t kFrame = 12;  // bytes per chunk in addition to its data: length, type, checksum
  std::size_t at = kPngSignature.size();
  while (at + kFrame <= bytes.size()) {
    const std::size_t end = at + kFrame + big_endian(bytes.substr(at, 4));
    if (bytes.substr(at + 4, 4) == "IEND") return end <= bytes.size();
    at = end;
  }
  return false;
}

}  // namespace

bool reaches_end(const std::string& bytes) {
  if (starts_with(bytes, "\xFF\xD8\xFF")) return jpeg_reaches_end(bytes);
  if (starts_with(bytes, kPngSignature)) return png_reaches_end(bytes);
  return true;
}

}  // namespace mkt::check
