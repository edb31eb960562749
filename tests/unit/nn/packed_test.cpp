#include "mkt/nn/packed.h"

#include <ATen/autocast_mode.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include "fill.h"
#include "support/message.h"

namespace mkt::nn {
namespace {

constexpr std::int64_t kWidth = 128;

Transformer texts_transformer(std::int64_t layers, bool causal = true) {
  Transformer transformer(TransformerOptions{kWidth, layers, 2, causal});
  fill(*transformer);
  return transformer;
}

PackedTexts texts_after(std::int64_t shared) {
  return {shared, {{2, 1}, {3, 5}, {1, 9}}};
}

torch::Tensor rows_for(const PackedTexts& texts) {
  return test::formula_tensor("rows", {texts.rows(), kWidth}, -2, 2);
}

/// The reference: runs each text alone, with every token in every block.
torch::Tensor long_way(const Transformer& transformer, const torch::Tensor& rows, const PackedTexts& texts) {
  const torch::Tensor start = rows.narrow(0, 0, texts.shared);
  std::vector<torch::Tensor> last;
  std::int64_t row = texts.shared;
  for (const auto& group : texts.groups) {
    for (std::int64_t i = 0; i < group.texts; ++i) {
      const torch::Tensor text = torch::cat({start, rows.narrow(0, row, group.length)});
      last.push_back(transformer->forward(text.unsqueeze(0))[0][-1]);
      row += group.length;
    }
  }
  return torch::stack(last);
}

torch::Tensor gradient_of(const torch::Tensor& output, const torch::Tensor& input) {
  const torch::Tensor loss = (output * test::formula_tensor("loss", output.sizes().vec(), -1, 1)).sum();
  return torch::autograd::grad({loss}, {input})[0];
}

class Packed : public testing::TestWithParam<std::tuple<std::int64_t, std::int64_t>> {};

TEST_P(Packed, AgreesWithEachTextAloneIncludingGradients) {
  const auto [shared, layers] = GetParam();
  const Transformer transformer = texts_transformer(layers);
  const PackedTexts texts = texts_after(shared);
  const torch::Tensor rows = rows_for(texts).requires_grad_();
  const torch::Tensor expected = long_way(transformer, rows, texts);
  const torch::Tensor actual = PackedTransformer(transformer).last_tokens(rows, texts);
  EXPECT_LT(relative_difference(actual, expected), 1e-5);
  EXPECT_LT(relative_difference(gradient_of(actual, rows), gradient_of(expected, rows)), 1e-5);
}

INSTANTIATE_TEST_SUITE_P(SharedStartsAndDepths, Packed,
                         testing::Combine(testing::Values(0, 1, 4), testing::Values(1, 3)));

TEST(PackedTransformer, BuildsNoGraphWithoutGradients) {
  const PackedTexts texts = texts_after(4);
  const Transformer transformer = texts_transformer(3);
  const torch::Tensor plain = PackedTransformer(transformer).last_tokens(rows_for(texts), texts);
  EXPECT_FALSE(plain.requires_grad());  // although the transformer's parameters require gradients
  const at::NoGradGuard no_grad;
  const torch::Tensor rows = rows_for(texts).requires_grad_();
  EXPECT_FALSE(PackedTransformer(transformer).last_tokens(rows, texts).requires_grad());
}

TEST(PackedTransformer, IsCloseInHalfPrecision) {
  const PackedTexts texts = texts_after(4);
  const Transformer transformer = texts_transformer(3);
  const torch::Tensor rows = rows_for(texts).requires_grad_();
  const torch::Tensor expected = long_way(transformer, rows, texts);
  const torch::Tensor expected_gradient = gradient_of(expected, rows);
  for (const auto dtype : {torch::kBFloat16, torch::kFloat16}) {
    const torch::Tensor actual = PackedTransformer(transformer, dtype).last_tokens(rows, texts);
    EXPECT_EQ(actual.scalar_type(), torch::kFloat32);
    EXPECT_LT(relative_difference(actual, expected), 0.03) << dtype;
    EXPECT_GT(relative_difference(actual, expected), 1e-6)
        << dtype;  // proves that it computes in half precision
    const torch::Tensor gradient = gradient_of(actual, rows);
    EXPECT_EQ(gradient.scalar_type(), torch::kFloat32);
    EXPECT_LT(relative_difference(gradient, expected_gradient), 0.05) << dtype;
  }
}

TEST(PackedTransformer, IgnoresAutocast) {
  const PackedTexts texts = texts_after(4);
  const PackedTransformer packed(texts_transformer(3));
  const torch::Tensor expected = packed.last_tokens(rows_for(texts), texts);
  at::autocast::set_autocast_enabled(at::kCPU, true);
  const torch::Tensor actual = packed.last_tokens(rows_for(texts), texts);
  at::autocast::set_autocast_enabled(at::kCPU, false);
  EXPECT_TRUE(torch::equal(actual, expected));
}

TEST(PackedTransformer, RejectsAnotherNumberOfRows) {
  const PackedTransformer packed(texts_transformer(1));
  EXPECT_EQ(test::message_of([&] {
              packed.last_tokens(torch::zeros({29, kWidth}), texts_after(4));
            }),
            "PackedTransformer: expected (30, 128) rows, got [29, 128]. Pack the rows of these texts.");
}

TEST(PackedTransformer, RejectsTransformersThatAreNotCausal) {
  EXPECT_EQ(test::message_of([&] { const PackedTransformer packed(texts_transformer(2, false)); }),
            "PackedTransformer: expected a causal transformer of at least one block, got another one of 2. "
            "Use a text transformer.");
}

}  // namespace
}  // namespace mkt::nn
