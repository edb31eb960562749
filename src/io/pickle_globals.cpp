#include <c10/util/Exception.h>

#include <array>
#include <utility>

#include "dtypes.h"
#include "mkt/core/text.h"
#include "pickle_text.h"
#include "unpickler.h"

// The short list: which globals a pickle may name, and the plain data that stands for what they would make.
namespace mkt::io {
namespace {

using Kind = Value::Kind;

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

constexpr std::string_view kTorch = "torch.";

struct Known {
  std::string_view name;
  Role role;
};

constexpr std::array<Known, 33> kKnown{{
    {"collections.OrderedDict", Role::kDict},
    {"builtins.dict", Role::kDict},
    {"__builtin__.dict", Role::kDict},
    {"builtins.set", Role::kList},
    {"__builtin__.set", Role::kList},
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

/// The role of a global, or -1 where it is not on the list.
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

/// The dtype of a storage class.
c10::ScalarType storage_dtype(const Value& global) {
  return dtype_of_storage(std::string_view(global.text).substr(kTorch.size()))->type;
}

bool is_global(const Value& value, Role role) {
  return value.kind == Kind::kGlobal && value.integer == static_cast<std::int64_t>(role);
}

}  // namespace

Value* Unpickler::global(const std::string& module, const std::string& name) {
  const std::string full = cat(module, ".", name);
  const int role = role_of(full);
  TORCH_CHECK(
      role >= 0, where_, ": expected plain data, got a pickle that names '", full,
      "'. Nothing of it was run; use the file only if you know why it is there, saved anew without it.");
  Value* value = make_text(Kind::kGlobal, full);
  value->integer = role;
  return value;
}

Value* Unpickler::reduce(const Value& callable, const Value& arguments) {
  if (callable.kind != Kind::kGlobal) fail(cat("the pickle calls ", kind_name(callable.kind)));
  if (arguments.kind != Kind::kTuple) fail("the pickle makes a call without arguments");
  switch (static_cast<Role>(callable.integer)) {
    case Role::kDict:
      return make_dict(arguments);
    case Role::kList:
      return arguments.items.empty() ? make(Kind::kList) : arguments.items[0];
    case Role::kFirstArgument:
      if (arguments.items.empty()) fail(cat("the pickle calls ", callable.text, " without arguments"));
      return arguments.items[0];
    case Role::kTensor:
      return make_tensor(arguments);
    case Role::kReconstruct:
    case Role::kNdarray:
      return make(Kind::kArray);
    case Role::kDtype:
      return make_text(Kind::kDtype, item(arguments, 0, Kind::kString).text);
    case Role::kScalar:
      if (arguments.items.size() != 2) fail("the pickle has a malformed NumPy scalar");
      return make_array(nullptr, *arguments.items[0], *arguments.items[1]);
    case Role::kFromBuffer:
      if (arguments.items.size() < 3) fail("the pickle has a malformed NumPy array");
      return make_array(arguments.items[2], *arguments.items[1], *arguments.items[0]);
    case Role::kEncode:
      return encode(arguments);
    case Role::kReconstructor:
      return make_object(item(arguments, 0, Kind::kGlobal));
    case Role::kInert:
      return make_object(callable);
    case Role::kStorageType:
    case Role::kTorchDtype:
      break;
  }
  fail(cat("the pickle calls ", callable.text));
}

/// dict() or dict([(key, value), …]).
Value* Unpickler::make_dict(const Value& arguments) {
  Value* dict = make(Kind::kDict);
  if (arguments.items.empty()) return dict;
  const Value& pairs = *arguments.items[0];
  if (pairs.kind != Kind::kList) fail("the pickle makes a dict of what is no list");
  charge(16 * pairs.items.size());
  for (const Value* pair : pairs.items) {
    const bool two = (pair->kind == Kind::kTuple || pair->kind == Kind::kList) && pair->items.size() == 2;
    if (!two) fail("the pickle makes a dict of what are no pairs");
    dict->items.insert(dict->items.end(), pair->items.begin(), pair->items.end());
  }
  return dict;
}

Value* Unpickler::make_tensor(const Value& arguments) {
  const Value& storage = item(arguments, 0, Kind::kStorage);
  auto tensor = std::make_unique<TensorSpec>();
  tensor->storage = storage.storage.get();
  tensor->offset = item(arguments, 1, Kind::kInt).integer;
  tensor->sizes = integers(item(arguments, 2, Kind::kTuple));
  tensor->strides = integers(item(arguments, 3, Kind::kTuple));
  Value* value = make(Kind::kTensor);
  value->tensor = std::move(tensor);
  return value;
}

Value* Unpickler::make_array(const Value* shape, const Value& dtype, const Value& data) {
  const bool raw = data.kind == Kind::kBytes || data.kind == Kind::kString;
  if (dtype.kind != Kind::kDtype || (!raw && data.kind != Kind::kList)) {
    fail(cat("the pickle has a NumPy array of ", kind_name(dtype.kind), " and ", kind_name(data.kind)));
  }
  charge(data.text.size() + 8 * data.items.size());
  Value* array = make(Kind::kArray);
  array->dtype = &dtype;
  array->text = data.text;
  array->items = data.items;
  if (shape != nullptr) array->shape = integers(*shape);
  return array;
}

Value* Unpickler::make_object(const Value& type) {
  if (!is_global(type, Role::kInert)) fail(cat("the pickle makes an object of ", type.text));
  return make_text(Kind::kObject, type.text);
}

/// How protocols 0 to 2 spell bytes: encode("…", "latin1").
Value* Unpickler::encode(const Value& arguments) {
  const std::string& codec = item(arguments, 1, Kind::kString).text;
  if (codec != "latin1" && codec != "latin-1") fail(cat("the pickle encodes as ", codec));
  std::string bytes;
  if (!to_latin1(item(arguments, 0, Kind::kString).text, &bytes)) fail("the pickle has malformed bytes");
  return make_text(Kind::kBytes, std::move(bytes));
}

/// ("storage", type, key, location, numel) and, before PyTorch 1.6, a view (key, offset, numel) or None.
Value* Unpickler::persistent(const Value& id) {
  if (id.kind != Kind::kTuple || id.items.size() < 5) fail("the pickle refers to something outside of it");
  const Value& type = item(id, 1, Kind::kGlobal);
  if (item(id, 0, Kind::kString).text != "storage" || !is_global(type, Role::kStorageType)) {
    fail(cat("the pickle has ", type.text, " for a storage"));
  }
  auto storage = std::make_unique<StorageSpec>();
  storage->dtype = storage_dtype(type);
  storage->key = item(id, 2, Kind::kString).text;
  storage->numel = storage->view_numel = item(id, 4, Kind::kInt).integer;
  if (id.items.size() > 5 && id.items[5]->kind != Kind::kNone) {
    const Value& view = item(id, 5, Kind::kTuple);
    storage->view_offset = item(view, 1, Kind::kInt).integer;
    storage->view_numel = item(view, 2, Kind::kInt).integer;
  }
  charge(storage->key.size());
  Value* value = make(Kind::kStorage);
  value->storage = std::move(storage);
  return value;
}

void Unpickler::build(Value* object, const Value& state) {
  switch (object->kind) {
    case Kind::kDict:    // an OrderedDict's attributes: _metadata
    case Kind::kTensor:  // a parameter's
      return;
    case Kind::kObject:
      return build_object(object, state);
    case Kind::kArray:
      return build_array(object, state);
    case Kind::kDtype:  // (version, byte order, …)
      object->integer = item(state, 1, Kind::kString).text == ">" ? 1 : 0;
      return;
    default:
      fail(cat("the pickle sets the state of ", kind_name(object->kind)));
  }
}

/// A dict of attributes, or (such a dict or None, one of slots).
void Unpickler::build_object(Value* object, const Value& state) {
  std::vector<const Value*> parts{&state};
  if (state.kind == Kind::kTuple) parts.assign(state.items.begin(), state.items.end());
  for (const Value* part : parts) {
    if (part->kind == Kind::kNone) continue;
    if (part->kind != Kind::kDict) fail(cat("the pickle sets ", object->text, " to ", kind_name(part->kind)));
    charge(8 * part->items.size());
    object->items.insert(object->items.end(), part->items.begin(), part->items.end());
  }
}

/// (version, shape, dtype, whether Fortran order, data)
void Unpickler::build_array(Value* array, const Value& state) {
  if (state.kind != Kind::kTuple || state.items.size() != 5) fail("the pickle has a malformed NumPy array");
  const Value* made = make_array(state.items[1], *state.items[2], *state.items[4]);
  array->shape = made->shape;
  array->dtype = made->dtype;
  array->text = made->text;
  array->items = made->items;
}

const Value& Unpickler::item(const Value& tuple, std::size_t i, Kind kind) const {
  if (tuple.kind != Kind::kTuple || tuple.items.size() <= i)
    fail("the pickle makes a call with too few arguments");
  const Value& value = *tuple.items[i];
  if (value.kind != kind) {
    fail(cat("expected ", kind_name(kind), " for argument ", i, " of a call, got ", kind_name(value.kind)));
  }
  return value;
}

std::vector<std::int64_t> Unpickler::integers(const Value& tuple) const {
  constexpr std::size_t kMostDimensions = 64;
  if (tuple.kind != Kind::kTuple && tuple.kind != Kind::kList)
    fail("the pickle has a shape that is no tuple");
  if (tuple.items.size() > kMostDimensions)
    fail(cat("the pickle has a shape of ", tuple.items.size(), " numbers"));
  std::vector<std::int64_t> numbers;
  for (const Value* value : tuple.items) {
    if (value->kind != Kind::kInt) fail(cat("the pickle has ", kind_name(value->kind), " in a shape"));
    numbers.push_back(value->integer);
  }
  return numbers;
}

}  // namespace mkt::io
