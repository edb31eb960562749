#include "weights/dtypes.h"

#include <array>

#include "weights/dtype_name.h"

namespace mkt::weights {
namespace {

using c10::ScalarType;

constexpr std::array<DtypeNames, 10> kDtypes{{
    {ScalarType::Float, "FloatStorage", "float32", "F32"},
    {ScalarType::Double, "DoubleStorage", "float64", "F64"},
    {ScalarType::Half, "HalfStorage", "float16", "F16"},
    {ScalarType::BFloat16, "BFloat16Storage", "bfloat16", "BF16"},
    {ScalarType::Long, "LongStorage", "int64", "I64"},
    {ScalarType::Int, "IntStorage", "int32", "I32"},
    {ScalarType::Short, "ShortStorage", "int16", "I16"},
    {ScalarType::Char, "CharStorage", "int8", "I8"},
    {ScalarType::Byte, "ByteStorage", "uint8", "U8"},
    {ScalarType::Bool, "BoolStorage", "bool", "BOOL"},
}};

template <typename Matches>
const DtypeNames* first(Matches matches) {
  for (const DtypeNames& names : kDtypes) {
    if (matches(names)) return &names;
  }
  return nullptr;
}

}  // namespace

const DtypeNames* dtype_of_storage(std::string_view name) {
  return first([&](const DtypeNames& names) { return names.storage == name; });
}

const DtypeNames* dtype_of_torch(std::string_view name) {
  return first([&](const DtypeNames& names) { return names.torch == name; });
}

const DtypeNames* dtype_of_safetensors(std::string_view name) {
  return first([&](const DtypeNames& names) { return names.safetensors == name; });
}

const DtypeNames* dtype_names(c10::ScalarType type) {
  return first([&](const DtypeNames& names) { return names.type == type; });
}

std::string dtype_name(c10::ScalarType type) {
  const DtypeNames* names = dtype_names(type);
  return names == nullptr ? c10::toString(type) : std::string(names->torch);
}

}  // namespace mkt::weights
