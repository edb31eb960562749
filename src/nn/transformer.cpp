#include "mkt/nn/transformer.h"

#include "nn/residual.h"

namespace mkt::nn {

MlpImpl::MlpImpl(std::int64_t width, std::int64_t hidden, Activation activation) : activation_(activation) {
  c_fc = register_module("c_fc", Linear(width, hidden));
  c_proj = register_module("c_proj", Linear(hidden, width));
}

torch::Tensor MlpImpl::forward(const torch::Tensor& input) const {
  return c_proj->forward(activate(c_fc->forward(input), activation_));
}

ResidualBlockImpl::ResidualBlockImpl(const TransformerOptions& options) : causal_(options.causal) {
  attn = register_module("attn", Attention(AttentionOptions{options.width, options.heads}));
  ln_1 = register_module("ln_1", LayerNorm(options.width, options.epsilon));
  const std::int64_t hidden = options.hidden == 0 ? 4 * options.width : options.hidden;
  mlp = register_module("mlp", Mlp(options.width, hidden, options.activation));
  ln_2 = register_module("ln_2", LayerNorm(options.width, options.epsilon));
  if (!options.layer_scale) return;
  ls_1 = register_module("ls_1", LayerScale(options.width));
  ls_2 = register_module("ls_2", LayerScale(options.width));
}

torch::Tensor ResidualBlockImpl::forward(const torch::Tensor& tokens) const {
  const auto scaled = [](const LayerScale& scale, const torch::Tensor& branch) {
    return scale.is_empty() ? branch : scale->forward(branch);
  };
  const torch::Tensor attended =
      add_residual(scaled(ls_1, attn->forward(ln_1->forward(tokens), causal_)), tokens);
  return add_residual(scaled(ls_2, mlp->forward(ln_2->forward(attended))), attended);
}

torch::Tensor ResidualBlockImpl::forward_self(const torch::Tensor& tokens) const {
  const torch::Tensor branch = attn->forward_self(ln_1->forward(tokens));
  return ls_1.is_empty() ? branch : ls_1->forward(branch);
}

TransformerImpl::TransformerImpl(const TransformerOptions& options_) : options(options_) {
  resblocks = register_module("resblocks", torch::nn::ModuleList());
  for (std::int64_t i = 0; i < options.layers; ++i) resblocks->push_back(ResidualBlock(options));
}

torch::Tensor TransformerImpl::run(torch::Tensor tokens, std::int64_t first_block,
                                   std::int64_t last_block) const {
  TORCH_CHECK_VALUE(0 <= first_block && first_block <= last_block && last_block <= options.layers,
                    "Transformer: expected blocks within [0, ", options.layers, "), got [", first_block, ", ",
                    last_block, "). Name blocks that exist.");
  for (std::int64_t i = first_block; i < last_block; ++i) tokens = block(i)->forward(tokens);
  return tokens;
}

ResidualBlock TransformerImpl::block(std::int64_t index) const {
  return ResidualBlock(resblocks->ptr<ResidualBlockImpl>(static_cast<std::size_t>(index)));
}

}  // namespace mkt::nn
