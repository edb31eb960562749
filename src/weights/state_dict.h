#pragma once
// Where in a checkpoint the named tensors are.

#include <map>
#include <string>

#include "weights/pickle.h"

namespace mkt::weights {

/// The tensors of the state dict that `root` is or holds, by dotted name. Modules of TorchScript count as the
/// dicts of their attributes. Throws c10::Error naming `path` where there is none.
std::map<std::string, const TensorSpec*> find_state_dict(const Value& root, const std::string& path);

}  // namespace mkt::weights
