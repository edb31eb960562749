#include "io/event_file.h"

#include <c10/util/Exception.h>
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <climits>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "io/bytes.h"

namespace mkt::io {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "events.out.tfevents.";
constexpr int kTimeDigits = 10;  // fixed width: TensorBoard reads files in the order of their names

// Field numbers in the protobuf messages.
enum EventField : unsigned { kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7 };
enum SummaryField : unsigned { kValue = 1 };
enum ValueField : unsigned { kTag = 1, kSimpleValue = 2 };
enum SessionLogField : unsigned { kStatus = 1 };
constexpr std::uint64_t kSessionStart = 1;

constexpr unsigned kBitsOfByte = 8;
constexpr std::uint32_t kPolynomial = 0x82f63b78;  // Castagnoli polynomial, least significant bit first

std::array<std::uint32_t, 256> make_crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    std::uint32_t rest = byte;
    for (unsigned bit = 0; bit < kBitsOfByte; ++bit) rest = rest >> 1U ^ ((rest & 1U) != 0 ? kPolynomial : 0);
    table[byte] = rest;
  }
  return table;
}

/// Masks a CRC as TFRecords require, because a CRC computed over data that contains CRCs is weak.
std::uint32_t masked(std::uint32_t crc) {
  return (crc >> 15U | crc << 17U) + 0xa282ead8;
}

template <typename Number>
std::string little(Number value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);  // this project supports little-endian machines only
  return little_bytes(bits, sizeof value);
}

std::string varint(std::uint64_t value) {
  constexpr std::uint64_t kMore = 0x80;
  std::string bytes;
  for (; value >= kMore; value >>= 7U) bytes += static_cast<char>(value | kMore);
  return bytes + static_cast<char>(value);
}

/// Encodes a field's key: its number and wire type.
std::string key(unsigned field, unsigned type) {
  return varint(field << 3U | type);
}
std::string integer_field(unsigned field, std::uint64_t value) {
  return key(field, 0) + varint(value);
}
std::string double_field(unsigned field, double value) {
  return key(field, 1) + little(value);
}
std::string bytes_field(unsigned field, const std::string& bytes) {
  return key(field, 2) + varint(bytes.size()) + bytes;
}
std::string float_field(unsigned field, float value) {
  return key(field, 5) + little(value);
}

std::string event_message(double wall_time, std::int64_t step, const std::string& what) {
  return double_field(kWallTime, wall_time) + integer_field(kStep, static_cast<std::uint64_t>(step)) + what;
}

std::string host_name() {
  std::array<char, HOST_NAME_MAX + 1> name{};
  return gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data() : "localhost";
}

/// Returns the time for a new file's name: now, or one second after the newest event file in `folder` if that
/// is later, because a run may be resumed within the same second.
std::int64_t time_of_new_file(const std::string& folder) {
  auto time = static_cast<std::int64_t>(wall_time_now());
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind(kPrefix, 0) != 0) continue;
    std::int64_t other = 0;
    std::istringstream(name.substr(std::strlen(kPrefix), kTimeDigits)) >> other;
    time = std::max(time, other + 1);
  }
  return time;
}

std::string new_path(const std::string& folder) {
  return fmt::format("{}/{}{:0{}}.{}.{}", folder, kPrefix, time_of_new_file(folder), kTimeDigits, host_name(),
                     getpid());
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  static const std::array<std::uint32_t, 256> table = make_crc_table();
  std::uint32_t crc = ~0U;
  for (const char byte : bytes)
    crc = crc >> kBitsOfByte ^ table[(crc ^ static_cast<unsigned char>(byte)) & UCHAR_MAX];
  return ~crc;
}

double wall_time_now() {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(since).count();
}

EventFile::EventFile(const std::string& folder, std::int64_t first_step) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  TORCH_CHECK(!failure, folder, ": cannot be created: ", failure.message(),
              ". Check the folder above it and its permissions.");
  path_ = new_path(folder);
  file_.open(path_, std::ios::binary);
  TORCH_CHECK(file_.good(), path_, ": cannot be opened for writing. Check the folder and its permissions.");
  const double now = wall_time_now();
  append(event_message(now, 0, bytes_field(kFileVersion, "brain.Event:2")));
  append(event_message(now, first_step, bytes_field(kSessionLog, integer_field(kStatus, kSessionStart))));
}

void EventFile::write(double wall_time, std::int64_t step, const std::vector<Scalar>& scalars) {
  std::string summary;
  for (const Scalar& scalar : scalars) {
    summary += bytes_field(
        kValue, bytes_field(kTag, scalar.tag) + float_field(kSimpleValue, static_cast<float>(scalar.value)));
  }
  append(event_message(wall_time, step, bytes_field(kSummary, summary)));
}

void EventFile::append(const std::string& event) {
  const std::string length = little(static_cast<std::uint64_t>(event.size()));
  file_ << length + little(masked(crc32c(length))) + event + little(masked(crc32c(event))) << std::flush;
  TORCH_CHECK(file_.good(), path_, ": an event could not be written. Check the free disk space.");
}

}  // namespace mkt::io
