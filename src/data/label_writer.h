#pragma once
// Writes label vectors to an HDF5 file with one integer data set per image, as label_file.h reads them.

#include "mkt/torch.h"

#include <memory>
#include <string>

namespace mkt::data {

/// Builds a label file in memory.
class LabelWriter {
 public:
  /// Throws c10::Error if HDF5 cannot allocate memory.
  LabelWriter();
  ~LabelWriter();
  LabelWriter(const LabelWriter&) = delete;
  LabelWriter& operator=(const LabelWriter&) = delete;

  /// Adds a label vector (C) int8 under `key`. Throws ValueError naming the key if it exists already or
  /// contains a slash, or if `labels` has another shape or dtype.
  void add(const std::string& key, const torch::Tensor& labels);

  /// Writes the file. Atomic (write_atomically); the same keys and labels in the same order produce the same
  /// bytes.
  void write(const std::string& path) const;

 private:
  struct Handle;
  std::unique_ptr<Handle> file_;
};

}  // namespace mkt::data
