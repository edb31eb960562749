#include "mkt/nn/frozen.h"

#include <c10/core/impl/LocalDispatchKeySet.h>

#include <cmath>

namespace mkt::nn {
namespace {

/// No graph, and no autocast: types are chosen here.
struct Plain {
  at::NoGradGuard no_grad;
  c10::impl::ExcludeDispatchKeyGuard no_autocast{c10::autocast_dispatch_keyset};
};

/// rows += input·weightᵀ + bias, with the product added inside the matrix multiplication where types allow.
void add_linear(torch::Tensor& rows, const torch::Tensor& input, const torch::Tensor& weight,
                const torch::Tensor& bias) {
  if (weight.scalar_type() == rows.scalar_type()) {
    rows.add_(bias).addmm_(input, weight.t());
  } else {
    rows.add_(at::addmm(bias, input, weight.t()));
  }
}

}  // namespace

/// Written anew by each block.
struct FrozenTransformer::Buffers {
  torch::Tensor qkv;     // (rows, 3W)
  torch::Tensor hidden;  // (rows, 4W)
};

FrozenTransformer::FrozenTransformer(const Transformer& transformer, std::int64_t first_block,
                                     std::int64_t last_block, torch::Dtype dtype)
    : options_(transformer->options), first_block_(first_block), dtype_(dtype) {
  TORCH_CHECK_VALUE(0 <= first_block && first_block <= last_block && last_block <= options_.layers,
                    "FrozenTransformer: expected blocks within [0, ", options_.layers, "), got [",
                    first_block, ", ", last_block, ").");
  const Plain plain;
  for (std::int64_t i = first_block; i < last_block; ++i)
    blocks_.push_back(fold(transformer->block(i), dtype));
}

FrozenTransformer::Block FrozenTransformer::fold(const ResidualBlock& block, torch::Dtype dtype) const {
  const double head_width = static_cast<double>(options_.width) / static_cast<double>(options_.heads);
  const auto queries = [&](const torch::Tensor& stacked) {  // clone, then scale the first third
    torch::Tensor scaled = stacked.detach().clone();
    scaled.narrow(0, 0, options_.width).div_(std::sqrt(head_width));
    return scaled.to(dtype);
  };
  const auto copy = [](const torch::Tensor& tensor) { return tensor.detach().clone(); };
  const auto convert = [&](const torch::Tensor& tensor) { return tensor.detach().to(dtype, false, true); };
  Block folded;
  folded.in_weight = queries(block->attn->in_proj_weight);
  folded.in_bias = queries(block->attn->in_proj_bias);
  folded.out_weight = convert(block->attn->out_proj->weight);
  folded.out_bias = convert(block->attn->out_proj->bias);
  folded.fc_weight = (block->mlp->c_fc->weight.detach() * kQuickGeluFactor).to(dtype);
  folded.fc_bias = (block->mlp->c_fc->bias.detach() * kQuickGeluFactor).to(dtype);
  folded.proj_weight = (block->mlp->c_proj->weight.detach() / kQuickGeluFactor).to(dtype);
  folded.proj_bias = convert(block->mlp->c_proj->bias);
  folded.ln_1_weight = copy(block->ln_1->weight);
  folded.ln_1_bias = copy(block->ln_1->bias);
  folded.ln_2_weight = copy(block->ln_2->weight);
  folded.ln_2_bias = copy(block->ln_2->bias);
  return folded;
}

torch::Tensor FrozenTransformer::run_(torch::Tensor tokens, std::int64_t first_block,
                                      std::int64_t last_block) const {
  TORCH_CHECK_VALUE(
      this->first_block() <= first_block && first_block <= last_block && last_block <= this->last_block(),
      "FrozenTransformer: expected blocks within [", this->first_block(), ", ", this->last_block(),
      "), got [", first_block, ", ", last_block, ").");
  if (first_block == last_block) return tokens;
  const Plain plain;
  torch::Tensor rows = tokens.view({-1, options_.width});  // (B·T, W), the same memory
  const auto matrix_options = rows.options().dtype(dtype_);
  Buffers buffers{torch::empty({rows.size(0), 3 * options_.width}, matrix_options),
                  torch::empty({rows.size(0), 4 * options_.width}, matrix_options)};
  for (std::int64_t i = first_block; i < last_block; ++i) {
    run_block(blocks_[static_cast<std::size_t>(i - first_block_)], rows, tokens.size(0), buffers);
  }
  return tokens;
}

void FrozenTransformer::run_block(const Block& block, torch::Tensor& rows, std::int64_t batch,
                                  Buffers& buffers) const {
  const std::int64_t width = options_.width;
  const auto normalise = [&](const torch::Tensor& weight, const torch::Tensor& bias) {
    return at::layer_norm(rows, {width}, weight, bias, kLayerNormEpsilon).to(dtype_);  // (B·T, W)
  };
  at::addmm_out(buffers.qkv, block.in_bias, normalise(block.ln_1_weight, block.ln_1_bias),
                block.in_weight.t());
  const torch::Tensor attended =
      attend(buffers.qkv.view({batch, -1, 3 * width}), options_.heads, options_.causal, 1.0);  // (B, T, W)
  add_linear(rows, attended.view({-1, width}), block.out_weight, block.out_bias);

  at::addmm_out(buffers.hidden, block.fc_bias, normalise(block.ln_2_weight, block.ln_2_bias),
                block.fc_weight.t());
  add_linear(rows, at::silu_(buffers.hidden), block.proj_weight, block.proj_bias);
}

torch::Tensor FrozenTransformer::run_class_token_(torch::Tensor tokens) const {
  TORCH_CHECK_VALUE(!blocks_.empty(), "FrozenTransformer: expected at least one block, got none.");
  tokens = run_(tokens, first_block(), last_block() - 1);
  const Plain plain;
  return class_token(blocks_.back(), tokens);
}

torch::Tensor FrozenTransformer::class_token(const Block& block, const torch::Tensor& tokens) const {
  const std::int64_t width = options_.width;
  const std::int64_t head_width = width / options_.heads;
  const auto normalise = [&](const torch::Tensor& input, const torch::Tensor& weight,
                             const torch::Tensor& bias) {
    return at::layer_norm(input, {width}, weight, bias, kLayerNormEpsilon).to(dtype_);
  };
  const torch::Tensor normed = normalise(tokens, block.ln_1_weight, block.ln_1_bias);  // (B, T, W)
  const auto part = [&](const torch::Tensor& input, std::int64_t first, std::int64_t count) {
    const torch::Tensor projected = at::linear(input, block.in_weight.narrow(0, first * width, count * width),
                                               block.in_bias.narrow(0, first * width, count * width));
    return projected.view({projected.size(0), projected.size(1), count, options_.heads, head_width})
        .permute({2, 0, 3, 1, 4});  // (count, B, heads, T, W / heads)
  };
  const torch::Tensor keys_values = part(normed, 1, 2);
  const torch::Tensor query = part(normed.narrow(1, 0, 1), 0, 1)[0];
  const torch::Tensor attended =
      at::scaled_dot_product_attention(query, keys_values[0], keys_values[1], {}, 0.0, false, 1.0);

  torch::Tensor rows = tokens.select(1, 0).clone();  // (B, W)
  add_linear(rows, attended.transpose(1, 2).reshape({-1, width}), block.out_weight, block.out_bias);
  torch::Tensor hidden =
      at::linear(normalise(rows, block.ln_2_weight, block.ln_2_bias), block.fc_weight, block.fc_bias);
  add_linear(rows, at::silu_(hidden), block.proj_weight, block.proj_bias);
  return rows;
}

}  // namespace mkt::nn
