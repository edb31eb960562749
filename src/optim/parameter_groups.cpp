#include "optim/parameter_groups.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

#include "core/text.h"

namespace mkt::optim {

std::int64_t layer_id(const std::string& name, std::int64_t layers) {
  constexpr std::string_view kBlocks = "transformer.resblocks.";
  for (const std::string_view part : {"class_embedding", "positional_embedding", "conv1.", "ln_pre."}) {
    if (starts_with(name, part)) return 0;
  }
  if (!starts_with(name, kBlocks)) return layers + 1;
  std::int64_t block = -1;
  const char* end = name.data() + name.size();
  const auto number = std::from_chars(name.data() + kBlocks.size(), end, block);
  TORCH_CHECK_VALUE(number.ec == std::errc() && number.ptr != end && *number.ptr == '.' && block >= 0,
                    "parameter '", name, "': expected ", kBlocks, "<number>.<…>. Name blocks as CLIP does.");
  TORCH_CHECK_VALUE(block < layers, "parameter '", name, "': expected a block below ", layers, ", got ",
                    block, ". Use the number of layers of the weights.");
  return block + 1;
}

bool trainable(const std::string& name, const LayerDecay& options) {
  return layer_id(name, options.layers) > options.fix_layer;
}

std::vector<ParameterGroup> parameter_groups(const NamedParameters& parameters, const LayerDecay& options) {
  std::map<std::pair<std::int64_t, bool>, ParameterGroup> groups;  // (id, vector) → group
  for (const auto& item : parameters) {
    const std::int64_t id = layer_id(item.key(), options.layers);
    if (id <= options.fix_layer) continue;
    const bool vector = item.value().dim() <= 1;
    auto& group = groups[{id, vector}];
    group.lr_scale = std::pow(options.layer_decay, static_cast<double>(options.layers + 1 - id));
    group.weight_decay = vector ? 0.0 : options.weight_decay;
    group.names.push_back(item.key());
  }
  TORCH_CHECK_VALUE(!groups.empty(), "fix-layer: expected less than ", options.layers + 1, ", got ",
                    options.fix_layer, ", which leaves nothing to train. Choose a smaller number.");
  std::vector<ParameterGroup> result;
  for (auto& [key, group] : groups) {
    std::sort(group.names.begin(), group.names.end());
    result.push_back(std::move(group));
  }
  return result;
}

}  // namespace mkt::optim
