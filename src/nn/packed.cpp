#include "mkt/nn/packed.h"

#include <c10/core/impl/LocalDispatchKeySet.h>

#include <limits>
#include <optional>
#include <utility>

#include "nn/autograd_function.h"
#include "nn/product.h"
#include "nn/residual.h"

namespace mkt::nn {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Computes rows + ls_2(mlp(ln_2(rows))) and saves few tensors for the backward pass: with z = 1.702·c_fc(…)
/// QuickGELU's branch is c_proj(silu(z))/1.702, and the two factors cancel in the derivative.
class MlpBranch : public torch::autograd::Function<MlpBranch> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& rows, const FrozenBlock& block,
                               double epsilon) {
    const auto dtype = block.fc_weight.scalar_type();
    const auto [normed, mean, deviation] =
        at::native_layer_norm(rows, block.ln_2_weight.sizes(), block.ln_2_weight, block.ln_2_bias, epsilon);
    const torch::Tensor hidden = scaled_product_(normed.to(dtype), block.fc_weight, block.scaled_fc_bias,
                                                 block.factor);  // (N, hidden)
    const bool quick = block.activation == Activation::kQuickGelu;
    const torch::Tensor branch = scaled_product_(quick ? at::silu(hidden) : at::gelu(hidden),
                                                 block.proj_weight, block.proj_bias, 1 / block.factor);
    if (block.ls_2.defined()) branch.mul_(block.ls_2);
    context->save_for_backward({rows, mean, deviation, hidden, block.ln_2_weight, block.ln_2_bias,
                                block.fc_weight, block.proj_weight, block.ls_2});
    context->saved_data["quick"] = quick;
    return add_residual(branch, rows);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const torch::Tensor& rows = saved[0];
    const torch::Tensor& hidden = saved[3];
    torch::Tensor through_scale = gradients[0].to(hidden.scalar_type());
    if (saved[8].defined()) through_scale = through_scale * saved[8];
    torch::Tensor inner = product_backward(through_scale, saved[7]);  // (N, hidden)
    if (context->saved_data["quick"].toBool()) {
      at::silu_backward_out(inner, inner, hidden);
    } else {
      inner = at::gelu_backward(inner, hidden);
    }
    const torch::Tensor outer = product_backward(inner, saved[6]).to(rows.scalar_type());  // (N, W)
    const auto through_norm = at::native_layer_norm_backward(
        outer, rows, saved[4].sizes(), saved[1], saved[2], saved[4], saved[5], {true, false, false});
    return {std::get<0>(through_norm).add_(gradients[0]), torch::Tensor(), torch::Tensor()};
  }
};

/// Keys and values for attention: (texts, heads, tokens, W / heads) each.
struct KeysValues {
  torch::Tensor keys;
  torch::Tensor values;
};

/// Splits projected (texts·length, parts·W), which contains any of queries, keys and values, into `parts`
/// views (texts, heads, length, W / heads).
std::vector<torch::Tensor> split_heads(const torch::Tensor& projected, std::int64_t texts, std::int64_t parts,
                                       std::int64_t heads) {
  const std::int64_t head_width = projected.size(1) / parts / heads;
  return projected.view({texts, projected.size(0) / texts, parts, heads, head_width})
      .permute({2, 0, 3, 1, 4})
      .unbind(0);
}

/// Concatenates the keys and values of the shared start with those of each text.
KeysValues after_shared(const KeysValues& shared, const KeysValues& own) {
  const auto join = [](const torch::Tensor& start, const torch::Tensor& rest) {
    return torch::cat({start.expand({rest.size(0), -1, -1, -1}), rest}, 2);
  };
  return {join(shared.keys, own.keys), join(shared.values, own.values)};
}

/// Computes the attention of `queries` over `seen` and joins the heads: (texts·length, W).
torch::Tensor attend_to(const torch::Tensor& queries, const KeysValues& seen,
                        const std::optional<torch::Tensor>& mask, double scale) {
  const torch::Tensor heads = at::scaled_dot_product_attention(queries, seen.keys, seen.values, mask, 0.0,
                                                               /*is_causal=*/false, scale);
  return heads.transpose(1, 2).reshape(
      {queries.size(0) * queries.size(2), queries.size(1) * queries.size(3)});
}

/// Returns the additive attention mask (length, shared + length): a text's own token i attends to the shared
/// start and to its own tokens 0 … i.
torch::Tensor causal_mask(std::int64_t shared, std::int64_t length, const at::TensorOptions& options) {
  return torch::full({length, shared + length}, -std::numeric_limits<float>::infinity(), options)
      .triu_(shared + 1);
}

/// Returns the row counts of the shared start and of each group.
std::vector<std::int64_t> part_sizes(const PackedTexts& texts) {
  std::vector<std::int64_t> sizes{texts.shared};
  for (const auto& group : texts.groups) sizes.push_back(group.texts * group.length);
  return sizes;
}

}  // namespace

std::int64_t PackedTexts::texts() const {
  std::int64_t count = 0;
  for (const Group& group : groups) count += group.texts;
  return count;
}

std::int64_t PackedTexts::rows() const {
  std::int64_t count = shared;
  for (const Group& group : groups) count += group.texts * group.length;
  return count;
}

