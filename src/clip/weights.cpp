#include "mkt/clip/weights.h"

#include <array>

#include "clip/names.h"

namespace mkt::clip {
namespace {

/// Removes settings and buffers that some files store among the weights.
void drop_buffers(TensorMap& tensors) {
  for (const char* name : {"input_resolution", "context_length", "vocab_size", "attn_mask", "logit_bias"}) {
    tensors.erase(name);
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

TensorMap load_weights(const std::string& path) {
  return to_openai_names(weights::load_tensors(path), path);
}

TensorMap to_openai_names(TensorMap tensors, const std::string& file) {
  if (weights::holds_prefix(tensors, "vision_model.") || weights::holds_prefix(tensors, "text_model.")) {
    tensors = from_hugging_face(tensors, file);
  } else if (weights::holds_prefix(tensors, "text.")) {
    tensors = without_text_prefix(tensors);
  }
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

void load_parameter(const torch::Tensor& parameter, const torch::Tensor& source) {
  const at::NoGradGuard no_grad;
  parameter.copy_(source);
}

void load_parameters(torch::nn::Module& module, const TensorMap& weights, const std::string& prefix,
                     const std::string& file) {
  for (const auto& parameter : module.named_parameters()) {
    load_parameter(parameter.value(),
                   find_tensor(weights, prefix + parameter.key(), parameter.value().sizes(), file));
  }
}

void adopt_parameters(torch::nn::Module& module, const TensorMap& weights, const std::string& prefix,
                      const std::string& file, torch::Device device, const TypeOf& type_of) {
  const at::NoGradGuard no_grad;
  for (const auto& named : module.named_parameters()) {
    torch::Tensor parameter = named.value();
    const torch::Tensor source = find_tensor(weights, prefix + named.key(), parameter.sizes(), file);
    parameter.requires_grad_(false);
    parameter.set_data(source.to(device, type_of(named.key(), parameter)).contiguous());
  }
}

}  // namespace mkt::clip
