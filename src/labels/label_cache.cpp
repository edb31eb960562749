#include "labels/label_cache.h"

#include <fmt/ostream.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "core/log.h"
#include "core/text.h"
#include "io/atomic_file.h"
#include "io/json.h"
#include "io/sha256.h"
#include "mkt/core/error.h"
#include "mkt/text/tokenizer.h"
#include "weights/digest.h"
#include "weights/safetensors.h"

namespace mkt::labels {
namespace {

using nlohmann::json;

/// Part of every cache key. Increase the number with every change that alters the features for the same
/// inputs.
constexpr const char* kVersion = "mkt label features 2";
constexpr const char* kFeatures = "features";

/// SHA-256 over a list of strings. Each string is preceded by its length, so that different lists never hash
/// the same bytes.
class Parts {
 public:
  Parts& add(std::string_view part) {
    const std::string length = fmt::format("{}:", part.size());
    sha_.update(length.data(), length.size());
    sha_.update(part.data(), part.size());
    return *this;
  }
  std::string hex() { return sha_.hex(); }

 private:
  io::Sha256 sha_;
};

std::string_view bytes_of(const torch::Tensor& contiguous) {
  if (contiguous.numel() == 0) return {};
  return {static_cast<const char*>(contiguous.const_data_ptr()), contiguous.nbytes()};
}

json identity_json(const FileIdentity& identity) {
  return {{"path", io::sha256(identity.path)},  // hashed, because JSON needs UTF-8
          {"device", identity.device},           {"inode", identity.inode},          {"size", identity.size},
          {"modified_ns", identity.modified_ns}, {"changed_ns", identity.changed_ns}};
}

/// Returns the digests cached in `file` if they belong to `identity`, otherwise a note without digests.
json read_note(const std::string& file, const FileIdentity& identity) {
  json note = io::read_json(file).value_or(nullptr);
  const bool same = note.is_object() && note.value("version", json()) == kVersion &&
                    note.value("file", json()) == identity_json(identity);
  return same ? note : json{{"version", kVersion}, {"file", identity_json(identity)}};
}

bool is_part_of(const std::string& name, const torch::Tensor& tensor, DigestOf which) {
  if (!tensor.is_floating_point() || name == "logit_scale" || name == "visual.positional_embedding")
    return false;
  return starts_with(name, "visual.") == (which == DigestOf::kImageValues);
}

std::string digest_in(const weights::TensorMap& weights, DigestOf which) {
  return which == DigestOf::kText ? text_digest(weights) : values_digest(weights, which);
}

/// Writes a cache file by calling `write`. Errors are logged, not thrown.
void try_to_keep(const CacheFolder& folder, const std::string& file, const std::function<void()>& write) {
  try {
    folder.make();
    write();
    folder.trim();
  } catch (const std::exception& error) {
    log::warning("{} was not written: {}", file, one_line(error));
  }
}

}  // namespace

std::string text_digest(const weights::TensorMap& weights) {
  Parts parts;
  for (const auto& [name, tensor] : weights) {
    if (starts_with(name, "visual.") || name == "logit_scale") continue;
    parts.add(name)
        .add(fmt::format("{} {}", fmt::streamed(tensor.scalar_type()), fmt::streamed(tensor.sizes())))
        .add(bytes_of(tensor.contiguous()));
  }
  return parts.hex();
}

std::string values_digest(const weights::TensorMap& weights, DigestOf which) {
  Parts parts;
  for (const auto& [name, tensor] : weights) {
    if (!is_part_of(name, tensor, which)) continue;
    parts.add(name)
        .add(fmt::format("{}", fmt::streamed(tensor.sizes())))
        .add(bytes_of(tensor.to(torch::kCPU, torch::kFloat32).contiguous()));
  }
  return parts.hex();
}

std::string computation_text(const clip::EncoderOptions& options) {
  return fmt::format("{} {} {}", enum_name(options.activation), options.heads, options.epsilon);
}

std::string feature_key(const LabelInputs& inputs, const clip::EncoderOptions& text,
                        const TextDigests& digests, const session::Runtime& runtime) {
  const std::string& own = inputs.merges;
  Parts parts;
  parts.add(kVersion)
      .add(digests.clip)
      .add(digests.checkpoint)
      .add(io::sha256_file(own.empty() ? text::default_merges_path() : own))
      .add(computation_text(text))
      .add(inputs.prompt_template)
      .add(inputs.phrases.empty() ? "" : io::sha256_file(inputs.phrases))
      .add(fmt::format("{} {}", fmt::streamed(runtime.frozen_dtype()), static_cast<int>(runtime.precision)))
      .add(runtime.device.is_cuda() ? "cuda" : "cpu");
  for (const std::string& label : inputs.labels) parts.add(label);
  return parts.hex();
}

std::string LabelCache::digest_of(const std::string& path, DigestOf which,
                                  const std::function<weights::TensorMap()>& load) const {
  if (!exists()) return digest_in(load(), which);
  const FileIdentity before = identify(path);
  const std::string file = folder_.file(io::sha256(before.path), "json");
  json note = read_note(file, before);
  const json noted = note.value(enum_name(which), json());
  if (noted.is_string() && !noted.empty()) return noted.get<std::string>();
  std::string digest = digest_in(load(), which);
  // If the identity is not settled or has changed, the file's bytes may differ from the hashed ones.
  if (before.settled() && identify(path) == before) {
    note[enum_name(which)] = digest;
    try_to_keep(folder_, file, [&] {
      io::write_atomically(file, [&](std::ostream& out) { out << io::json_text(note) << "\n"; });
    });
  }
  return digest;
}

std::optional<torch::Tensor> LabelCache::find(const std::string& key) const {
  const std::string file = folder_.file(key, "safetensors");
  if (!std::ifstream(file).good()) return std::nullopt;
  try {
    const weights::Safetensors kept = weights::load_safetensors(file);
    const auto text = [&](const char* name) {
      const auto found = kept.metadata.find(name);
      return found == kept.metadata.end() ? "" : found->second;
    };
    const auto features = kept.tensors.find(kFeatures);
    const bool ours = text("version") == kVersion && text("key") == key && features != kept.tensors.end() &&
                      features->second.dim() == 2 && features->second.scalar_type() == torch::kFloat32;
    TORCH_CHECK(ours, file, ": expected label features of the key in its name, got another file.");
    TORCH_CHECK(text("sha256") == weights::digest(features->second), file,
                ": expected features with the digest in its metadata, got others.");
    folder_.note_use(file);
    return features->second;
  } catch (const std::exception& error) {
    log::warning("{} The file is ignored and replaced.", one_line(error));
    return std::nullopt;
  }
}

void LabelCache::keep(const std::string& key, const torch::Tensor& features) const {
  const std::string file = folder_.file(key, "safetensors");
  const torch::Tensor values = features.to(torch::kCPU, torch::kFloat32).contiguous();
  try_to_keep(folder_, file, [&] {
    weights::save_safetensors(file, {{kFeatures, values}},
                              {{"version", kVersion}, {"key", key}, {"sha256", weights::digest(values)}});
  });
}

}  // namespace mkt::labels
