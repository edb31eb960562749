#pragma once
// A restricted unpickler: Python pickles, protocols 0 to 5, read as plain data.
//
// No object is constructed and no code runs. A pickle may name only the globals of a short list (containers,
// PyTorch's tensors and storages, NumPy's arrays, TorchScript's modules, a few inert classes); another one is
// an error that names it. Memory is bounded by the pickle's size, and nothing here recurses.
// Source: CPython's Lib/pickletools.py, which documents every opcode.

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mkt::weights {

/// A storage as a checkpoint refers to it; its bytes are elsewhere in the file.
struct StorageSpec {
  c10::ScalarType dtype = c10::ScalarType::Byte;
  std::string key;
  std::int64_t numel = 0;        ///< elements of the whole storage
  std::int64_t view_offset = 0;  ///< first element, where this is a view of it (before PyTorch 1.6)
  std::int64_t view_numel = 0;   ///< elements of the view; numel where this is none
};

/// A tensor as a checkpoint describes it; nothing but the types checked.
struct TensorSpec {
  const StorageSpec* storage = nullptr;
  std::int64_t offset = 0;  ///< elements
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;
};

/// A node of what a pickle holds.
struct Value {
  enum class Kind {
    kNone,
    kBool,     ///< integer
    kInt,      ///< integer
    kBigInt,   ///< text: two's complement, little-endian, more than 8 bytes
    kFloat,    ///< real
    kString,   ///< text, UTF-8
    kBytes,    ///< text
    kList,     ///< items (sets too)
    kTuple,    ///< items
    kDict,     ///< items: key, value, key, value, …
    kObject,   ///< text: its class; items: its attributes, as a dict's
    kGlobal,   ///< text: "module.name"
    kStorage,  ///< storage
    kTensor,   ///< tensor
    kDtype,    ///< text: NumPy's, for example "U28"; integer: whether big-endian
    kArray,    ///< NumPy's. text: raw data, or items: objects; shape; dtype
  };

  Kind kind = Kind::kNone;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;
  std::vector<Value*> items;
  std::vector<std::int64_t> shape;
  const Value* dtype = nullptr;
  std::unique_ptr<StorageSpec> storage;
  std::unique_ptr<TensorSpec> tensor;
};

/// What a value is, for messages: "a dict", "a string", …
std::string kind_name(Value::Kind kind);

/// The value of the string key `key` in a dict or an object's attributes (the last one set), or nullptr.
const Value* find(const Value& dict, std::string_view key);

/// A parsed pickle. The nodes belong to it; they may form cycles.
struct Pickle {
  std::deque<Value> nodes;
  Value* root = nullptr;
  std::size_t end = 0;  ///< offset behind its STOP
};

/// The pickle at the start of `bytes`; what follows it is not looked at. `where` (the file) begins every
/// message. Throws c10::Error where it is cut off, malformed, or asks for anything beyond plain data.
Pickle parse_pickle(std::string_view bytes, const std::string& where);

}  // namespace mkt::weights
