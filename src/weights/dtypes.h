#pragma once
// Dtype names in file formats.

#include <c10/core/ScalarType.h>

#include <string_view>

namespace mkt::weights {

/// A dtype and its names.
struct DtypeNames {
  c10::ScalarType type;
  std::string_view storage;      ///< storage class in PyTorch's pickles: "FloatStorage"
  std::string_view torch;        ///< name in PyTorch: "float32"
  std::string_view safetensors;  ///< name in safetensors headers: "F32"
};

/// Find a dtype by its name in the respective format; return nullptr if the name is unknown.
const DtypeNames* dtype_of_storage(std::string_view name);
const DtypeNames* dtype_of_torch(std::string_view name);
const DtypeNames* dtype_of_safetensors(std::string_view name);
const DtypeNames* dtype_names(c10::ScalarType type);

}  // namespace mkt::weights