torch::Tensor PackedTexts::last_rows() const {
  std::vector<std::int64_t> result;
  std::int64_t row = shared - 1;
  for (const Group& group : groups) {
    for (std::int64_t i = 0; i < group.texts; ++i) result.push_back(row += group.length);
  }
  return torch::tensor(result, torch::kInt64);
}

PackedTransformer::PackedTransformer(const Transformer& transformer, torch::Dtype dtype)
    : options_(transformer->options), dtype_(dtype) {
  TORCH_CHECK_VALUE(options_.causal && options_.layers > 0,
                    "PackedTransformer: expected a causal transformer of at least one block, got ",
                    options_.causal ? "a causal" : "another", " one of ", options_.layers,
                    ". Use a text transformer.");
  for (std::int64_t i = 0; i < options_.layers; ++i) blocks_.emplace_back(transformer->block(i), dtype);
}

torch::Tensor PackedTransformer::last_tokens(torch::Tensor rows, const PackedTexts& texts,
                                             const torch::Tensor& last) const {
  TORCH_CHECK_VALUE(rows.dim() == 2 && rows.size(0) == texts.rows() && rows.size(1) == options_.width,
                    "PackedTransformer: expected (", texts.rows(), ", ", options_.width, ") rows, got ",
                    rows.sizes(), ". Pack the rows of these texts.");
  const c10::impl::ExcludeDispatchKeyGuard no_autocast{c10::autocast_dispatch_keyset};
  std::vector<torch::Tensor> masks;
  for (const auto& group : texts.groups) {
    masks.push_back(causal_mask(texts.shared, group.length, rows.options().dtype(dtype_)));
  }
  for (std::size_t i = 0; i + 1 < blocks_.size(); ++i) rows = whole_block(blocks_[i], rows, texts, masks);
  return last_block(blocks_.back(), rows, texts, last.defined() ? last : texts.last_rows().to(rows.device()));
}

torch::Tensor PackedTransformer::through_mlp(const FrozenBlock& block, const torch::Tensor& attended,
                                             const torch::Tensor& rows) const {
  torch::Tensor branch = differentiable_product(attended, block.out_weight, block.out_bias);
  if (block.ls_1.defined()) branch = branch * block.ls_1;
  return MlpBranch::apply(add_residual(branch, rows), block, options_.epsilon);
}

torch::Tensor PackedTransformer::whole_block(const FrozenBlock& block, const torch::Tensor& rows,
                                             const PackedTexts& texts,
                                             const std::vector<torch::Tensor>& masks) const {
  const double scale = attention_scale(options_);
  const torch::Tensor normed =
      at::layer_norm(rows, {options_.width}, block.ln_1_weight, block.ln_1_bias, options_.epsilon);
  const torch::Tensor projected =
      differentiable_product(normed.to(dtype_), block.in_weight, block.in_bias);  // (N, 3W)
  const auto parts = projected.split_with_sizes(part_sizes(texts));
  const auto start = split_heads(parts[0], 1, 3, options_.heads);
  std::vector<torch::Tensor> attended;
  if (texts.shared > 0) {
    const torch::Tensor mask = causal_mask(0, texts.shared, rows.options().dtype(dtype_));
    attended.push_back(attend_to(start[0], {start[1], start[2]}, mask, scale));
  }
  for (std::size_t g = 0; g < texts.groups.size(); ++g) {
    const auto own = split_heads(parts[g + 1], texts.groups[g].texts, 3, options_.heads);
    attended.push_back(
        attend_to(own[0], after_shared({start[1], start[2]}, {own[1], own[2]}), masks[g], scale));
  }
  return through_mlp(block, torch::cat(attended), rows);
}

torch::Tensor PackedTransformer::last_block(const FrozenBlock& block, const torch::Tensor& rows,
                                            const PackedTexts& texts, const torch::Tensor& last) const {
  const std::int64_t width = options_.width;
  const torch::Tensor normed =
      at::layer_norm(rows, {width}, block.ln_1_weight, block.ln_1_bias, options_.epsilon).to(dtype_);
  const auto project = [&](const torch::Tensor& input, std::int64_t first, std::int64_t count) {
    return differentiable_product(input, block.in_weight.narrow(0, first * width, count * width),
                                  block.in_bias.narrow(0, first * width, count * width));
  };
  // One tensor (rows, 2W) for the shared start and one per group.
  const auto parts = project(normed, 1, 2).split_with_sizes(part_sizes(texts));
  const auto start = split_heads(parts[0], 1, 2, options_.heads);
  std::vector<std::int64_t> counts;
  for (const auto& group : texts.groups) counts.push_back(group.texts);
  // One tensor (texts, W) per group.
  const auto queries = project(normed.index_select(0, last), 0, 1).split_with_sizes(counts);
  std::vector<torch::Tensor> attended;
  for (std::size_t g = 0; g < counts.size(); ++g) {
    const auto own = split_heads(parts[g + 1], counts[g], 2, options_.heads);
    const torch::Tensor query = split_heads(queries[g], counts[g], 1, options_.heads)[0];
    attended.push_back(attend_to(query, after_shared({start[0], start[1]}, {own[0], own[1]}), {},
                                 attention_scale(options_)));
  }
  return through_mlp(block, torch::cat(attended), rows.index_select(0, last));
}

}  // namespace mkt::nn
