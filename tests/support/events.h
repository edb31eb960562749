#pragma once
// Reads TensorBoard event files, independently of the writer.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "io/event_file.h"
#include "support/command.h"

namespace mkt::test {

/// Reads the events of a file, each as text: "version brain.Event:2", "start 7", "7 step/lr=0.5".
class EventReader {
 public:
  explicit EventReader(const std::string& path) : bytes_(file_text(path)) {}

  std::vector<std::string> read() {
    std::vector<std::string> events;
    while (place_ < bytes_.size()) {
      const auto length = checked<std::uint64_t>();
      events.push_back(event(piece(length)));
      check_sum(bytes_.substr(place_ - length, length));
    }
    return events;
  }

 private:
  template <typename Number>
  static Number number(const std::string& bytes) {
    Number value{};
    if (bytes.size() != sizeof value) throw std::runtime_error("a number is truncated");
    std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }

  std::string piece(std::uint64_t size) {
    if (size > bytes_.size() - place_) throw std::runtime_error("the file is truncated");
    place_ += size;
    return bytes_.substr(place_ - size, size);
  }

  void check_sum(const std::string& bytes) {
    const auto sum = number<std::uint32_t>(piece(4)) - 0xa282ead8;
    if ((sum << 15U | sum >> 17U) != io::crc32c(bytes)) throw std::runtime_error("a checksum differs");
  }

  template <typename Number>
  Number checked() {
    const std::string bytes = piece(sizeof(Number));
    check_sum(bytes);
    return number<Number>(bytes);
  }

  /// Parses a protobuf message into field numbers and contents. A varint's content is its value as 8 bytes.
  static std::vector<std::pair<std::uint64_t, std::string>> fields(const std::string& message) {
    std::size_t place = 0;
    const auto varint = [&] {
      std::uint64_t value = 0;
      for (unsigned shift = 0;; shift += 7) {
        const auto byte = static_cast<unsigned char>(message.at(place++));
        value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
        if (byte < 0x80) return value;
      }
    };
    std::vector<std::pair<std::uint64_t, std::string>> found;
    while (place < message.size()) {
      const std::uint64_t key = varint();
      const std::uint64_t type = key & 7U;
      std::string content(8, '\0');
      if (type == 0) {
        const std::uint64_t value = varint();
        std::memcpy(content.data(), &value, sizeof value);
      } else {
        const std::uint64_t size = type == 2 ? varint() : type == 1 ? 8 : 4;
        content = message.substr(place, size);
        place += size;
      }
      found.emplace_back(key >> 3U, content);
    }
    return found;
  }

  static std::string summary(const std::string& message) {
    std::string text;
    for (const auto& [field, value] : fields(message)) {
      for (const auto& [part, content] : fields(value)) {
        if (part == 1) text += " " + content;
        if (part == 2) text += "=" + std::to_string(number<float>(content));
      }
    }
    return text;
  }

  static std::string event(const std::string& message) {
    std::string step = "0";
    std::string text;
    for (const auto& [field, content] : fields(message)) {
      if (field == 1 && number<double>(content) < 1e9) throw std::runtime_error("a time is too early");
      if (field == 2) step = std::to_string(number<std::int64_t>(content));
      if (field == 3) text = "version " + content;
      if (field == 5) text = step + summary(content);
      if (field == 7) text = (fields(content).at(0).second[0] == 1 ? "start " : "status ") + step;
    }
    return text;
  }

  std::string bytes_;
  std::size_t place_ = 0;
};

/// Reads the events of all files in a folder, ordered by file name.
inline std::vector<std::string> events_in(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> events;
  for (const std::string& path : paths) {
    for (const std::string& event : EventReader(path).read()) events.push_back(event);
  }
  return events;
}

}  // namespace mkt::test
