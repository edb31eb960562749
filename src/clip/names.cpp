#include "clip/names.h"

#include <array>
#include <optional>
#include <utility>

#include "core/text.h"

namespace mkt::clip {
namespace {

using Renaming = std::pair<const char*, const char*>;

constexpr std::array<Renaming, 13> kWholeNames{{
    {"logit_scale", "logit_scale"},
    {"text_projection.weight", "text_projection"},
    {"visual_projection.weight", "visual.proj"},
    {"text_model.embeddings.token_embedding.weight", "token_embedding.weight"},
    {"text_model.embeddings.position_embedding.weight", "positional_embedding"},
    {"text_model.final_layer_norm.weight", "ln_final.weight"},
    {"text_model.final_layer_norm.bias", "ln_final.bias"},
    {"vision_model.embeddings.class_embedding", "visual.class_embedding"},
    {"vision_model.embeddings.position_embedding.weight", "visual.positional_embedding"},
    {"vision_model.embeddings.patch_embedding.weight", "visual.conv1.weight"},
    {"vision_model.pre_layrnorm", "visual.ln_pre"},  // Hugging Face's spelling
    {"vision_model.pre_layernorm", "visual.ln_pre"},
    {"vision_model.post_layernorm", "visual.ln_post"},
}};

constexpr std::array<Renaming, 2> kSides{{
    {"text_model.encoder.layers.", "transformer.resblocks."},
    {"vision_model.encoder.layers.", "visual.transformer.resblocks."},
}};

constexpr std::array<Renaming, 5> kLayers{{
    {"self_attn.out_proj", "attn.out_proj"},
    {"layer_norm1", "ln_1"},
    {"layer_norm2", "ln_2"},
    {"mlp.fc1", "mlp.c_fc"},
    {"mlp.fc2", "mlp.c_proj"},
}};

/// Replaces the prefix `from` of `name` by `to`; returns nullopt unless `name` starts with `from`, followed
/// by a dot or the end.
std::optional<std::string> replaced_start(const std::string& name, const Renaming& renaming) {
  const std::string from = renaming.first;
  if (!starts_with(name, from)) return std::nullopt;
  if (name.size() > from.size() && name[from.size()] != '.') return std::nullopt;
  return renaming.second + name.substr(from.size());
}

template <std::size_t kSize>
std::optional<std::string> renamed(const std::string& name, const std::array<Renaming, kSize>& renamings) {
  for (const auto& renaming : renamings) {
    if (auto result = replaced_start(name, renaming)) return result;
  }
  return std::nullopt;
}

template <std::size_t kSize>
std::optional<std::string> renamed_back(const std::string& name,
                                        const std::array<Renaming, kSize>& renamings) {
  for (const auto& [from, to] : renamings) {
    if (auto result = replaced_start(name, {to, from})) return result;
  }
  return std::nullopt;
}

/// Concatenates the weights or biases of q_proj, k_proj and v_proj along the rows.
torch::Tensor joined_projections(const weights::TensorMap& tensors, const std::string& query_name,
                                 const std::string& file) {
  std::vector<torch::Tensor> parts;
  for (const char* part : {"q_proj", "k_proj", "v_proj"}) {
    std::string name = query_name;
    name.replace(name.rfind("q_proj"), 6, part);
    const auto found = tensors.find(name);
    TORCH_CHECK(found != tensors.end(), file, ": expected tensor '", name, "' beside '", query_name,
                "', got none. Check that the file is complete.");
    parts.push_back(found->second);
    TORCH_CHECK(parts.back().sizes() == parts.front().sizes(), file, ": expected tensor '", name,
                "' of shape ", parts.front().sizes(), ", got ", parts.back().sizes(),
                ". Check that the file is complete.");
  }
  return torch::cat(parts);
}

/// Whether the tensor is a layer's key or value projection, which is joined with its query projection.
bool joins_query(const weights::TensorMap& tensors, const std::string& name, const std::string& inner) {
  for (const char* part : {"self_attn.k_proj.", "self_attn.v_proj."}) {
    if (!starts_with(inner, part)) continue;
    std::string query = name;
    return tensors.count(query.replace(query.rfind(part), std::string(part).size(), "self_attn.q_proj.")) > 0;
  }
  return false;
}

/// Returns OpenAI's name within a layer, and the tensor; nullopt if Hugging Face's CLIPModel has no such
/// tensor.
std::optional<std::pair<std::string, torch::Tensor>> layer_tensor(const weights::TensorMap& tensors,
                                                                  const std::string& name,
                                                                  const std::string& inner,
                                                                  const std::string& file) {
  if (starts_with(inner, "self_attn.q_proj.")) {
    const bool weight = inner == "self_attn.q_proj.weight";
    return std::make_pair(weight ? "attn.in_proj_weight" : "attn.in_proj_bias",
                          joined_projections(tensors, name, file));
  }
  if (auto result = renamed(inner, kLayers)) return std::make_pair(*result, tensors.at(name));
  return std::nullopt;
}

/// Adds a tensor of Hugging Face's layers to `result` under OpenAI's name; an unknown one keeps its name.
void add_layer_tensor(const weights::TensorMap& tensors, const std::string& name, const std::string& file,
                      weights::TensorMap& result) {
  for (const auto& [from, to] : kSides) {
    if (!starts_with(name, from)) continue;
    const std::string rest = name.substr(std::string(from).size());  // "0.layer_norm1.bias"
    const auto dot = rest.find('.');
    if (dot == std::string::npos) break;
    const std::string inner = rest.substr(dot + 1);
    if (joins_query(tensors, name, inner)) return;
    const auto found = layer_tensor(tensors, name, inner, file);
    if (!found) break;
    result[to + rest.substr(0, dot + 1) + found->first] = found->second;
    return;
  }
  result[name] = tensors.at(name);
}

/// Returns a layer's tensor under Hugging Face's name, split into q, k and v if it is a joint projection;
/// empty if Hugging Face has no name for it.
weights::TensorMap layer_tensors_back(const std::string& inner, const torch::Tensor& tensor) {
  const std::string joined = "attn.in_proj_";
  if (inner == joined + "weight" || inner == joined + "bias") {
    if (tensor.dim() == 0 || tensor.size(0) == 0 || tensor.size(0) % 3 != 0) return {};
    const auto parts = tensor.chunk(3);
    const std::string what = inner.substr(joined.size());
    return {{"self_attn.q_proj." + what, parts[0]},
            {"self_attn.k_proj." + what, parts[1]},
            {"self_attn.v_proj." + what, parts[2]}};
  }
  if (const auto name = renamed_back(inner, kLayers)) return {{*name, tensor}};
  return {};
}

/// Returns any CLIP tensor, given by its full name, under Hugging Face's names; empty if Hugging Face has no
/// name for it.
weights::TensorMap tensors_back(const std::string& name, const torch::Tensor& tensor) {
  weights::TensorMap result;
  if (const auto whole = renamed_back(name, kWholeNames)) {
    const bool transposed = name == "text_projection" || name == "visual.proj";
    result[*whole] = transposed && tensor.dim() == 2 ? tensor.t() : tensor;
    return result;
  }
  for (const auto& [to, from] : kSides) {
    if (!starts_with(name, from)) continue;
    const std::string rest = name.substr(std::string(from).size());  // "0.ln_1.bias"
    const auto dot = rest.find('.');
    if (dot == std::string::npos) continue;
    for (const auto& [inner, part] : layer_tensors_back(rest.substr(dot + 1), tensor)) {
      result[to + rest.substr(0, dot + 1) + inner] = part;
    }
  }
  return result;
}

}  // namespace

weights::TensorMap from_hugging_face(const weights::TensorMap& tensors, const std::string& file) {
  weights::TensorMap result;
  for (const auto& [name, tensor] : tensors) {
    if (const auto whole = renamed(name, kWholeNames)) {
      const bool transposed = name == "text_projection.weight" || name == "visual_projection.weight";
      result[*whole] = transposed && tensor.dim() == 2 ? tensor.t() : tensor;
    } else {
      add_layer_tensor(tensors, name, file, result);
    }
  }
  return result;
}

weights::TensorMap to_hugging_face(const weights::TensorMap& tensors, const std::string& file) {
  weights::TensorMap result;
  for (const auto& [name, tensor] : tensors) {
    weights::TensorMap found = tensors_back(name, tensor);
    TORCH_CHECK(!found.empty(), file, ": expected only tensors of CLIP, got '", name, "' of shape ",
                tensor.sizes(),
                ", for which Hugging Face has no name. Remove it, or convert to OpenAI's names.");
    result.merge(found);
  }
  return result;
}

weights::TensorMap without_text_prefix(const weights::TensorMap& tensors) {
  const std::string prefix = "text.";
  weights::TensorMap result;
  for (const auto& [name, tensor] : tensors) {
    result[starts_with(name, prefix) ? name.substr(prefix.size()) : name] = tensor;
  }
  return result;
}

weights::TensorMap with_text_prefix(const weights::TensorMap& tensors) {
  weights::TensorMap result;
  for (const auto& [name, tensor] : tensors) {
    const bool text = name != "logit_scale" && !starts_with(name, "visual.");
    result[text ? "text." + name : name] = tensor;
  }
  return result;
}

}  // namespace mkt::clip
