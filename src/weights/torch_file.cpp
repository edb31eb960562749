#include "weights/torch_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "weights/zip_archive.h"

namespace mkt::weights {
namespace {

using Kind = Value::Kind;
constexpr std::int64_t kLegacyProtocol = 1001;
constexpr std::string_view kLegacyMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";
/// Maximum number of elements in an expanded tensor (with strides of 0) that is larger than its storage.
constexpr std::int64_t kMostExpanded = std::int64_t{1} << 24;

bool multiply(std::int64_t a, std::int64_t b, std::int64_t* product) {
  return a >= 0 && b >= 0 && !__builtin_mul_overflow(a, b, product);
}

/// Computes a tensor's number of elements and the storage index of its last element; returns false if a value
/// overflows or is negative.
bool extent(const TensorSpec& spec, std::int64_t* numel, std::int64_t* last) {
  *numel = 1;
  *last = spec.offset;
  if (spec.sizes.size() != spec.strides.size() || spec.offset < 0) return false;
  for (std::size_t i = 0; i < spec.sizes.size(); ++i) {
    std::int64_t step = 0;
    if (!multiply(*numel, spec.sizes[i], numel)) return false;
    if (!multiply(std::max<std::int64_t>(spec.sizes[i] - 1, 0), spec.strides[i], &step)) return false;
    if (__builtin_add_overflow(*last, step, last)) return false;
  }
  return true;
}

/// Finds the archive's only record <folder>/data.pkl; returns "" if there is not exactly one.
std::string pickle_record(const ZipArchive& archive) {
  constexpr std::string_view kPickle = "/data.pkl";
  std::vector<std::string> found;
  for (const std::string& name : archive.names()) {
    const std::size_t slash = name.find('/');
    if (slash != std::string::npos && std::string_view(name).substr(slash) == kPickle) found.push_back(name);
  }
  return found.size() == 1 ? found[0] : "";
}

}  // namespace

bool is_torch_script(const std::string& path, const io::SharedBytes& file) {
  if (!ZipArchive::recognises(file)) return false;
  for (const std::string& name : ZipArchive(path, file).names()) {
    const std::size_t slash = name.find('/');
    if (slash != std::string::npos && name.substr(slash) == "/constants.pkl") return true;
  }
  return false;
}

TorchFile::TorchFile(std::string path, const io::SharedBytes& file) : path_(std::move(path)) {
  if (ZipArchive::recognises(file)) {
    read_zip(file);
  } else {
    read_legacy(file);
  }
}

void TorchFile::read_zip(const io::SharedBytes& file) {
  const ZipArchive archive(path_, file);
  const std::string record = pickle_record(archive);
  if (record.empty()) fail("expected exactly one <name>/data.pkl in the archive, got another number");
  const std::string folder = record.substr(0, record.find('/') + 1);
  if (archive.contains(folder + "byteorder")) {
    const io::SharedBytes order = archive.read(folder + "byteorder");
    if (order.view() != "little")
      fail(fmt::format("expected byte order little, got '{}'", order.view().substr(0, 16)));
  }
  pickle_ = parse_pickle(archive.read(record).view(), path_);
  for (const auto& [key, spec] : storage_specs()) {
    add_storage(key, spec->dtype, archive.read(fmt::format("{}data/{}", folder, key)));
  }
}

/// Reads the format used before PyTorch 1.6: five pickles (magic number, protocol version, system
/// information, object, storage keys), then per storage its number of elements and its elements.
void TorchFile::read_legacy(const io::SharedBytes& file) {
  std::size_t at = 0;
  const auto next = [&] {
    Pickle pickle = parse_pickle(file.view().substr(at), path_);
    at += pickle.end;
    return pickle;
  };
  const Pickle magic = next();
  const Pickle protocol = next();
  check_legacy_header(magic, protocol, next());
  pickle_ = next();
  const Pickle keys = next();
  const auto specs = storage_specs();
  for (const Value* key : keys.root->items) {
    const auto spec = specs.find(key->text);
    if (key->kind != Kind::kString || spec == specs.end()) fail("a storage does not belong to any tensor");
    const std::size_t size = storage_size(*spec->second);
    if (!file.fits(at, 8) || !file.fits(at + 8, size))
      fail(fmt::format("storage '{}' is truncated", key->text));
    const std::uint64_t numel = io::read_little(file.data + at, 8);
    if (numel != static_cast<std::uint64_t>(spec->second->numel)) {
      fail(
          fmt::format("expected {} elements in storage '{}', got {}", spec->second->numel, key->text, numel));
    }
    add_storage(key->text, spec->second->dtype, file.slice(at + 8, size));
    at += 8 + size;
  }
}

void TorchFile::check_legacy_header(const Pickle& magic, const Pickle& protocol, const Pickle& system) const {
  if (magic.root->kind != Kind::kBigInt || magic.root->text != kLegacyMagic) {
    fail(fmt::format("expected a checkpoint of torch.save, got a pickle of {}", kind_name(magic.root->kind)));
  }
  if (protocol.root->kind != Kind::kInt || protocol.root->integer != kLegacyProtocol) {
    fail("the version of the checkpoint format is unknown");
  }
  const Value* little = find(*system.root, "little_endian");
  if (little == nullptr || little->kind != Kind::kBool || little->integer != 1)
    fail("expected byte order little");
}

std::map<std::string, const StorageSpec*> TorchFile::storage_specs() const {
  std::map<std::string, const StorageSpec*> specs;
  for (const Value& node : pickle_.nodes) {
    if (node.kind != Kind::kStorage) continue;
    const auto [known, added] = specs.emplace(node.storage->key, node.storage.get());
    const StorageSpec& first = *known->second;
    if (!added && (first.dtype != node.storage->dtype || first.numel != node.storage->numel)) {
      fail(fmt::format("storage '{}' has two different descriptions", first.key));
    }
  }
  return specs;
}

std::size_t TorchFile::storage_size(const StorageSpec& spec) const {
  std::int64_t size = 0;
  const auto element = static_cast<std::int64_t>(c10::elementSize(spec.dtype));
  if (!multiply(spec.numel, element, &size))
    fail(fmt::format("storage '{}' has {} elements", spec.key, spec.numel));
  return static_cast<std::size_t>(size);
}

void TorchFile::add_storage(const std::string& key, c10::ScalarType dtype, const io::SharedBytes& bytes) {
  if (dtype == c10::ScalarType::Bool) {
    const bool valid =
        std::all_of(bytes.data, bytes.data + bytes.size, [](std::uint8_t b) { return b <= 1; });
    if (!valid) fail(fmt::format("storage '{}' holds a byte that is neither true nor false", key));
  }
  const bool aligned = reinterpret_cast<std::uintptr_t>(bytes.data) % c10::elementSize(dtype) == 0;
  io::SharedBytes kept = bytes;
  if (!aligned && bytes.size > 0) {
    kept = io::allocate_bytes(bytes.size);
    std::memcpy(kept.data, bytes.data, bytes.size);
  }
  storages_[key] = std::move(kept);
}

torch::Tensor TorchFile::tensor(const std::string& name, const TensorSpec& spec) const {
  const StorageSpec& storage = *spec.storage;
  const auto bytes = storages_.find(storage.key);
  if (bytes == storages_.end()) fail(fmt::format("tensor '{}' has no storage", name));
  if (storage_size(storage) > bytes->second.size) {
    fail(fmt::format("tensor '{}': expected {} bytes of storage, got {}", name, storage_size(storage),
                     bytes->second.size));
  }
  const bool view_inside = storage.view_offset >= 0 && storage.view_numel >= 0 &&
                           storage.view_offset <= storage.numel - storage.view_numel;
  std::int64_t numel = 0;
  std::int64_t last = 0;
  if (!view_inside || !extent(spec, &numel, &last))
    fail(fmt::format("tensor '{}' has impossible sizes", name));
  if (numel == 0) return torch::empty(spec.sizes, storage.dtype);
  if (last >= storage.view_numel || numel > std::max(storage.view_numel, kMostExpanded)) {
    fail(fmt::format("tensor '{}' reaches to element {} of a storage of {}", name, last, storage.view_numel));
  }
  const auto first =
      static_cast<std::size_t>(storage.view_offset + spec.offset) * c10::elementSize(storage.dtype);
  const auto keep = [owner = bytes->second.owner](void*) {};
  return torch::from_blob(bytes->second.data + first, spec.sizes, spec.strides, keep,
                          torch::TensorOptions().dtype(storage.dtype));
}

void TorchFile::fail(const std::string& what) const {
  TORCH_CHECK(false, path_, ": ", what, ". Download or write the file again.");
}

}  // namespace mkt::weights
