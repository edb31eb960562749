#pragma once
// CLIP weights of any origin under OpenAI's names.

#include <torch/torch.h>

#include <map>
#include <string>

namespace mkt::clip {

/// As io::TensorMap.
using TensorMap = std::map<std::string, torch::Tensor>;

/// Reads CLIP weights: OpenAI's archive or state dict, open_clip's, Hugging Face's CLIPModel; in any format
/// that io::load_tensors reads. Result: OpenAI's names (visual.*, transformer.*, token_embedding.weight, …),
/// dtypes as stored, tensors read-only; buffers that hold no weights are left out. Throws c10::Error naming
/// the file: for CLIPs with a ResNet, for checkpoints of our own stages, for anything else that is no CLIP.
TensorMap load_weights(const std::string& path);

/// The same names for tensors at hand; `file` is for messages.
TensorMap to_openai_names(TensorMap tensors, const std::string& file);

/// Copies `weights[prefix + name]` into each parameter of `module`, converting to the parameter's type.
/// Throws c10::Error naming file, tensor, expected and found shape where one is missing or has another shape.
/// `rename`: parameter name → name in the file, where they differ.
void load_parameters(torch::nn::Module& module, const TensorMap& weights, const std::string& prefix,
                     const std::string& file, const std::map<std::string, std::string>& rename = {});

}  // namespace mkt::clip
