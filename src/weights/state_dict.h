#pragma once
// Finds the named tensors in a checkpoint.

#include <map>
#include <string>

#include "weights/pickle.h"

namespace mkt::weights {

/// The tensors of the state dict that `root` is or contains, by dotted name. TorchScript modules count as the
/// dicts of their attributes. Throws c10::Error that names `path` if there are none.
std::map<std::string, const TensorSpec*> find_state_dict(const Value& root, const std::string& path);

}  // namespace mkt::weights
