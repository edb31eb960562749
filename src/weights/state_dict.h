#pragma once
// Finds the named tensors in a checkpoint.

#include <map>
#include <string>

#include "weights/pickle.h"

namespace mkt::weights {

/// Finds the state dict in `root` (`root` itself or a nested dict) and returns its tensors by dotted name. A
/// TorchScript module is treated as a dict of its attributes. Throws c10::Error that names `path` if there
/// are no tensors.
std::map<std::string, const TensorSpec*> find_state_dict(const Value& root, const std::string& path);

}  // namespace mkt::weights
