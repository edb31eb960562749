#pragma once
// CLIP weights of any origin: reads them, renames the tensors to OpenAI's names, and checks that every tensor
// is understood.

#include "mkt/torch.h"

#include <functional>
#include <string>

#include "mkt/clip/architecture.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::clip {

/// Weights whose architecture is understood: every tensor is a parameter of it or logit_scale, and none is
/// missing.
struct Weights {
  Weights() = default;
  /// `tensors` have OpenAI's names: visual.* for the vision encoder, transformer.* and others for the text
  /// encoder, either or both. `facts`: what else is stated about the architecture. Throws c10::Error that
  /// names `file` and a tensor that is missing, unknown or of another shape.
  Weights(TensorMap tensors, std::string file, Facts facts = {});

  bool has_vision() const { return architecture.vision.width > 0; }
  bool has_text() const { return architecture.text.width > 0; }

  TensorMap tensors;          ///< OpenAI's names; stored dtypes
  std::string file;           ///< name in error messages
  Facts facts;                ///< what is stated about the architecture, and where
  Architecture architecture;  ///< from tensors and facts
};

/// Reads the tensors of a CLIP: OpenAI's archive or state dict, open_clip's, Hugging Face's CLIPModel, in any
/// format that weights::load_tensors reads, under OpenAI's names. They have the stored dtypes and are
/// read-only; buffers that are known not to be weights are left out. Throws c10::Error naming the file for a
/// CLIP model with a ResNet, for checkpoints of MKT's own stages, and for any other file that is not a CLIP
/// model.
TensorMap load_tensors(const std::string& path);

/// Renames tensors to OpenAI's names; tensors that no naming scheme knows keep their names. Throws as
/// load_tensors does; `file` is the name used in error messages.
TensorMap to_openai_names(TensorMap tensors, const std::string& file);

/// Returns `weights[name]`. Throws c10::Error naming file, tensor, expected shape and actual shape if the
/// tensor is missing or does not have the shape `shape`.
const torch::Tensor& find_tensor(const TensorMap& weights, const std::string& name, at::IntArrayRef shape,
                                 const std::string& file);

/// Throws c10::Error naming file and tensor if a value is NaN or infinite.
void check_finite(const torch::Tensor& tensor, const std::string& name, const std::string& file);

/// Copies `weights[prefix + name]` into each parameter of `module`, converting to the parameter's dtype.
/// Throws as find_tensor and check_finite do.
void load_parameters(torch::nn::Module& module, const TensorMap& weights, const std::string& prefix,
                     const std::string& file);
void load_parameters(torch::nn::Module& module, const Weights& weights, const std::string& prefix);

/// Function that returns the dtype used for a parameter in computation.
using TypeOf = std::function<torch::Dtype(const std::string& name, const torch::Tensor& parameter)>;

/// Makes each parameter of `module` share `weights[prefix + name]` if that tensor is contiguous, on `device`
/// and has the dtype that `type_of` returns; otherwise assigns a converted copy. Only for modules that are
/// never trained, because their weights may be memory-mapped. Throws as load_parameters does.
void adopt_parameters(torch::nn::Module& module, const Weights& weights, const std::string& prefix,
                      torch::Device device, const TypeOf& type_of);

/// Copies `source` into `parameter`, converting to its dtype and device.
void load_parameter(const torch::Tensor& parameter, const torch::Tensor& source);

}  // namespace mkt::clip
