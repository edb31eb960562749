#pragma once
// Reads CLIP weights of any origin and renames the tensors to OpenAI's names.

#include "mkt/torch.h"

#include <functional>
#include <string>

#include "mkt/weights/checkpoint.h"

namespace mkt::clip {

using weights::TensorMap;

/// Reads CLIP weights: OpenAI's archive or state dict, open_clip's, Hugging Face's CLIPModel, in any format
/// that weights::load_tensors reads. The tensors have OpenAI's names (visual.*, transformer.*,
/// token_embedding.weight, …) and the stored dtypes, and are read-only; buffers that are not weights are left
/// out. Throws c10::Error naming the file for a CLIP model with a ResNet, for checkpoints of MKT's own
/// stages, and for any other file that is not a CLIP model. The activation cannot be determined from weights;
/// QuickGELU is assumed, as in OpenAI's models.
TensorMap load_weights(const std::string& path);

/// Renames tensors to OpenAI's names. Throws as load_weights does; `file` is the name used in error messages.
TensorMap to_openai_names(TensorMap tensors, const std::string& file);

/// Returns `weights[name]`. Throws c10::Error naming file, tensor, expected shape and actual shape if the
/// tensor is missing or does not have the shape `shape`.
const torch::Tensor& find_tensor(const TensorMap& weights, const std::string& name, at::IntArrayRef shape,
                                 const std::string& file);

/// Copies `weights[prefix + name]` into each parameter of `module`, converting to the parameter's dtype.
/// Throws as find_tensor does.
void load_parameters(torch::nn::Module& module, const TensorMap& weights, const std::string& prefix,
                     const std::string& file);

/// Function that returns the dtype used for a parameter in computation.
using TypeOf = std::function<torch::Dtype(const std::string& name, const torch::Tensor& parameter)>;

/// Makes each parameter of `module` share `weights[prefix + name]` if that tensor is contiguous, on `device`
/// and has the dtype that `type_of` returns; otherwise assigns a converted copy. Only for modules that are
/// never trained, because their weights may be memory-mapped. Throws as find_tensor does.
void adopt_parameters(torch::nn::Module& module, const TensorMap& weights, const std::string& prefix,
                      const std::string& file, torch::Device device, const TypeOf& type_of);

/// Copies `source` into `parameter`, converting to its dtype and device.
void load_parameter(const torch::Tensor& parameter, const torch::Tensor& source);

}  // namespace mkt::clip
