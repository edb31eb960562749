#pragma once
// Label vectors in an HDF5 file: one integer data set an image.

#include "mkt/torch.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mkt::data {

/// One open HDF5 file. Only plain data sets inside the file are read: no external or virtual storage, no
/// links to elsewhere, no filter plug-ins. Safe to use from several threads; calls take turns.
class LabelFile {
 public:
  /// Throws c10::Error naming the file where it cannot be opened as HDF5.
  explicit LabelFile(const std::string& path);
  ~LabelFile();
  LabelFile(const LabelFile&) = delete;
  LabelFile& operator=(const LabelFile&) = delete;

  bool contains(const std::string& key) const;
  /// Number of labels of `key`. Throws c10::Error naming file and key.
  std::int64_t width(const std::string& key) const;
  /// (N, C) int8 in {-1, 0, 1}, a row per key. Throws c10::Error naming file and key where one is missing, is
  /// not a vector of integers, has another width than the first, or holds another value.
  torch::Tensor read(const std::vector<std::string>& keys) const;

 private:
  struct Handle;
  std::string path_;
  std::unique_ptr<Handle> file_;
};

}  // namespace mkt::data
