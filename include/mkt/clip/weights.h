#pragma once
// CLIP weights of any origin under OpenAI's names.

#include "mkt/torch.h"

#include <functional>
#include <string>

#include "mkt/weights/checkpoint.h"

namespace mkt::clip {

using weights::TensorMap;

/// Reads CLIP weights: OpenAI's archive or state dict, open_clip's, Hugging Face's CLIPModel; in any format
/// that weights::load_tensors reads. Result: OpenAI's names (visual.*, transformer.*, token_embedding.weight,
/// …), dtypes as stored, tensors read-only; buffers that hold no weights are left out. Throws c10::Error
/// naming the file: for CLIPs with a ResNet, for checkpoints of our own stages, for anything else that is no
/// CLIP. Weights do not say which activation they were trained with: QuickGELU is taken, as in OpenAI's.
TensorMap load_weights(const std::string& path);

/// The same names for tensors at hand; `file` is for messages.
TensorMap to_openai_names(TensorMap tensors, const std::string& file);

/// `weights[name]`. Throws c10::Error naming file, tensor, expected and found shape where it is missing or
/// has another shape than `shape`.
const torch::Tensor& find_tensor(const TensorMap& weights, const std::string& name, at::IntArrayRef shape,
                                 const std::string& file);

/// Copies `weights[prefix + name]` into each parameter of `module`, converting to the parameter's type.
/// Throws as find_tensor does.
void load_parameters(torch::nn::Module& module, const TensorMap& weights, const std::string& prefix,
                     const std::string& file);

/// The type that a parameter is computed in.
using TypeOf = std::function<torch::Dtype(const std::string& name, const torch::Tensor& parameter)>;

/// Makes each parameter of `module` stand for `weights[prefix + name]` itself where that is contiguous, on
/// `device` and of the type that `type_of` gives, for a converted copy elsewhere. For modules that are never
/// trained: their weights may be a file's mapping. Throws as find_tensor does.
void adopt_parameters(torch::nn::Module& module, const TensorMap& weights, const std::string& prefix,
                      const std::string& file, torch::Device device, const TypeOf& type_of);

/// Copies `source` over a parameter, converting to its type and device.
void load_parameter(const torch::Tensor& parameter, const torch::Tensor& source);

}  // namespace mkt::clip
