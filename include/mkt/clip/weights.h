#pragma once
// Reads CLIP weights of any origin and gives them OpenAI's names.

#include "mkt/torch.h"

#include <functional>
#include <string>

#include "mkt/weights/checkpoint.h"

namespace mkt::clip {

using weights::TensorMap;

/// Reads CLIP weights: OpenAI's archive or state dict, open_clip's, Hugging Face's CLIPModel, in any format
/// that weights::load_tensors reads. The result has OpenAI's names (visual.*, transformer.*,
/// token_embedding.weight, …), the stored dtypes and read-only tensors, without buffers that are not weights.
/// Throws c10::Error naming the file for a CLIP with a ResNet, for checkpoints of MKT's own stages, and for
/// anything else that is not a CLIP. Weights do not tell which activation they were trained with; QuickGELU
/// is assumed, as in OpenAI's models.
TensorMap load_weights(const std::string& path);

/// Renames tensors to OpenAI's names. Throws as load_weights; `file` is for messages.
TensorMap to_openai_names(TensorMap tensors, const std::string& file);

/// `weights[name]`. Throws c10::Error naming file, tensor, expected and actual shape if the tensor is missing
/// or does not have the shape `shape`.
const torch::Tensor& find_tensor(const TensorMap& weights, const std::string& name, at::IntArrayRef shape,
                                 const std::string& file);

/// Copies `weights[prefix + name]` into each parameter of `module`, converting to the parameter's type.
/// Throws as find_tensor does.
void load_parameters(torch::nn::Module& module, const TensorMap& weights, const std::string& prefix,
                     const std::string& file);

/// Returns the dtype in which a parameter is used.
using TypeOf = std::function<torch::Dtype(const std::string& name, const torch::Tensor& parameter)>;

/// Makes each parameter of `module` share `weights[prefix + name]` if that is contiguous, on `device` and of
/// the type that `type_of` gives; otherwise a converted copy. For modules that are never trained, because
/// their weights may be a memory-mapped file. Throws as find_tensor does.
void adopt_parameters(torch::nn::Module& module, const TensorMap& weights, const std::string& prefix,
                      const std::string& file, torch::Device device, const TypeOf& type_of);

/// Copies `source` over a parameter, converting to its type and device.
void load_parameter(const torch::Tensor& parameter, const torch::Tensor& source);

}  // namespace mkt::clip
