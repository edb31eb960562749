#pragma once
// A file of facts about images that grows while they are examined.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "check/image_facts.h"
#include "io/records.h"

namespace mkt::check {

/// Facts by path, size and modification time, one JSON object per line: {"picture", "bytes", "modified"
/// (nanoseconds), "state", "sha256", "reason" (broken images only)}. An incomplete line, as a crash leaves
/// it, is ignored.
class ImageJournal {
 public:
  /// Reads the journal at `path`; "" keeps no journal. Throws c10::Error naming the file if it cannot be
  /// written.
  explicit ImageJournal(const std::string& path);

  /// Looks up the facts of a file that has not changed since; false if there are none.
  bool find(const std::string& image, ImageFacts* facts) const;
  void add(const std::string& image, const ImageFacts& facts);
  /// Logs how many images an earlier run has examined.
  void log_known(std::size_t known) const;
  /// Replaces the journal atomically by the facts of `images` in this order.
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
