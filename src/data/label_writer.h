#pragma once
// Label vectors into a new HDF5 file: one integer data set an image, as label_file.h reads them.

#include "mkt/torch.h"

#include <memory>
#include <string>

namespace mkt::data {

/// A label file in memory until it is written.
class LabelWriter {
 public:
  /// Throws c10::Error where the library has no memory for a file.
  LabelWriter();
  ~LabelWriter();
  LabelWriter(const LabelWriter&) = delete;
  LabelWriter& operator=(const LabelWriter&) = delete;

  /// labels (C) int8 under `key`. Throws ValueError naming the key where it is there already or has a slash,
  /// or where `labels` is no such vector.
  void add(const std::string& key, const torch::Tensor& labels);

  /// Writes all that was added. Atomic (write_atomically); same keys and labels in the same order, same
  /// bytes.
  void write(const std::string& path) const;

 private:
  struct Handle;
  std::unique_ptr<Handle> file_;
};

}  // namespace mkt::data
