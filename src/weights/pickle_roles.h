#pragma once
// The short list: which globals a pickle may name.

#include <c10/core/ScalarType.h>

#include <string>

namespace mkt::weights {

/// What a global of the list stands for.
enum class Role : int {
  kDict,
  kFirstArgument,  // wrappers whose argument is the data
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
  kInert,  // a class whose objects are kept as attributes, and never asked anything
};

/// The role of a global ("torch._utils._rebuild_tensor_v2"), or -1 where it is not on the list.
int role_of(const std::string& name);

/// The dtype of a storage class, which has the role kStorageType.
c10::ScalarType storage_dtype(const std::string& name);

}  // namespace mkt::weights
