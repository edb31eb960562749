#include "mkt/nn/attention.h"

#include <cmath>

#include "nn/product.h"

namespace mkt::nn {

AttentionImpl::AttentionImpl(const AttentionOptions& options_) : options(options_) {
  TORCH_CHECK_VALUE(options.heads > 0 && options.width % options.heads == 0,
                    "Attention: expected a width that the heads divide, got width ", options.width, " and ",
                    options.heads, " heads. Choose another number of heads.");
  in_proj_weight = register_parameter("in_proj_weight", torch::empty({3 * options.width, options.width}));
  in_proj_bias = register_parameter("in_proj_bias", torch::empty({3 * options.width}));
  out_proj = register_module("out_proj", Linear(options.width, options.width));
}

torch::Tensor AttentionImpl::forward(const torch::Tensor& tokens, bool causal) const {
  const torch::Tensor qkv = differentiable_product(tokens, in_proj_weight, in_proj_bias);  // (B, T, 3W)
  const std::int64_t head_width = options.width / options.heads;
  const double scale = 1.0 / std::sqrt(static_cast<double>(head_width));
  return out_proj->forward(attend(qkv, options.heads, causal, scale));
}

torch::Tensor AttentionImpl::forward_self(const torch::Tensor& tokens) const {
  const std::int64_t width = options.width;
  return out_proj->forward(differentiable_product(tokens, in_proj_weight.narrow(0, 2 * width, width),
                                                  in_proj_bias.narrow(0, 2 * width, width)));
}

torch::Tensor attend(const torch::Tensor& qkv, std::int64_t heads, bool causal, double scale) {
  const auto batch = qkv.size(0);
  const auto length = qkv.size(1);
  const auto width = qkv.size(2) / 3;
  const auto parts = qkv.view({batch, length, 3, heads, width / heads}).permute({2, 0, 3, 1, 4}).unbind(0);
  const torch::Tensor joined = at::scaled_dot_product_attention(parts[0], parts[1], parts[2], {}, 0.0, causal,
                                                                scale);  // (B, heads, T, W / heads)
  return joined.transpose(1, 2).reshape({batch, length, width});
}

}  // namespace mkt::nn
