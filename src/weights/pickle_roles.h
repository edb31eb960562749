#pragma once
// The allowlist of globals that a pickle may name.

#include <c10/core/ScalarType.h>

#include <string>

namespace mkt::weights {

/// What an allowlisted global stands for.
enum class Role : int {
  kDict,
  kFirstArgument,  ///< a wrapper whose first argument is the data
  kList,
  kTensor,
  kStorageType,
  kTorchDtype,
  kReconstruct,
  kNdarray,
  kDtype,
  kScalar,
  kFromBuffer,
  kEncode,
  kReconstructor,
  kInert,  ///< a class whose objects are kept as their attributes and never used
};

/// The role of a global ("torch._utils._rebuild_tensor_v2"), or -1 if it is not on the list.
int role_of(const std::string& name);

/// The dtype of a storage class: a global of role kStorageType.
c10::ScalarType storage_dtype(const std::string& name);

}  // namespace mkt::weights
