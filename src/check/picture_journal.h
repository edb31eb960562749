#pragma once
// What is known of picture files, kept as it is found out.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "check/pictures.h"
#include "io/records.h"

namespace mkt::check {

/// Facts by path, size and time of change, a JSON object a line: {"picture", "bytes", "modified"
/// (nanoseconds), "state", "sha256", "reason" where it has one}. A line that a crash cut off counts as not
/// written.
class PictureJournal {
 public:
  /// Reads what is at `path`; "": keeps nothing. Throws c10::Error naming the file where that fails.
  explicit PictureJournal(const std::string& path);

  /// What is known of a file that has not changed since; false where nothing is.
  bool find(const std::string& picture, PictureFacts* facts) const;
  void add(const std::string& picture, const PictureFacts& facts);
  /// Says how many of the pictures an earlier run has examined.
  void log_known(std::size_t known) const;
  /// Writes the facts in this order, atomically, in the place of what was added.
  void finish(const std::vector<std::string>& pictures, const std::vector<PictureFacts>& facts);

 private:
  struct Entry {
    std::int64_t bytes = 0;
    std::int64_t modified = 0;
    PictureFacts facts;
  };
  void read();

  std::string path_;
  std::unordered_map<std::string, Entry> known_;
  std::unique_ptr<io::RecordWriter> writer_;
};

}  // namespace mkt::check
