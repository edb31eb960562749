#pragma once
// Checkpoints crafted byte by byte, with contents that no writer produces.

#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "support/files.h"
#include "weights/zip_archive.h"

namespace mkt::test {

/// The pickle of a value; an integer as LONG1.
inline std::string pickled(std::int64_t value) {
  std::string text = "\x8a\x08";
  for (int shift = 0; shift < 64; shift += 8) {
    text.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> shift & 0xFF));
  }
  return text;
}

inline std::string pickled(const std::string& value) {
  return "U" + std::string(1, static_cast<char>(value.size())) + value;
}

inline std::string pickled(const std::vector<std::int64_t>& values) {
  std::string text = "(";
  for (const std::int64_t value : values) text += pickled(value);
  return text + "t";
}

/// A tensor as torch.save describes it.
struct Described {
  std::string storage_class = "torch\nFloatStorage";
  std::string key = "0";
  std::int64_t storage_numel = 6;
  std::int64_t offset = 0;
  std::vector<std::int64_t> sizes = {2, 3};
  std::vector<std::int64_t> strides = {3, 1};
};

inline std::string pickled(const Described& tensor) {
  const std::string storage = pickled(std::string("storage")) + "c" + tensor.storage_class + "\n" +
                              pickled(tensor.key) + pickled(std::string("cpu")) +
                              pickled(tensor.storage_numel);
  return "ctorch._utils\n_rebuild_tensor_v2\n((" + storage + "tQ" + pickled(tensor.offset) +
         pickled(tensor.sizes) + pickled(tensor.strides) + "\x89" + "ccollections\nOrderedDict\n)RtR";
}

/// A dict with string keys; the values are pickled already.
inline std::string pickled(const std::map<std::string, std::string>& items) {
  std::string text = "}(";
  for (const auto& [key, value] : items) text += pickled(key) + value;
  return text + "u";
}

/// The records of a zip archive by name.
using Records = std::map<std::string, std::string>;

/// Writes a zip archive of `records`; returns its path, which ends in `name`.
inline std::string write_archive(const std::string& name, const Records& records) {
  std::ostringstream out;
  weights::ZipWriter zip(out);
  for (const auto& [record, bytes] : records) zip.add(record, bytes);
  zip.finish();
  return write_file(temporary(name), out.str());
}

/// Writes a checkpoint with the pickle `body` (without its STOP) and storage 0 of the six floats 0 … 5;
/// returns its path.
inline std::string write_checkpoint(const std::string& name, const std::string& body, Records others = {}) {
  const float values[] = {0, 1, 2, 3, 4, 5};
  others["x/data.pkl"] = "\x80\x02" + body + ".";
  others.emplace("x/data/0", std::string(reinterpret_cast<const char*>(values), sizeof values));
  return write_archive(name, others);
}

}  // namespace mkt::test
