#pragma once
// TensorBoard's event files: TFRecords (length, data, their masked CRC-32C) of Event messages. The few
// necessary protobuf fields are encoded by hand, because a second protobuf library in the process would
// conflict with LibTorch's. Source: tensorboard/compat/proto/{event,summary}.proto,
// tensorflow/core/lib/io/record_writer.h.

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace mkt::io {

/// Computes CRC-32C (Castagnoli). Source: RFC 3720, appendix B.4.
std::uint32_t crc32c(std::string_view bytes);

/// A named value logged at a step; TensorBoard stores it as float32.
struct Scalar {
  std::string tag;
  double value = 0;
};

/// A new event file. TensorBoard reads it after all other event files in its folder.
class EventFile {
 public:
  /// Creates the folder and, in it, the file events.out.tfevents.<time>.<host>.<process id>. TensorBoard then
  /// discards the events at `first_step` and later from earlier files. Throws c10::Error that names the file.
  EventFile(const std::string& folder, std::int64_t first_step);

  /// Appends one event with all `scalars` and flushes the file. `wall_time` is in seconds since 1970. Throws
  /// c10::Error that names the file if writing fails.
  void write(double wall_time, std::int64_t step, const std::vector<Scalar>& scalars);

  const std::string& path() const { return path_; }

 private:
  void append(const std::string& event);

  std::string path_;
  std::ofstream file_;
};

/// Returns the current time in seconds since 1970, for EventFile::write().
double wall_time_now();

}  // namespace mkt::io
