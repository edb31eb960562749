#include "mkt/model/prompt_learner.h"

#include <c10/core/impl/LocalDispatchKeySet.h>

#include <utility>

#include "model/prompt_packing.h"
#include "nn/graphed_gradient.h"

namespace mkt::model {
namespace {

constexpr const char* kTable = "token_embedding.weight";

clip::TensorMap text_side(const clip::TensorMap& weights) {
  clip::TensorMap result;
  for (const auto& [name, tensor] : weights) {
    if (name.rfind("visual.", 0) != 0 && name != "logit_scale") result[name] = tensor;
  }
  return result;
}

nn::PackedTransformer load_transformer(const clip::Weights& clip, const PromptLearnerOptions& options) {
  nn::Transformer transformer(clip::transformer_options(clip.architecture.text, /*causal=*/true));
  clip::load_parameters(*transformer, clip, "transformer.");
  transformer->to(options.device);
  return nn::PackedTransformer(transformer, options.dtype);
}

/// Returns rows `ids` of the token embedding table as float32 on `device`.
torch::Tensor table_rows(const clip::TensorMap& weights, const torch::Tensor& ids, torch::Device device) {
  const torch::Tensor& table = weights.at(kTable);
  return table.index_select(0, ids.to(table.device())).to(device, torch::kFloat32);
}

void check(const Prompts& prompts, const clip::TextOptions& sizes, const PromptLearnerOptions& options) {
  TORCH_CHECK_VALUE(options.labels_at_once > 0, "labels_at_once: expected at least 1, got ",
                    options.labels_at_once, ".");
  if (prompts.ids.dim() != 2 || prompts.ids.numel() == 0) return;  // pack_prompts() reports this error
  TORCH_CHECK_VALUE(prompts.ids.size(1) <= sizes.context, "prompts: expected at most ", sizes.context,
                    " tokens per prompt, got ", prompts.ids.size(1), ".");
  const auto largest = prompts.ids.max().item<std::int64_t>();
  TORCH_CHECK_VALUE(largest < sizes.vocabulary, "prompts: expected tokens below ", sizes.vocabulary,
                    " (the rows of the token embedding), got ", largest,
                    ". Tokenize for the vocabulary of these weights.");
}

}  // namespace

PromptLearner::~PromptLearner() = default;
PromptLearner::PromptLearner(PromptLearner&&) noexcept = default;
PromptLearner& PromptLearner::operator=(PromptLearner&&) noexcept = default;

PromptLearner::PromptLearner(const clip::Weights& clip, const Prompts& prompts,
                             const PromptLearnerOptions& options)
    : weights_(text_side(clip.tensors)),
      transformer_(load_transformer(clip, options)),
      epsilon_(clip.architecture.text.epsilon) {
  const clip::TextOptions& sizes = clip.architecture.text;
  check(prompts, sizes, options);
  clip::check_finite(weights_.at(kTable), kTable, clip.file);
  PackedPrompts packed = pack_prompts(prompts, options.labels_at_once);
  const auto parameter = [&](const std::string& name, at::IntArrayRef shape) {
    const torch::Tensor& source = clip::find_tensor(weights_, name, shape, clip.file);
    clip::check_finite(source, name, clip.file);
    return source.to(options.device, torch::kFloat32);
  };
  positional_embedding_ = parameter("positional_embedding", {sizes.context, sizes.width});
  projection_ = parameter("text_projection", {sizes.width, sizes.embed_dim});
  ln_weight_ = parameter("ln_final.weight", {sizes.width});
  ln_bias_ = parameter("ln_final.bias", {sizes.width});
  row_ids_ = packed.trained_ids;
  rows_ = table_rows(weights_, row_ids_, options.device).requires_grad_();
  no_row_ = torch::zeros({1, sizes.width}, projection_.options());
  own_table_ = torch::cat({table_rows(weights_, packed.own_ids, options.device), no_row_});
  order_ = packed.order.to(options.device);
  inverse_ = order_.argsort();
  for (PromptChunk& chunk : packed.chunks) {
    for (torch::Tensor* tensor : {&chunk.trained, &chunk.own, &chunk.positions, &chunk.last}) {
      *tensor = tensor->to(options.device);
    }
    chunks_.push_back(std::move(chunk));
  }
  graphs_ = std::make_unique<nn::GraphedGradient>(chunks_.size());
}

torch::Tensor PromptLearner::encode(const PromptChunk& chunk) const {
  const c10::impl::ExcludeDispatchKeyGuard no_autocast{c10::autocast_dispatch_keyset};
  torch::Tensor tokens = positional_embedding_.index_select(0, chunk.positions);
  tokens.add_(at::embedding(own_table_, chunk.own));
  tokens = at::embedding(torch::cat({rows_, no_row_}), chunk.trained).add_(tokens);      // (N, W)
  const torch::Tensor last = transformer_.last_tokens(tokens, chunk.texts, chunk.last);  // (c, W)
  const torch::Tensor normed = at::layer_norm(last, ln_weight_.sizes(), ln_weight_, ln_bias_, epsilon_);
  return at::matmul(normed, projection_);  // (c, D)
}

torch::Tensor PromptLearner::features() const {
  const at::NoGradGuard no_grad;
  std::vector<torch::Tensor> parts;
  for (const PromptChunk& chunk : chunks_) parts.push_back(encode(chunk));
  return torch::cat(parts).index_select(0, inverse_);
}

torch::Tensor PromptLearner::encode_graphed(std::size_t i) {
  const auto function = [this, i](const torch::Tensor& /*positions*/) {
    return std::vector<torch::Tensor>{encode(chunks_[i])};
  };
  return graphs_->forward(i, chunks_[i].positions, {rows_}, function).front();
}

torch::Tensor PromptLearner::begin_step() {
  graph_.reset();
  if (rows_.is_cuda()) {
    std::vector<torch::Tensor> parts;
    for (std::size_t i = 0; i < chunks_.size(); ++i) parts.push_back(encode_graphed(i));
    leaf_ = torch::cat(parts).index_select(0, inverse_);
    return leaf_.requires_grad_();
  }
  if (chunks_.size() == 1) {
    const at::AutoGradMode with_grad(true);
    graph_ = encode(chunks_.front());
    leaf_ = graph_.detach().index_select(0, inverse_);
  } else {
    leaf_ = features();
  }
  return leaf_.requires_grad_();
}

void PromptLearner::end_step() {
  const torch::Tensor leaf = std::exchange(leaf_, {});
  torch::Tensor graph = std::exchange(graph_, {});
  TORCH_CHECK_VALUE(leaf.defined() && leaf.grad().defined(),
                    "prompt learner: expected a backward pass of begin_step's features before end_step, got "
                    "none. Call begin_step, a loss's backward(), end_step.");
  const c10::impl::ExcludeDispatchKeyGuard no_autocast{c10::autocast_dispatch_keyset};
  const at::AutoGradMode with_grad(true);
  const torch::Tensor gradient = leaf.grad().index_select(0, order_);  // (C, D), in the order of the chunks
  std::int64_t first = 0;
  if (rows_.is_cuda()) {
    for (std::size_t i = 0; i < chunks_.size(); ++i) {
      const std::int64_t labels = chunks_[i].last.size(0);
      if (chunks_.size() > 1) encode_graphed(i);  // the graphs of several chunks share memory
      graphs_->backward(i, {rows_}, {gradient.narrow(0, first, labels)});
      first += labels;
    }
    return;
  }
  for (const PromptChunk& chunk : chunks_) {
    if (!graph.defined()) graph = encode(chunk);
    graph.backward(gradient.narrow(0, first, graph.size(0)));
    first += graph.size(0);
    graph.reset();
  }
}

void PromptLearner::copy_rows(const PromptLearner& other, double decay) {
  const at::NoGradGuard no_grad;
  rows_.copy_(table_rows(weights_, row_ids_, rows_.device()).mul_(decay));
  const torch::Tensor same = row_ids_.unsqueeze(1).eq(other.row_ids_).nonzero();  // (pairs, 2)
  rows_.index_copy_(0, same.select(1, 0).to(rows_.device()),
                    other.rows_.index_select(0, same.select(1, 1).to(rows_.device())));
}

void PromptLearner::load_rows(const torch::Tensor& table) {
  const at::NoGradGuard no_grad;
  rows_.copy_(table.index_select(0, row_ids_.to(table.device())));
}

clip::TensorMap PromptLearner::state_dict(double decay) const {
  const at::NoGradGuard no_grad;
  clip::TensorMap result;
  for (const auto& [name, tensor] : weights_) {
    torch::Tensor value = tensor.to(torch::kCPU, torch::kFloat32);
    if (name == kTable) value = (value * decay).index_copy_(0, row_ids_, rows_.detach().cpu());
    result[kStage2Prefix + name] = value;
  }
  return result;
}

}  // namespace mkt::model
