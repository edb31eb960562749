#pragma once
// Allowlist of the globals that a pickle may use.

#include <c10/core/ScalarType.h>

#include <string>

namespace mkt::weights {

/// Meaning of an allowlisted global.
enum class Role : int {
  kDict,
  kFirstArgument,  ///< a wrapper whose first argument is the data
  kList,
  kSet,
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
  kInert,  ///< a class whose objects are stored as their attributes and never used
};

/// Returns the role of a global (for example "torch._utils._rebuild_tensor_v2"), or -1 if it is not on the
/// allowlist.
int role_of(const std::string& name);

/// Returns the dtype of a storage class, which must be a global with the role kStorageType.
c10::ScalarType storage_dtype(const std::string& name);

}  // namespace mkt::weights
