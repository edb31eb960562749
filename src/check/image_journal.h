#pragma once
// Journal of examined images: appends one record per image, so that an interrupted run can continue.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "check/image_facts.h"
#include "io/records.h"

namespace mkt::check {

/// Examination results keyed by path, size and modification time, one JSON object per line: {"picture",
/// "bytes", "modified" (nanoseconds), "state", "sha256", "reason" (broken images only)}. An incomplete line,
/// which a crash can leave, is ignored.
class ImageJournal {
 public:
  /// Opens and reads the journal at `path`; "" disables the journal. Throws c10::Error naming the file if it
  /// cannot be written.
  explicit ImageJournal(const std::string& path);

  /// Looks up the result for a file; returns false if there is none or the file has changed since.
  bool find(const std::string& image, ImageFacts* facts) const;
  void add(const std::string& image, const ImageFacts& facts);
  /// Logs the number of images that an earlier run has examined.
  void log_known(std::size_t known) const;
  /// Atomically replaces the journal with the results for `images`, in this order.
  void finish(const std::vector<std::string>& images, const std::vector<ImageFacts>& facts);

 private:
  struct Entry {
    std::int64_t bytes = 0;
    std::int64_t modified = 0;
    ImageFacts facts;
  };
  void read();

  std::string path_;
  std::unordered_map<std::string, Entry> known_;
  std::unique_ptr<io::RecordWriter> writer_;
};

}  // namespace mkt::check
