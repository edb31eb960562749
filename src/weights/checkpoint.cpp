#include "mkt/weights/checkpoint.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

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

/// Kind of a file that holds no tensors, by its first bytes, and what to do; empty if it is not known.
std::string foreign_kind(const io::SharedBytes& file) {
  constexpr std::size_t kStart = 256;
  if (file.size == 0) return "an empty file. Download the file again.";
  const std::string_view bytes = file.view().substr(0, kStart);
  if (starts_with(bytes, "GGUF")) return "a GGUF file. Use the weights as safetensors or .pth.";
  if (starts_with(bytes, "version https://git-lfs.github.com/"))
    return "a Git LFS pointer, not the file itself. Fetch it with git lfs pull.";
  const std::string start = lower_case(trim(bytes));
  if (starts_with(start, "<html") || starts_with(start, "<!doctype html"))
    return "an HTML page. Download the file again.";
  if (starts_with(start, "<?xml")) return "an XML page. Download the file again.";
  const bool json = starts_with(start, "{\"") || starts_with(start, "{}") || starts_with(start, "[");
  if (json && trim(bytes).front() == bytes.front()) return "JSON text. Download the file again.";
  return "";
}

void check_recognised(const std::string& path, const io::SharedBytes& file) {
  std::string foreign = foreign_kind(file);
  const bool known =
      is_safetensors(file) || ZipArchive::recognises(file) || (file.size > 0 && file.data[0] == kPickleStart);
  if (foreign.empty() && !known) foreign = "a file of another kind. Name another file.";
  TORCH_CHECK(foreign.empty(), path, ": expected a .pth, TorchScript or safetensors file, got ", foreign);
}

Checkpoint named_tensors(const std::string& path, const io::SharedBytes& file) {
  check_recognised(path, file);
  Checkpoint result;
  if (is_safetensors(file)) {
    Safetensors read = parse_safetensors(path, file);
    result.tensors = std::move(read.tensors);
    result.metadata = std::move(read.metadata);
    return result;
  }
  const TorchFile checkpoint(path, file);
  result.is_torch_script = is_torch_script(path, file);
  for (const auto& [name, spec] : find_state_dict(checkpoint.root(), path)) {
    result.tensors[name] = checkpoint.tensor(name, *spec);
  }
  return result;
}

/// First parts of names that say what the tensors are; all other first parts are wrappers'.
bool names_a_part(std::string_view first) {
  constexpr std::array<std::string_view, 8> kParts = {
      "visual",      "vision_model", "text_model",      "text",
      "transformer", "conv1",        "token_embedding", "projection"};
  return std::find(kParts.begin(), kParts.end(), first) != kParts.end();
}

/// Returns the wrapper's prefix that all names share ("module."), or "".
std::string shared_wrapper(const TensorMap& tensors) {
  if (tensors.empty()) return "";
  const std::string& first = tensors.begin()->first;
  const std::size_t dot = first.find('.');
  if (dot == std::string::npos || names_a_part(first.substr(0, dot))) return "";
  std::string prefix = first.substr(0, dot + 1);
  const bool shared = std::all_of(tensors.begin(), tensors.end(),
                                  [&](const auto& entry) { return starts_with(entry.first, prefix); });
  return shared ? prefix : "";
}

}  // namespace

bool holds_prefix(const TensorMap& tensors, const std::string& prefix) {
  const auto found = tensors.lower_bound(prefix);
  return found != tensors.end() && starts_with(found->first, prefix);
}

TensorMap without_wrappers(TensorMap tensors) {
  for (std::string prefix = shared_wrapper(tensors); !prefix.empty(); prefix = shared_wrapper(tensors)) {
    TensorMap renamed;
    for (auto& [name, tensor] : tensors) renamed[name.substr(prefix.size())] = tensor;
    tensors = std::move(renamed);
  }
  return tensors;
}

TensorMap load_named_tensors(const std::string& path) {
  return named_tensors(path, io::map_file(path)).tensors;
}

Checkpoint load_checkpoint(const std::string& path) {
  Checkpoint checkpoint = named_tensors(path, io::map_file(path));
  checkpoint.tensors = without_wrappers(std::move(checkpoint.tensors));
  return checkpoint;
}

TensorMap load_tensors(const std::string& path) {
  return load_checkpoint(path).tensors;
}

torch::Tensor load_tensor(const std::string& path) {
  const io::SharedBytes file = io::map_file(path);
  check_recognised(path, file);
  if (!is_safetensors(file)) {
    const TorchFile checkpoint(path, file);
    if (checkpoint.root().kind == Value::Kind::kTensor)
      return checkpoint.tensor("", *checkpoint.root().tensor);
  }
  const TensorMap tensors = named_tensors(path, file).tensors;
  TORCH_CHECK(tensors.size() == 1, path, ": expected one tensor, got ", tensors.size(),
              ". Name a file that holds one.");
  return tensors.begin()->second;
}

}  // namespace mkt::weights
