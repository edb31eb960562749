#include "mkt/nn/frozen.h"

#include <gtest/gtest.h>

#include "fill.h"

namespace mkt::nn {
namespace {

constexpr std::int64_t kLayers = 3;

Transformer small_transformer(bool causal = false) {
  Transformer transformer(TransformerOptions{128, kLayers, 2, causal});
  fill(*transformer);
  return transformer;
}

torch::Tensor tokens() {
  return test::formula_tensor("t", {3, 17, 128}, -2, 2);
}

class Frozen : public testing::TestWithParam<bool> {};

TEST_P(Frozen, AgreesWithTheTransformer) {
  const Transformer transformer = small_transformer(GetParam());
  const FrozenTransformer frozen(transformer, 0, kLayers);
  EXPECT_LT(relative_difference(frozen.run_(tokens()), transformer->forward(tokens())), 1e-5);
}

TEST_P(Frozen, IsCloseToTheTransformerInHalfPrecision) {
  const Transformer transformer = small_transformer(GetParam());
  const torch::Tensor expected = transformer->forward(tokens());
  for (const auto dtype : {torch::kBFloat16, torch::kFloat16}) {
    const torch::Tensor actual = FrozenTransformer(transformer, 0, kLayers, dtype).run_(tokens());
    EXPECT_EQ(actual.scalar_type(), torch::kFloat32);
    EXPECT_TRUE(actual.isfinite().all().item<bool>());
    EXPECT_LT(relative_difference(actual, expected), 0.03) << dtype;
    EXPECT_GT(relative_difference(actual, expected), 1e-6)
        << dtype;  // proves that it computes in half precision
  }
}

INSTANTIATE_TEST_SUITE_P(FullAndCausal, Frozen, testing::Bool());

TEST(FrozenTransformer, UsesTheBlockNumbersOfTheTransformer) {
  const Transformer transformer = small_transformer();
  const FrozenTransformer end(transformer, 1, kLayers);
  EXPECT_EQ(end.first_block(), 1);
  EXPECT_EQ(end.last_block(), kLayers);
  const torch::Tensor staged = end.run_(end.run_(tokens(), 1, 2), 2, kLayers);
  EXPECT_LT(relative_difference(staged, transformer->run(tokens(), 1, kLayers)), 1e-5);
}

TEST(FrozenTransformer, ProcessesManySequencesInParts) {
  const Transformer transformer = small_transformer();
  const FrozenTransformer frozen(transformer, 0, kLayers);
  const torch::Tensor many = test::formula_tensor("many", {151, 17, 128}, -2, 2);  // 2,567 rows: 3 parts
  const torch::Tensor expected = transformer->forward(many);
  EXPECT_LT(relative_difference(frozen.run_(many.clone()), expected), 1e-5);
  const torch::Tensor lone = frozen.run_(many.narrow(0, 150, 1).clone());
  EXPECT_LT(relative_difference(lone, expected.narrow(0, 150, 1)), 1e-5);
}

TEST(FrozenTransformer, AcceptsSequencesLongerThanAPart) {
  const Transformer transformer = small_transformer();
  const FrozenTransformer frozen(transformer, 0, kLayers);
  const torch::Tensor longer = test::formula_tensor("long", {2, 1100, 128}, -2, 2);
  EXPECT_LT(relative_difference(frozen.run_(longer.clone()), transformer->forward(longer)), 1e-5);
}

TEST(FrozenTransformer, OverwritesItsInputAndBuildsNoGraph) {
  const FrozenTransformer frozen(small_transformer(), 0, kLayers);
  const torch::Tensor input = tokens();
  const torch::Tensor output = frozen.run_(input);
  EXPECT_EQ(output.data_ptr(), input.data_ptr());
  EXPECT_FALSE(output.requires_grad());
}

TEST(FrozenTransformer, IsBitIdenticalWhenRepeated) {
  const FrozenTransformer frozen(small_transformer(), 0, kLayers);
  EXPECT_TRUE(torch::equal(frozen.run_(tokens()), frozen.run_(tokens())));
}

TEST(FrozenTransformer, ComputesTheClassTokenOfTheFullBlocks) {
  const Transformer transformer = small_transformer();
  const torch::Tensor expected = transformer->forward(tokens()).select(1, 0);
  const FrozenTransformer frozen(transformer, 0, kLayers);
  EXPECT_LT(relative_difference(frozen.run_class_token_(tokens()), expected), 1e-5);
  const FrozenTransformer half(transformer, 0, kLayers, torch::kBFloat16);
  EXPECT_LT(relative_difference(half.run_class_token_(tokens()), expected), 0.03);
}

TEST(FrozenTransformer, LetsTokensAttendToThemselvesInTheLastBlock) {
  const Transformer transformer = small_transformer();
  const FrozenTransformer frozen(transformer, 0, kLayers);
  const torch::Tensor many = test::formula_tensor("self", {151, 17, 128}, -2, 2);  // 3 parts on a CPU
  const torch::Tensor expected =
      transformer->block(kLayers - 1)->forward_self(transformer->run(many, 0, kLayers - 1));
  const torch::Tensor made = frozen.run_self_(many.clone());
  EXPECT_LT(relative_difference(made.slice(1, 1), expected.slice(1, 1)), 1e-5);
  EXPECT_TRUE(torch::equal(made.select(1, 0), frozen.run_(many.clone()).select(1, 0)));
  const FrozenTransformer half(transformer, 0, kLayers, torch::kBFloat16);
  EXPECT_LT(relative_difference(half.run_self_(many.clone()).slice(1, 1), expected.slice(1, 1)), 0.03);
}

TEST(FrozenTransformer, KeepsItsInputForTheClassTokenOfASingleBlock) {
  const Transformer transformer = small_transformer();
  const FrozenTransformer last(transformer, kLayers - 1, kLayers);
  const torch::Tensor input = tokens();
  const torch::Tensor expected = transformer->run(tokens(), kLayers - 1, kLayers).select(1, 0);
  EXPECT_LT(relative_difference(last.run_class_token_(input), expected), 1e-5);
  EXPECT_TRUE(torch::equal(input, tokens()));
}

TEST(FrozenTransformer, SharesWeightsOfItsDtypeAndConvertsOthers) {
  const Transformer transformer = small_transformer();
  const FrozenTransformer same(transformer, 0, kLayers);
  const FrozenTransformer half(transformer, 0, kLayers, torch::kBFloat16);
  const torch::Tensor before = half.run_(tokens());
  {
    const at::NoGradGuard no_grad;
    for (torch::Tensor parameter : transformer->parameters()) {
      if (parameter.dim() > 1) parameter.zero_();
    }
  }
  EXPECT_LT(relative_difference(same.run_(tokens()), transformer->forward(tokens())), 1e-5);
  EXPECT_TRUE(torch::equal(half.run_(tokens()), before));
}

TEST(FrozenTransformer, RejectsBlocksThatItDoesNotHold) {
  const FrozenTransformer end(small_transformer(), 1, kLayers);
  try {
    end.run_(tokens(), 0, kLayers);
    FAIL() << "no exception";
  } catch (const c10::ValueError& error) {
    EXPECT_NE(std::string(error.what()).find("expected blocks within [1, 3), got [0, 3)"), std::string::npos);
  }
}

}  // namespace
}  // namespace mkt::nn
