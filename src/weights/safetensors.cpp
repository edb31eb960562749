#include "weights/safetensors.h"

#include <c10/util/Exception.h>
#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "io/atomic_file.h"
#include "weights/dtypes.h"

namespace mkt::weights {
namespace {

using Json = nlohmann::json;
constexpr std::size_t kLengthSize = 8;
constexpr std::size_t kAlignment = 64;  // size of a cache line and of the widest vector register
constexpr std::uint64_t kLongestHeader = 100'000'000;  // the format's limit
constexpr const char* kMetadata = "__metadata__";

struct Entry {
  std::string name;
  const DtypeNames* dtype = nullptr;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

[[noreturn]] void fail(const std::string& path, const std::string& what) {
  TORCH_CHECK(false, path, ": ", what, ". Download or write the file again.");
}

Json parse_header(const std::string& path, const io::SharedBytes& file) {
  if (file.size < kLengthSize) fail(path, "the safetensors file is truncated");
  const std::uint64_t length = io::read_little(file.data, kLengthSize);
  if (length > kLongestHeader || !file.fits(kLengthSize, length)) {
    fail(path, fmt::format("the safetensors header claims {} bytes of a file of {}", length, file.size));
  }
  const std::string_view text = file.view().substr(kLengthSize, length);
  Json header = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!header.is_object()) fail(path, "the safetensors header is not a JSON object");
  return header;
}

bool is_size(const Json& value) {
  return value.is_number_unsigned();
}

std::uint64_t byte_size(const Entry& entry, const std::string& path) {
  std::uint64_t size = c10::elementSize(entry.dtype->type);
  for (const std::int64_t length : entry.shape) {
    if (length < 0 || __builtin_mul_overflow(size, static_cast<std::uint64_t>(length), &size)) {
      fail(path, fmt::format("tensor '{}' has an impossible shape", entry.name));
    }
  }
  return size;
}

Entry parse_entry(const std::string& path, const std::string& name, const Json& json) {
  const auto malformed = [&] { fail(path, fmt::format("the safetensors entry '{}' is malformed", name)); };
  if (!json.is_object() || !json.contains("dtype") || !json["dtype"].is_string()) malformed();
  if (!json.contains("shape") || !json["shape"].is_array()) malformed();
  if (!json.contains("data_offsets") || !json["data_offsets"].is_array()) malformed();
  const Json& offsets = json["data_offsets"];
  if (offsets.size() != 2 || !is_size(offsets[0]) || !is_size(offsets[1])) malformed();
  if (!std::all_of(json["shape"].begin(), json["shape"].end(), is_size)) malformed();
  const std::string dtype = json["dtype"].get<std::string>();
  Entry entry{name, dtype_of_safetensors(dtype), json["shape"].get<std::vector<std::int64_t>>(),
              offsets[0].get<std::uint64_t>(), offsets[1].get<std::uint64_t>()};
  if (entry.dtype == nullptr) fail(path, fmt::format("tensor '{}' has the unknown dtype '{}'", name, dtype));
  if (entry.shape.size() > 64) malformed();
  const std::uint64_t size = byte_size(entry, path);
  if (entry.end < entry.begin || entry.end - entry.begin != size) {
    fail(path, fmt::format("tensor '{}': expected {} bytes, got offsets {} to {}", name, size, entry.begin,
                           entry.end));
  }
  return entry;
}

/// Checks that the tensors fill the data section without gaps or overlaps.
void check_cover(const std::string& path, std::vector<Entry> entries, std::uint64_t data_size) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t at = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != at) {
      fail(path,
           fmt::format("tensor '{}': expected its data at offset {}, got {}", entry.name, at, entry.begin));
    }
    at = entry.end;
  }
  if (at != data_size) fail(path, fmt::format("expected {} bytes of data, got {}", at, data_size));
}

