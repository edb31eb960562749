#pragma once
// Helpers that craft checkpoints byte by byte, with contents that no writer produces.

#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "support/files.h"
#include "weights/zip_archive.h"

namespace mkt::test {

/// Pickles a value, without the STOP opcode. An integer is written as LONG1.
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

/// The fields that torch.save writes for a tensor.
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

/// Pickles a dict with string keys; the values are already pickled.
inline std::string pickled(const std::map<std::string, std::string>& items) {
  std::string text = "}(";
  for (const auto& [key, value] : items) text += pickled(key) + value;
  return text + "u";
}

/// Contents of a zip archive's records, keyed by record name.
using Records = std::map<std::string, std::string>;

/// Writes `records` to a zip archive in the temporary folder; returns its path, which ends in `name`.
inline std::string write_archive(const std::string& name, const Records& records) {
  std::ostringstream out;
  weights::ZipWriter zip(out);
  for (const auto& [record, bytes] : records) zip.add(record, bytes);
  zip.finish();
  return write_file(temporary(name), out.str());
}

/// Writes a checkpoint with the pickle `body` (without the STOP opcode), the six floats 0 … 5 as storage "0",
/// and the records `others`, which may replace that storage; returns its path.
inline std::string write_checkpoint(const std::string& name, const std::string& body, Records others = {}) {
  const float values[] = {0, 1, 2, 3, 4, 5};
  others["x/data.pkl"] = "\x80\x02" + body + ".";
  others.emplace("x/data/0", std::string(reinterpret_cast<const char*>(values), sizeof values));
  return write_archive(name, others);
}

}  // namespace mkt::test
