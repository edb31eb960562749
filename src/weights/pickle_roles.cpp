#include "weights/pickle_roles.h"

#include <array>
#include <string_view>

#include "core/text.h"
#include "weights/dtypes.h"

namespace mkt::weights {
namespace {

constexpr std::string_view kTorch = "torch.";

struct Known {
  std::string_view name;
  Role role;
};

constexpr std::array<Known, 33> kKnown{{
    {"collections.OrderedDict", Role::kDict},
    {"builtins.dict", Role::kDict},
    {"__builtin__.dict", Role::kDict},
    {"builtins.set", Role::kSet},
    {"__builtin__.set", Role::kSet},
    {"builtins.list", Role::kList},
    {"torch.Size", Role::kFirstArgument},
    {"torch._utils._rebuild_parameter", Role::kFirstArgument},
    {"torch._utils._rebuild_parameter_with_state", Role::kFirstArgument},
    {"torch.jit._pickle.build_intlist", Role::kFirstArgument},
    {"torch.jit._pickle.build_doublelist", Role::kFirstArgument},
    {"torch.jit._pickle.build_boollist", Role::kFirstArgument},
    {"torch.jit._pickle.build_tensorlist", Role::kFirstArgument},
    {"torch.jit._pickle.restore_type_tag", Role::kFirstArgument},
    {"torch._utils._rebuild_tensor", Role::kTensor},
    {"torch._utils._rebuild_tensor_v2", Role::kTensor},
    {"numpy.core.multiarray._reconstruct", Role::kReconstruct},
    {"numpy._core.multiarray._reconstruct", Role::kReconstruct},
    {"numpy.ndarray", Role::kNdarray},
    {"numpy.dtype", Role::kDtype},
    {"numpy.core.multiarray.scalar", Role::kScalar},
    {"numpy._core.multiarray.scalar", Role::kScalar},
    {"numpy.core.numeric._frombuffer", Role::kFromBuffer},
    {"numpy._core.numeric._frombuffer", Role::kFromBuffer},
    {"_codecs.encode", Role::kEncode},
    {"copyreg._reconstructor", Role::kReconstructor},
    {"copy_reg._reconstructor", Role::kReconstructor},
    {"builtins.object", Role::kInert},
    {"__builtin__.object", Role::kInert},
    {"argparse.Namespace", Role::kInert},
    {"pathlib.PosixPath", Role::kInert},
    {"pathlib.WindowsPath", Role::kInert},
    {"torch.device", Role::kInert},
}};

}  // namespace

int role_of(const std::string& name) {
  for (const Known& known : kKnown) {
    if (known.name == name) return static_cast<int>(known.role);
  }
  if (starts_with(name, "__torch__.")) return static_cast<int>(Role::kInert);
  if (!starts_with(name, kTorch)) return -1;
  const std::string_view rest = std::string_view(name).substr(kTorch.size());
  if (dtype_of_storage(rest) != nullptr) return static_cast<int>(Role::kStorageType);
  return dtype_of_torch(rest) != nullptr ? static_cast<int>(Role::kTorchDtype) : -1;
}

c10::ScalarType storage_dtype(const std::string& name) {
  return dtype_of_storage(std::string_view(name).substr(kTorch.size()))->type;
}

}  // namespace mkt::weights