torch::Tensor make_tensor(const Entry& entry, const io::SharedBytes& data, const std::string& path) {
  const std::size_t size = entry.end - entry.begin;
  if (size == 0) return torch::empty(entry.shape, entry.dtype->type);
  const io::SharedBytes bytes = data.slice(entry.begin, size);
  const auto is_bool = [](std::uint8_t byte) { return byte <= 1; };
  if (entry.dtype->type == torch::kBool && !std::all_of(bytes.data, bytes.data + size, is_bool)) {
    fail(path, fmt::format("tensor '{}' holds a byte that is neither true nor false", entry.name));
  }
  if (reinterpret_cast<std::uintptr_t>(bytes.data) % c10::elementSize(entry.dtype->type) == 0) {
    return torch::from_blob(
        bytes.data, entry.shape, [owner = bytes.owner](void*) {}, entry.dtype->type);
  }
  torch::Tensor copy = torch::empty(entry.shape, entry.dtype->type);
  std::memcpy(copy.data_ptr(), bytes.data, size);
  return copy;
}

std::map<std::string, std::string> parse_metadata(const std::string& path, const Json& json) {
  std::map<std::string, std::string> metadata;
  if (!json.is_object()) fail(path, "the safetensors metadata is malformed");
  for (const auto& [key, value] : json.items()) {
    if (!value.is_string()) fail(path, fmt::format("the safetensors metadata '{}' is not a string", key));
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

/// Returns the tensor names in writing order: largest element size first, so that each tensor is aligned to
/// its element size.
std::vector<std::string> writing_order(const TensorMap& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  std::stable_sort(names.begin(), names.end(), [&](const std::string& a, const std::string& b) {
    return tensors.at(a).element_size() > tensors.at(b).element_size();
  });
  return names;
}

std::string make_header(const TensorMap& tensors, const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header[kMetadata] = metadata;
  std::uint64_t at = 0;
  for (const std::string& name : writing_order(tensors)) {
    const torch::Tensor& tensor = tensors.at(name);
    const DtypeNames* dtype = dtype_names(tensor.scalar_type());
    TORCH_CHECK_VALUE(dtype != nullptr && name != kMetadata, "tensor '", name,
                      "': expected a name and dtype that safetensors can hold, got ", tensor.scalar_type(),
                      ". Convert it first.");
    const std::uint64_t end = at + tensor.nbytes();
    header[name] = {
        {"dtype", dtype->safetensors}, {"shape", tensor.sizes().vec()}, {"data_offsets", {at, end}}};
    at = end;
  }
  std::string text = header.dump();
  const std::size_t start = (kLengthSize + text.size() + kAlignment - 1) / kAlignment * kAlignment;
  text.resize(start - kLengthSize, ' ');
  return text;
}

}  // namespace

Safetensors load_safetensors(const std::string& path) {
  return parse_safetensors(path, io::map_file(path));
}

Safetensors parse_safetensors(const std::string& path, const io::SharedBytes& file) {
  const Json header = parse_header(path, file);
  const std::size_t start = kLengthSize + static_cast<std::size_t>(io::read_little(file.data, kLengthSize));
  const io::SharedBytes data = file.slice(start, file.size - start);
  Safetensors loaded;
  std::vector<Entry> entries;
  for (const auto& [name, json] : header.items()) {
    if (name == kMetadata) {
      loaded.metadata = parse_metadata(path, json);
    } else {
      entries.push_back(parse_entry(path, name, json));
    }
  }
  check_cover(path, entries, data.size);
  for (const Entry& entry : entries) loaded.tensors[entry.name] = make_tensor(entry, data, path);
  return loaded;
}

void save_safetensors(const std::string& path, const TensorMap& tensors,
                      const std::map<std::string, std::string>& metadata) {
  const std::string header = make_header(tensors, metadata);
  io::write_atomically(path, [&](std::ostream& out) {
    out << io::little_bytes(header.size(), kLengthSize) << header;
    for (const std::string& name : writing_order(tensors)) {
      const torch::Tensor values = tensors.at(name).detach().cpu().contiguous();
      out.write(static_cast<const char*>(values.const_data_ptr()),
                static_cast<std::streamsize>(values.nbytes()));
    }
  });
}

}  // namespace mkt::weights
