#pragma once
// Named sets of labels.

#include <cstdint>
#include <string>
#include <vector>

namespace mkt::data {

/// Some of a data set's labels that evaluation compares among themselves, beside the unseen ones and all.
struct LabelSet {
  std::string name;
  std::vector<std::int64_t> labels;  ///< numbers: of seen labels, then of unseen ones
};

}  // namespace mkt::data
