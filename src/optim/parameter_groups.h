#pragma once
// Layer-wise learning-rate decay for stage 1: derives from parameter names which parameters are trained, and
// their learning rates.

#include "mkt/torch.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mkt::optim {

/// Return type of a module's named_parameters().
using NamedParameters = torch::OrderedDict<std::string, torch::Tensor>;

/// Options of the layer-wise decay.
struct LayerDecay {
  std::int64_t layers = 0;      ///< number of encoder blocks, derived from the weights
  std::int64_t fix_layer = 10;  ///< parameters with layer_id ≤ fix_layer are frozen
  double layer_decay = 0.65;    ///< learning-rate factor per layer below the last layer
  double weight_decay = 0.05;   ///< weight decay for matrices; vectors have no decay
};

/// Parameters with a common learning-rate scale and weight decay.
struct ParameterGroup {
  std::vector<std::string> names;  ///< in alphabetical order
  double lr_scale = 1.0;
  double weight_decay = 0.0;
};

/// Returns the parameter's layer: 0 for the embedding (class_embedding, positional_embedding, conv1, ln_pre),
/// i + 1 for transformer.resblocks.i, layers + 1 for all others. Throws ValueError if i ≥ layers.
std::int64_t layer_id(const std::string& name, std::int64_t layers);

/// Whether the parameter is trained: its layer_id is greater than fix_layer.
bool trainable(const std::string& name, const LayerDecay& options);

/// Groups the trained parameters by learning-rate scale, layer_decay^(layers + 1 − layer_id), and weight
/// decay: lowest layer first, matrices before vectors. Throws ValueError if no parameter is trained. Source:
/// MKT's param_groups_lrd, after MAE.
std::vector<ParameterGroup> parameter_groups(const NamedParameters& parameters, const LayerDecay& options);

}  // namespace mkt::optim
