#pragma once
// A restricted unpickler: reads Python pickles of protocols 0 to 5 as plain data.
//
// No object is constructed and no code runs. A pickle may use only the globals on an allowlist (containers,
// PyTorch's tensors and storages, NumPy's arrays, TorchScript's modules, a few inert classes); any other
// global causes an error that names it. Memory is bounded in proportion to the pickle's size, and no function
// is recursive. Source: CPython's Lib/pickletools.py, which documents every opcode.

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mkt::weights {

/// Description of a storage in a checkpoint; the storage's bytes are elsewhere in the file.
struct StorageSpec {
  c10::ScalarType dtype = c10::ScalarType::Byte;
  std::string key;
  std::int64_t numel = 0;        ///< number of elements in the storage
  std::int64_t view_offset = 0;  ///< index of the view's first element (views: files before PyTorch 1.6)
  std::int64_t view_numel = 0;   ///< number of elements in the view; numel if there is no view
};

/// Description of a tensor in a checkpoint. Offset, sizes and strides are integers but otherwise unchecked.
struct TensorSpec {
  const StorageSpec* storage = nullptr;
  std::int64_t offset = 0;  ///< in elements
  std::vector<std::int64_t> sizes;
  std::vector<std::int64_t> strides;
};

/// A node in a pickle's data graph.
struct Value {
  enum class Kind {
    kNone,
    kBool,     ///< uses integer
    kInt,      ///< uses integer
    kBigInt,   ///< uses text: more than 8 bytes, little-endian two's complement
    kFloat,    ///< uses real
    kString,   ///< uses text (UTF-8)
    kBytes,    ///< uses text
    kList,     ///< uses items; a set is an unordered list
    kTuple,    ///< uses items
    kDict,     ///< uses items: key, value, key, value, …
    kObject,   ///< uses text (class name) and items (attributes, stored as in a dict)
    kGlobal,   ///< uses text: "module.name"
    kStorage,  ///< uses storage
    kTensor,   ///< uses tensor
    kDtype,    ///< a NumPy dtype: uses text ("U28") and integer (1 if big-endian)
    kArray,    ///< a NumPy array: uses shape, dtype, and text (raw data) or items (objects)
  };

  Kind kind = Kind::kNone;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;
  std::vector<Value*> items;
  bool unordered = false;  ///< whether a list was written as a set
  std::vector<std::int64_t> shape;
  const Value* dtype = nullptr;
  std::unique_ptr<StorageSpec> storage;
  std::unique_ptr<TensorSpec> tensor;
};

/// Returns a kind's name for error messages: "a dict", "a string", …
std::string kind_name(Value::Kind kind);

/// Finds the value with the string key `key` in a dict or in an object's attributes; nullptr if there is
/// none. The last value set for a key is returned.
const Value* find(const Value& dict, std::string_view key);

/// A parsed pickle. Owns its nodes, which may form cycles.
struct Pickle {
  std::deque<Value> nodes;
  Value* root = nullptr;
  std::size_t end = 0;  ///< offset of the byte after the STOP opcode
};

/// Parses the pickle at the start of `bytes`; bytes after the pickle are ignored. Every error message begins
/// with `where` (the file). Throws c10::Error if the pickle is truncated, malformed, or contains anything
/// except plain data.
Pickle parse_pickle(std::string_view bytes, const std::string& where);

}  // namespace mkt::weights
