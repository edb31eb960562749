#pragma once
// TensorBoard's event files: TFRecords (length, data, their masked CRC-32C) of Event messages. Source:
// tensorboard/compat/proto/{event,summary}.proto, tensorflow/core/lib/io/record_writer.h. The few fields that
// are needed are encoded here: LibTorch carries a protobuf of its own, and a second one in the same process
// would clash with it.

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace mkt::io {

/// CRC-32C (Castagnoli). Source: RFC 3720, appendix B.4.
std::uint32_t crc32c(std::string_view bytes);

/// One number of a step; TensorBoard keeps it as float32.
struct Scalar {
  std::string tag;
  double value = 0;
};

/// A new event file, read behind all others of its folder.
class EventFile {
 public:
  /// Makes `folder`/events.out.tfevents.<time>.<host>.<process>, and the folder. Readers drop what other
  /// files of the folder say of `first_step` and the steps after it. Throws c10::Error naming the file.
  EventFile(const std::string& folder, std::int64_t first_step);

  /// Appends one event, whole on disk for readers before this returns. `wall_time` in seconds since 1970.
  /// Throws c10::Error naming the file where writing fails.
  void write(double wall_time, std::int64_t step, const std::vector<Scalar>& scalars);

  const std::string& path() const { return path_; }

 private:
  void append(const std::string& event);

  std::string path_;
  std::ofstream file_;
};

/// Seconds since 1970, as events count time.
double wall_time_now();

}  // namespace mkt::io
