#include "mkt/clip/weights.h"

#include <array>
#include <cmath>
#include <utility>

#include "clip/names.h"
#include "clip/naming.h"

namespace mkt::clip {
namespace {

/// Removes settings and buffers that some files store among the weights, under any project's names. None of
/// them changes a feature.
void drop_buffers(TensorMap& tensors) {
  for (const char* name : {"input_resolution", "context_length", "vocab_size", "attn_mask", "logit_bias",
                           "text_model.embeddings.position_ids", "vision_model.embeddings.position_ids"}) {
    tensors.erase(name);
  }
}

/// Throws unless `tensors` are exactly the parameters `expected`, and perhaps logit_scale.
void check_parameters(const TensorMap& tensors,
                      const std::map<std::string, std::vector<std::int64_t>>& expected,
                      const std::string& file) {
  for (const auto& [name, shape] : expected) find_tensor(tensors, name, shape, file);
  for (const auto& [name, tensor] : tensors) {
    TORCH_CHECK(expected.count(name) > 0 || name == "logit_scale", file,
                ": expected only tensors of a CLIP with a vision transformer, got '", name, "' of shape ",
                tensor.sizes(),
                ", which is unknown and may change what the others mean. Use weights without it.");
  }
}

void refuse_checkpoints(const TensorMap& tensors, const std::string& file) {
  TORCH_CHECK(
      tensors.count("projection_dist") == 0, file,
      ": expected CLIP weights, got a stage-1 checkpoint (it has projection_dist). Give it as the image "
      "checkpoint, and CLIP's own file as the CLIP weights.");
  const bool text_only =
      tensors.count("token_embedding.weight") != 0 && !weights::holds_prefix(tensors, "visual.");
  TORCH_CHECK(
      !text_only, file,
      ": expected CLIP weights, got a stage-2 checkpoint or another text encoder (it has "
      "token_embedding.weight, but no visual.*). Give it as the text checkpoint, and CLIP's own file as "
      "the CLIP weights.");
}

void refuse_others(const TensorMap& tensors, const std::string& file) {
  TORCH_CHECK(!weights::holds_prefix(tensors, "visual.layer1.") &&
                  !weights::holds_prefix(tensors, "visual.attnpool."),
              file,
              ": expected a CLIP with a vision transformer, got one with a ResNet (it has visual.layer1 or "
              "visual.attnpool). Use ViT-B/16, ViT-B/32 or ViT-L/14.");
  TORCH_CHECK(!weights::holds_prefix(tensors, "visual.trunk."), file,
              ": expected OpenAI's vision transformer, got another architecture (it has visual.trunk). Use "
              "ViT-B/16, ViT-B/32 or ViT-L/14.");
  const std::string found = tensors.empty() ? "no tensor" : "'" + tensors.begin()->first + "' and others";
  TORCH_CHECK(tensors.count("visual.conv1.weight") != 0, file,
              ": expected CLIP weights with the tensor 'visual.conv1.weight', got ", found,
              ". Give OpenAI's, open_clip's or Hugging Face's file of ViT-B/16, ViT-B/32 or ViT-L/14.");
}

}  // namespace

Weights::Weights(TensorMap tensors_, std::string file_, Facts facts_)
    : tensors(std::move(tensors_)), file(std::move(file_)), facts(std::move(facts_)) {
  std::map<std::string, std::vector<std::int64_t>> expected;
  if (weights::holds_prefix(tensors, "visual.")) {
    architecture.vision = vision_options(tensors, file, facts.vision);
    expected = parameters_of(architecture.vision);
  }
  if (tensors.count("token_embedding.weight") > 0 || weights::holds_prefix(tensors, "transformer.")) {
    architecture.text = text_options(tensors, file, facts.text);
    expected.merge(parameters_of(architecture.text));
  }
  architecture.preprocessing = facts.preprocessing.value;
  check_parameters(tensors, expected, file);
  const std::int64_t image_features = architecture.vision.embed_dim;
  const std::int64_t text_features = architecture.text.embed_dim;
  TORCH_CHECK(!has_vision() || !has_text() || image_features == text_features, file,
              ": expected image and text features of the same width, got ", image_features, " and ",
              text_features, ". Check that the file is a CLIP.");
}

TensorMap load_tensors(const std::string& path) {
  return to_openai_names(weights::load_tensors(path), path);
}

TensorMap to_openai_names(TensorMap tensors, const std::string& file) {
  drop_buffers(tensors);
  const Naming naming = naming_of(tensors);
  if (naming == Naming::kHuggingFace) tensors = from_hugging_face(tensors, file);
  if (naming == Naming::kOpenClipCustom) tensors = without_text_prefix(tensors);
  drop_buffers(tensors);
  refuse_checkpoints(tensors, file);
  refuse_others(tensors, file);
  return tensors;
}

const torch::Tensor& find_tensor(const TensorMap& weights, const std::string& name, at::IntArrayRef shape,
                                 const std::string& file) {
  const auto found = weights.find(name);
  TORCH_CHECK(found != weights.end(), file, ": expected tensor '", name, "' of shape ", shape,
              ", got none. Check that the file is complete and of this model.");
  TORCH_CHECK(found->second.sizes() == shape, file, ": expected tensor '", name, "' of shape ", shape,
              ", got ", found->second.sizes(), ". Check that the file is of this model.");
  return found->second;
}

void check_finite(const torch::Tensor& tensor, const std::string& name, const std::string& file) {
  if (!tensor.is_floating_point() || tensor.numel() == 0) return;
  const at::NoGradGuard no_grad;
  // A sum is finite only if all terms are, and it takes one pass without a result of the tensor's size.
  if (std::isfinite(tensor.sum(torch::kFloat32).item<double>())) return;
  const std::int64_t bad = tensor.numel() - tensor.isfinite().sum().item<std::int64_t>();
  TORCH_CHECK(bad == 0, file, ": expected finite values in tensor '", name, "', got ", bad, " of ",
              tensor.numel(), " that are NaN or infinite. Download or write the file again.");
}

void load_parameter(const torch::Tensor& parameter, const torch::Tensor& source) {
  const at::NoGradGuard no_grad;
  parameter.copy_(source);
}

void load_parameters(torch::nn::Module& module, const TensorMap& weights, const std::string& prefix,
                     const std::string& file) {
  for (const auto& parameter : module.named_parameters()) {
    const std::string name = prefix + parameter.key();
    load_parameter(parameter.value(), find_tensor(weights, name, parameter.value().sizes(), file));
    check_finite(parameter.value(), name, file);
  }
}

void load_parameters(torch::nn::Module& module, const Weights& weights, const std::string& prefix) {
  load_parameters(module, weights.tensors, prefix, weights.file);
}

void adopt_parameters(torch::nn::Module& module, const Weights& weights, const std::string& prefix,
                      torch::Device device, const TypeOf& type_of) {
  const at::NoGradGuard no_grad;
  for (const auto& named : module.named_parameters()) {
    torch::Tensor parameter = named.value();
    const std::string name = prefix + named.key();
    const torch::Tensor source = find_tensor(weights.tensors, name, parameter.sizes(), weights.file);
    parameter.requires_grad_(false);
    parameter.set_data(source.to(device, type_of(named.key(), parameter)).contiguous());
    // After the conversion, because float32 is summed faster than half precision.
    check_finite(parameter, name, weights.file);
  }
}

}  // namespace mkt::clip
