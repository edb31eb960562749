#pragma once
// Which parameters of stage 1 train, and how fast: layer-wise learning-rate decay, by name.

#include "mkt/torch.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mkt::optim {

/// A module's named_parameters().
using NamedParameters = torch::OrderedDict<std::string, torch::Tensor>;

struct LayerDecay {
  std::int64_t layers = 0;      ///< blocks of the encoder; from the weights
  std::int64_t fix_layer = 10;  ///< parameters with an id up to this are frozen
  double layer_decay = 0.65;    ///< factor on the learning rate per layer below the last
  double weight_decay = 0.05;   ///< of matrices; 1-D parameters have none
};

/// Parameters, by name, that share a learning-rate scale and a weight decay.
struct ParameterGroup {
  std::vector<std::string> names;  // in alphabetical order
  double lr_scale = 1.0;
  double weight_decay = 0.0;
};

/// 0 for the embedding parts (class_embedding, positional_embedding, conv1, ln_pre), i + 1 for
/// transformer.resblocks.i, layers + 1 for all else. Throws ValueError where i is not below `layers`.
std::int64_t layer_id(const std::string& name, std::int64_t layers);

/// Whether a parameter of that name trains: layer_id > fix_layer.
bool trainable(const std::string& name, const LayerDecay& options);

/// The trained parameters in groups of one scale, layer_decay^(layers + 1 − id), and one decay; lowest layer
/// first, matrices before vectors. Throws ValueError where nothing trains. Source: MKT's param_groups_lrd,
/// after MAE.
std::vector<ParameterGroup> parameter_groups(const NamedParameters& parameters, const LayerDecay& options);

}  // namespace mkt::optim
