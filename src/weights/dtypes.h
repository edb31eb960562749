#pragma once
// Names of dtypes in file formats.

#include <c10/core/ScalarType.h>

#include <string_view>

namespace mkt::weights {

/// A dtype and its names.
struct DtypeNames {
  c10::ScalarType type;
  std::string_view storage;      ///< class of the storage in PyTorch's pickles: "FloatStorage"
  std::string_view torch;        ///< in PyTorch: "float32"
  std::string_view safetensors;  ///< in safetensors headers: "F32"
};

/// Each finds a dtype by one of its names, or returns nullptr.
const DtypeNames* dtype_of_storage(std::string_view name);
const DtypeNames* dtype_of_torch(std::string_view name);
const DtypeNames* dtype_of_safetensors(std::string_view name);
const DtypeNames* dtype_names(c10::ScalarType type);

}  // namespace mkt::weights
