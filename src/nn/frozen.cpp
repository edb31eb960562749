#include "mkt/nn/frozen.h"

#include <c10/core/impl/LocalDispatchKeySet.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "nn/add_norm.h"
#include "nn/product.h"

namespace mkt::nn {
namespace {

/// Scope guard that disables autograd and autocast, because this file chooses the dtypes itself.
struct Plain {
  at::NoGradGuard no_grad;
  c10::impl::ExcludeDispatchKeyGuard no_autocast{c10::autocast_dispatch_keyset};
};

/// Approximate batch size in rows for running all blocks on a CPU: enough rows for matrix products to reach
/// full speed, and few enough for intermediate results to stay in the caches and for buffers to be reused.
constexpr std::int64_t kRowsAtOnce = 1024;

/// Adds factor·input·weightᵀ + bias, scaled by `gamma` if it is defined, to rows in place.
void add_branch_(const torch::Tensor& rows, const torch::Tensor& input, const torch::Tensor& weight,
                 const torch::Tensor& bias, const torch::Tensor& gamma, double factor = 1) {
  if (!gamma.defined()) return add_product_(rows, input, weight, bias, factor);
  rows.add_(scaled_product_(input, weight, bias, factor).mul_(gamma));
}

/// Splits tokens (B, T, W) into equal batches of complete sequences on a CPU; one batch on other devices.
std::vector<torch::Tensor> parts_of(const torch::Tensor& tokens) {
  if (!tokens.is_cpu() || tokens.numel() == 0) return {tokens};
  const std::int64_t most = std::max<std::int64_t>(1, kRowsAtOnce / tokens.size(1));
  const std::int64_t parts = (tokens.size(0) + most - 1) / most;
  return tokens.chunk(parts);
}

}  // namespace

FrozenBlock::FrozenBlock(const ResidualBlock& block, torch::Dtype dtype)
    : activation(block->mlp->activation()),
      factor(activation == Activation::kQuickGelu ? kQuickGeluFactor : 1) {
  const Plain plain;
  const auto weight = [&](const torch::Tensor& tensor) { return tensor.detach().to(dtype); };
  in_weight = weight(block->attn->in_proj_weight);
  in_bias = weight(block->attn->in_proj_bias);
  out_weight = weight(block->attn->out_proj->weight);
  out_bias = weight(block->attn->out_proj->bias);
  fc_weight = weight(block->mlp->c_fc->weight);
  scaled_fc_bias = weight(block->mlp->c_fc->bias * factor);
  proj_weight = weight(block->mlp->c_proj->weight);
  proj_bias = weight(block->mlp->c_proj->bias);
  ln_1_weight = block->ln_1->weight.detach();
  ln_1_bias = block->ln_1->bias.detach();
  ln_2_weight = block->ln_2->weight.detach();
  ln_2_bias = block->ln_2->bias.detach();
  if (block->ls_1.is_empty()) return;
  ls_1 = weight(block->ls_1->gamma);
  ls_2 = weight(block->ls_2->gamma);
}

double attention_scale(const TransformerOptions& options) {
  const std::int64_t head_width = options.width / options.heads;
  return 1.0 / std::sqrt(static_cast<double>(head_width));
}

FrozenTransformer::FrozenTransformer(const Transformer& transformer, std::int64_t first_block,
                                     std::int64_t last_block, torch::Dtype dtype)
    : options_(transformer->options),
      scale_(attention_scale(transformer->options)),
      first_block_(first_block),
      dtype_(dtype) {
  TORCH_CHECK_VALUE(0 <= first_block && first_block <= last_block && last_block <= options_.layers,
                    "FrozenTransformer: expected blocks within [0, ", options_.layers, "), got [",
                    first_block, ", ", last_block, "). Name blocks that exist.");
  for (std::int64_t i = first_block; i < last_block; ++i) blocks_.emplace_back(transformer->block(i), dtype);
}

torch::Tensor FrozenTransformer::run_(torch::Tensor tokens, std::int64_t first_block,
                                      std::int64_t last_block) const {
  TORCH_CHECK_VALUE(
      this->first_block() <= first_block && first_block <= last_block && last_block <= this->last_block(),
      "FrozenTransformer: expected blocks within [", this->first_block(), ", ", this->last_block(),
      "), got [", first_block, ", ", last_block, "). Name blocks that it holds.");
  if (first_block == last_block) return tokens;
  const Plain plain;
  if (tokens.is_cuda() && dtype_ != torch::kFloat32) {
    run_on_gpu(tokens, first_block, last_block);
    return tokens;
  }
  for (const torch::Tensor& part : parts_of(tokens)) {
    for (std::int64_t i = first_block; i < last_block; ++i) {
      run_block(blocks_[static_cast<std::size_t>(i - first_block_)], part);
    }
  }
  return tokens;
}

/// Runs blocks in half precision. A branch is added to the residual stream by the kernel that normalises the
/// sum.
void FrozenTransformer::run_on_gpu(const torch::Tensor& tokens, std::int64_t first_block,
                                   std::int64_t last_block) const {
  const std::int64_t width = options_.width;
  torch::Tensor rows = tokens.view({-1, width});  // (B·T, W), a view
  torch::Tensor branch;                           // (B·T, W): not added to the rows yet
  for (std::int64_t i = first_block; i < last_block; ++i) {
    const Block& block = blocks_[static_cast<std::size_t>(i - first_block_)];
    const torch::Tensor qkv =
        product(add_norm_(rows, branch, block.ln_1_weight, block.ln_1_bias, options_.epsilon, dtype_),
                block.in_weight, block.in_bias);
    const torch::Tensor attended = attend(qkv.view({tokens.size(0), -1, 3 * width}), options_.heads,
                                          options_.causal, scale_);  // (B, T, W)
    branch = product(attended.view({-1, width}), block.out_weight, block.out_bias);
    if (block.ls_1.defined()) branch.mul_(block.ls_1);
    const torch::Tensor hidden = hidden_of(
        block, add_norm_(rows, branch, block.ln_2_weight, block.ln_2_bias, options_.epsilon, dtype_));
    branch = scaled_product_(hidden, block.proj_weight, block.proj_bias, 1 / block.factor);
    if (block.ls_2.defined()) branch.mul_(block.ls_2);
  }
  rows.add_(branch);
}

/// Computes a block's hidden layer before c_proj: normed (N, W) → (N, hidden). Overwrites `normed`.
torch::Tensor FrozenTransformer::hidden_of(const Block& block, const torch::Tensor& normed) const {
  if (block.activation == Activation::kGelu)
    return product_gelu(normed, block.fc_weight, block.scaled_fc_bias);
  return product_silu_(normed, block.fc_weight, block.scaled_fc_bias, block.factor);
}

torch::Tensor FrozenTransformer::normalise(const torch::Tensor& input, const torch::Tensor& weight,
                                           const torch::Tensor& bias) const {
  return at::layer_norm(input, {options_.width}, weight, bias, options_.epsilon).to(dtype_);
}

void FrozenTransformer::run_block(const Block& block, const torch::Tensor& tokens) const {
  const std::int64_t width = options_.width;
  const torch::Tensor rows = tokens.view({-1, width});  // (B·T, W), a view
  const torch::Tensor qkv =
      product(normalise(rows, block.ln_1_weight, block.ln_1_bias), block.in_weight, block.in_bias);
  const torch::Tensor attended = attend(qkv.view({tokens.size(0), -1, 3 * width}), options_.heads,
                                        options_.causal, scale_);  // (B, T, W)
  add_branch_(rows, attended.view({-1, width}), block.out_weight, block.out_bias, block.ls_1);
  run_mlp(block, rows);
}

void FrozenTransformer::run_mlp(const Block& block, const torch::Tensor& rows) const {
  const torch::Tensor hidden = hidden_of(block, normalise(rows, block.ln_2_weight, block.ln_2_bias));
  add_branch_(rows, hidden, block.proj_weight, block.proj_bias, block.ls_2, 1 / block.factor);
}

/// Computes a block's ResidualBlockImpl::forward_self(): (B, T, W).
torch::Tensor FrozenTransformer::values_of(const Block& block, const torch::Tensor& tokens) const {
  const std::int64_t width = options_.width;
  const torch::Tensor normed =
      normalise(tokens.view({-1, width}), block.ln_1_weight, block.ln_1_bias);  // (B·T, W)
  const torch::Tensor values =
      product(normed, block.in_weight.narrow(0, 2 * width, width), block.in_bias.narrow(0, 2 * width, width));
  const torch::Tensor branch = product(values, block.out_weight, block.out_bias);
  return (block.ls_1.defined() ? branch * block.ls_1 : branch).view(tokens.sizes());
}

void FrozenTransformer::check_not_empty() const {
  TORCH_CHECK_VALUE(!blocks_.empty(),
                    "FrozenTransformer: expected at least one block, got none. Construct it with blocks.");
}

torch::Tensor FrozenTransformer::run_self_(torch::Tensor tokens) const {
  check_not_empty();
  tokens = run_(tokens, first_block(), last_block() - 1);
  const Plain plain;
  const torch::Tensor values = values_of(blocks_.back(), tokens);
  tokens = run_(tokens, last_block() - 1, last_block());
  tokens.slice(1, 1).copy_(values.slice(1, 1));
  return tokens;
}

torch::Tensor FrozenTransformer::run_class_token_(torch::Tensor tokens) const {
  check_not_empty();
  tokens = run_(tokens, first_block(), last_block() - 1);
  const Plain plain;
  return class_token(blocks_.back(), tokens);
}

torch::Tensor FrozenTransformer::class_token(const Block& block, const torch::Tensor& tokens) const {
  const std::int64_t width = options_.width;
  const std::int64_t head_width = width / options_.heads;
  const torch::Tensor normed = normalise(tokens, block.ln_1_weight, block.ln_1_bias);  // (B, T, W)
  const auto project = [&](const torch::Tensor& input, std::int64_t first, std::int64_t count) {
    const torch::Tensor projected =
        product(input.reshape({-1, width}), block.in_weight.narrow(0, first * width, count * width),
                block.in_bias.narrow(0, first * width, count * width));
    return projected.view({input.size(0), input.size(1), count, options_.heads, head_width})
        .permute({2, 0, 3, 1, 4});  // (count, B, heads, T, W / heads)
  };
  const torch::Tensor keys_values = project(normed, 1, 2);
  const torch::Tensor query = project(normed.narrow(1, 0, 1), 0, 1)[0];  // (B, heads, 1, W / heads)
  const torch::Tensor attended =
      at::scaled_dot_product_attention(query, keys_values[0], keys_values[1], {}, 0.0, false, scale_);

  torch::Tensor rows = tokens.select(1, 0).clone();  // (B, W)
  add_branch_(rows, attended.transpose(1, 2).reshape({-1, width}), block.out_weight, block.out_bias,
              block.ls_1);
  run_mlp(block, rows);
  return rows;
}

}  // namespace mkt::nn
