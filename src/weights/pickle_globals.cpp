#include <c10/util/Exception.h>
#include <fmt/core.h>

#include <utility>

#include "weights/pickle_roles.h"
#include "weights/pickle_text.h"
#include "weights/unpickler.h"

// Implements the allowlisted globals: each makes plain data instead of the object that Python would
// construct.
namespace mkt::weights {
namespace {

using Kind = Value::Kind;

bool is_global(const Value& value, Role role) {
  return value.kind == Kind::kGlobal && value.integer == static_cast<std::int64_t>(role);
}

}  // namespace

Value* Unpickler::global(const std::string& module, const std::string& name) {
  const std::string full = fmt::format("{}.{}", module, name);
  const int role = role_of(full);
  TORCH_CHECK(role >= 0, where_, ": expected plain data, got a pickle that names '", full,
              "'. None of it was executed. If you trust the file, save it again without that object.");
  Value* value = make_text(Kind::kGlobal, full);
  value->integer = role;
  return value;
}

Value* Unpickler::reduce(const Value& callable, const Value& arguments) {
  if (callable.kind != Kind::kGlobal) fail(fmt::format("the pickle calls {}", kind_name(callable.kind)));
  if (arguments.kind != Kind::kTuple) fail("the pickle makes a call without arguments");
  switch (static_cast<Role>(callable.integer)) {
    case Role::kDict:
      return make_dict(arguments);
    case Role::kList:
      return arguments.items.empty() ? make(Kind::kList) : arguments.items[0];
    case Role::kSet:
      return set_of(arguments);
    case Role::kFirstArgument:
      if (arguments.items.empty()) fail(fmt::format("the pickle calls {} without arguments", callable.text));
      return arguments.items[0];
    case Role::kTensor:
      return make_tensor(arguments);
    case Role::kEncode:
      return encode(arguments);
    case Role::kReconstructor:
      return make_object(item(arguments, 0, Kind::kGlobal));
    case Role::kInert:
      return make_object(callable);
    default:
      return reduce_numpy(callable, arguments);
  }
}

Value* Unpickler::reduce_numpy(const Value& callable, const Value& arguments) {
  switch (static_cast<Role>(callable.integer)) {
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
    default:
      fail(fmt::format("the pickle calls {}", callable.text));
  }
}

/// Implements set() and set([value, …]).
Value* Unpickler::set_of(const Value& arguments) {
  if (arguments.items.empty()) return make_set({});
  Value* values = arguments.items[0];
  if (values->kind != Kind::kList) return values;
  charge(8 * values->items.size());
  return make_set(values->items);
}

/// Implements dict() and dict([(key, value), …]).
Value* Unpickler::make_dict(const Value& arguments) {
  Value* dict = make(Kind::kDict);
  if (arguments.items.empty()) return dict;
  const Value& pairs = *arguments.items[0];
  if (pairs.kind != Kind::kList) fail("the pickle makes a dict from a value that is not a list");
  charge(16 * pairs.items.size());
  for (const Value* pair : pairs.items) {
    const bool two = (pair->kind == Kind::kTuple || pair->kind == Kind::kList) && pair->items.size() == 2;
    if (!two) fail("the pickle makes a dict from items that are not pairs");
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
    fail(fmt::format("the pickle has a NumPy array of {} and {}", kind_name(dtype.kind),
                     kind_name(data.kind)));
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
  if (!is_global(type, Role::kInert)) fail(fmt::format("the pickle makes an object of {}", type.text));
  return make_text(Kind::kObject, type.text);
}

/// Implements encode("…", "latin1"), which represents bytes in protocols 0 to 2.
Value* Unpickler::encode(const Value& arguments) {
  const std::string& codec = item(arguments, 1, Kind::kString).text;
  if (codec != "latin1" && codec != "latin-1") fail(fmt::format("the pickle encodes as {}", codec));
  std::string bytes;
  if (!to_latin1(item(arguments, 0, Kind::kString).text, &bytes)) fail("the pickle has malformed bytes");
  return make_text(Kind::kBytes, std::move(bytes));
}

/// Resolves a persistent id to a storage: ("storage", type, key, location, numel), followed before PyTorch
/// 1.6 by a view (key, offset, numel) or None.
Value* Unpickler::persistent(const Value& id) {
  if (id.kind != Kind::kTuple || id.items.size() < 5) fail("the pickle refers to an external object");
  const Value& type = item(id, 1, Kind::kGlobal);
  if (item(id, 0, Kind::kString).text != "storage" || !is_global(type, Role::kStorageType)) {
    fail(fmt::format("the pickle has {} in place of a storage", type.text));
  }
  auto storage = std::make_unique<StorageSpec>();
  storage->dtype = storage_dtype(type.text);
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
    case Kind::kDict:    // an OrderedDict's attribute _metadata is ignored
    case Kind::kTensor:  // a parameter's attributes are ignored
      return;
    case Kind::kObject:
      return build_object(object, state);
    case Kind::kArray:
      return build_array(object, state);
    case Kind::kDtype:  // state: (version, byte order, …)
      object->integer = item(state, 1, Kind::kString).text == ">" ? 1 : 0;
      return;
    default:
      fail(fmt::format("the pickle sets the state of {}", kind_name(object->kind)));
  }
}

/// Sets an object's attributes. `state` is a dict of attributes, or a pair (dict of attributes or None, dict
/// of slots).
void Unpickler::build_object(Value* object, const Value& state) {
  std::vector<const Value*> parts{&state};
  if (state.kind == Kind::kTuple) parts.assign(state.items.begin(), state.items.end());
  for (const Value* part : parts) {
    if (part->kind == Kind::kNone) continue;
    if (part->kind != Kind::kDict)
      fail(fmt::format("the pickle sets {} to {}", object->text, kind_name(part->kind)));
    charge(8 * part->items.size());
    object->items.insert(object->items.end(), part->items.begin(), part->items.end());
  }
}

/// Sets an array's content. `state` is (version, shape, dtype, Fortran order, data).
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
    fail(fmt::format("expected {} for argument {} of a call, got {}", kind_name(kind), i,
                     kind_name(value.kind)));
  }
  return value;
}

std::vector<std::int64_t> Unpickler::integers(const Value& tuple) const {
  constexpr std::size_t kMostDimensions = 64;
  if (tuple.kind != Kind::kTuple && tuple.kind != Kind::kList)
    fail("the pickle has a shape that is not a tuple");
  if (tuple.items.size() > kMostDimensions)
    fail(fmt::format("the pickle has a shape of {} numbers", tuple.items.size()));
  std::vector<std::int64_t> numbers;
  for (const Value* value : tuple.items) {
    if (value->kind != Kind::kInt) fail(fmt::format("the pickle has {} in a shape", kind_name(value->kind)));
    numbers.push_back(value->integer);
  }
  return numbers;
}

}  // namespace mkt::weights
