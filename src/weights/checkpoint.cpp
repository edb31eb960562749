#include "mkt/weights/checkpoint.h"

#include <c10/util/Exception.h>

#include "core/text.h"
#include "io/bytes.h"
#include "weights/safetensors.h"
#include "weights/state_dict.h"
#include "weights/torch_file.h"
#include "weights/zip_archive.h"

namespace mkt::weights {
namespace {

constexpr std::uint8_t kPickleStart = 0x80;

bool is_safetensors(const io::SharedBytes& file) {
  constexpr std::size_t kHeaderStart = 8;
  return !ZipArchive::recognises(file) && file.size > kHeaderStart && file.data[kHeaderStart] == '{';
}

/// Describes a file without tensors and what to do. An empty file or an HTML page is a failed download.
std::string other_file(const io::SharedBytes& file) {
  constexpr std::size_t kStart = 256;
  if (file.size == 0) return "an empty file. Download the file again.";
  const std::string start = lower_case(trim(file.view().substr(0, kStart)));
  if (starts_with(start, "<html") || starts_with(start, "<!doctype html"))
    return "an HTML page. Download the file again.";
  return "a file of another kind. Name another file.";
}

void check_recognised(const std::string& path, const io::SharedBytes& file) {
  const bool known = ZipArchive::recognises(file) || (file.size > 0 && file.data[0] == kPickleStart);
  TORCH_CHECK(known, path, ": expected a .pth, TorchScript or safetensors file, got ", other_file(file));
}

TensorMap named_tensors(const std::string& path, const io::SharedBytes& file) {
  if (is_safetensors(file)) return parse_safetensors(path, file).tensors;
  check_recognised(path, file);
  const TorchFile checkpoint(path, file);
  TensorMap tensors;
  for (const auto& [name, spec] : find_state_dict(checkpoint.root(), path)) {
    tensors[name] = checkpoint.tensor(name, *spec);
  }
  return tensors;
}

}  // namespace

bool holds_prefix(const TensorMap& tensors, const std::string& prefix) {
  const auto found = tensors.lower_bound(prefix);
  return found != tensors.end() && starts_with(found->first, prefix);
}

TensorMap load_tensors(const std::string& path) {
  const std::string prefix = "module.";  // added by DistributedDataParallel
  TensorMap tensors;
  for (auto& [name, tensor] : named_tensors(path, io::map_file(path))) {
    const std::string key = starts_with(name, prefix) ? name.substr(prefix.size()) : name;
    TORCH_CHECK(tensors.emplace(key, tensor).second, path, ": holds both '", key, "' and '", prefix, key,
                "'. Write the file again with one of them.");
  }
  return tensors;
}

torch::Tensor load_tensor(const std::string& path) {
  const io::SharedBytes file = io::map_file(path);
  if (!is_safetensors(file)) {
    check_recognised(path, file);
    const TorchFile checkpoint(path, file);
    if (checkpoint.root().kind == Value::Kind::kTensor)
      return checkpoint.tensor("", *checkpoint.root().tensor);
  }
  const TensorMap tensors = named_tensors(path, file);
  TORCH_CHECK(tensors.size() == 1, path, ": expected one tensor, got ", tensors.size(),
              ". Name a file that holds one.");
  return tensors.begin()->second;
}

}  // namespace mkt::weights
