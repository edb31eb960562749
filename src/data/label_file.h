#pragma once
// Reads label vectors from an HDF5 file with one integer data set per image.

#include "mkt/torch.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mkt::data {

/// An open HDF5 file. Reads only data sets that are stored in the file itself: no external or virtual
/// storage, no links to other files, no filter plug-ins. Thread-safe; calls are serialised.
class LabelFile {
 public:
  /// Throws c10::Error naming the file if it cannot be opened as HDF5.
  explicit LabelFile(const std::string& path);
  ~LabelFile();
  LabelFile(const LabelFile&) = delete;
  LabelFile& operator=(const LabelFile&) = delete;

  bool contains(const std::string& key) const;
  /// Number of labels in the vector `key`. Throws c10::Error naming file and key if it is missing or is not a
  /// vector of integers.
  std::int64_t width(const std::string& key) const;
  /// Reads the vectors `keys` as rows: (N, C) int8 in {-1, 0, 1}. Throws c10::Error naming file and key if a
  /// vector is missing, is not a vector of integers, differs in width from the first, or contains another
  /// value.
  torch::Tensor read(const std::vector<std::string>& keys) const;

 private:
  struct Handle;
  std::string path_;
  std::unique_ptr<Handle> file_;
};

}  // namespace mkt::data
