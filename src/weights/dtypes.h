#pragma once
// The names that file formats have for dtypes.

#include <c10/core/ScalarType.h>

#include <string_view>

namespace mkt::weights {

struct DtypeNames {
  c10::ScalarType type;
  std::string_view storage;      ///< class of the storage in torch's pickles: "FloatStorage"
  std::string_view torch;        ///< "float32"
  std::string_view safetensors;  ///< "F32"
};

/// Each returns nullptr where there is none.
const DtypeNames* dtype_of_storage(std::string_view name);
const DtypeNames* dtype_of_torch(std::string_view name);
const DtypeNames* dtype_of_safetensors(std::string_view name);
const DtypeNames* dtype_names(c10::ScalarType type);

}  // namespace mkt::weights
