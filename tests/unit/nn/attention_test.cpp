#include "mkt/nn/attention.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "fill.h"

namespace mkt::nn {
namespace {

/// The reference: attention computed by its definition, one head at a time, with a softmax over all keys.
torch::Tensor by_definition(const Attention& attention, const torch::Tensor& tokens, bool causal) {
  const auto width = attention->options.width;
  const auto head = width / attention->options.heads;
  const auto length = tokens.size(1);
  const torch::Tensor qkv = torch::matmul(tokens, attention->in_proj_weight.t()) + attention->in_proj_bias;
  std::vector<torch::Tensor> heads;
  for (std::int64_t i = 0; i < attention->options.heads; ++i) {
    const torch::Tensor query = qkv.narrow(2, i * head, head);
    const torch::Tensor key = qkv.narrow(2, width + i * head, head);
    const torch::Tensor value = qkv.narrow(2, 2 * width + i * head, head);
    torch::Tensor logits = torch::matmul(query, key.transpose(1, 2)) / std::sqrt(static_cast<double>(head));
    if (causal) logits = logits + torch::full({length, length}, -INFINITY).triu(1);
    heads.push_back(torch::matmul(torch::softmax(logits, -1), value));
  }
  return torch::matmul(torch::cat(heads, -1), attention->out_proj->weight.t()) + attention->out_proj->bias;
}

class AttentionValues : public testing::TestWithParam<bool> {};

TEST_P(AttentionValues, AgreeWithTheDefinitionIncludingGradients) {
  Attention attention(AttentionOptions{128, 2});
  fill(*attention);
  const torch::Tensor weights = test::formula_tensor("w", {3, 7, 128}, -1, 1);
  torch::Tensor tokens = test::formula_tensor("t", {3, 7, 128}, -2, 2).requires_grad_();

  const torch::Tensor actual = attention->forward(tokens, GetParam());
  const torch::Tensor expected = by_definition(attention, tokens, GetParam());
  EXPECT_LT(relative_difference(actual, expected), 1e-5);
  auto inputs = attention->parameters();
  inputs.push_back(tokens);
  const auto actual_gradients = torch::autograd::grad({(actual * weights).sum()}, inputs);
  const auto expected_gradients = torch::autograd::grad({(expected * weights).sum()}, inputs);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_LT(relative_difference(actual_gradients[i], expected_gradients[i]), 1e-5) << "input " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(FullAndCausal, AttentionValues, testing::Bool());

TEST(Attention, RejectsHeadsThatDoNotDivideTheWidth) {
  try {
    Attention attention(AttentionOptions{100, 3});
    FAIL() << "no exception";
  } catch (const c10::ValueError& error) {
    EXPECT_NE(std::string(error.what()).find("got width 100 and 3 heads"), std::string::npos);
  }
}

TEST(Attention, OfATokenToItselfIsThatOfASequenceOfOneToken) {
  Attention attention(AttentionOptions{64, 2});
  fill(*attention);
  const torch::Tensor tokens = test::formula_tensor("self", {3, 5, 64}, -2, 2);
  const torch::Tensor alone = attention->forward(tokens.reshape({15, 1, 64})).view({3, 5, 64});
  EXPECT_LT(relative_difference(attention->forward_self(tokens), alone), 1e-5);
}

}  // namespace
}  // namespace mkt::nn
