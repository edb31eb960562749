#include "mkt/nn/transformer.h"

#include <gtest/gtest.h>

#include <set>

#include "fill.h"

namespace mkt::nn {
namespace {

Transformer three_block_transformer(bool causal) {
  Transformer transformer(TransformerOptions{128, 3, 2, causal});
  fill(*transformer);
  return transformer;
}

TEST(Transformer, NamesItsParametersAsTheStateDictDoes) {
  const Transformer transformer(TransformerOptions{128, 1, 2, false});
  std::set<std::string> names;
  for (const auto& parameter : transformer->named_parameters()) names.insert(parameter.key());
  const std::string block = "resblocks.0.";
  EXPECT_EQ(names,
            (std::set<std::string>{block + "attn.in_proj_bias", block + "attn.in_proj_weight",
                                   block + "attn.out_proj.bias", block + "attn.out_proj.weight",
                                   block + "ln_1.bias", block + "ln_1.weight", block + "ln_2.bias",
                                   block + "ln_2.weight", block + "mlp.c_fc.bias", block + "mlp.c_fc.weight",
                                   block + "mlp.c_proj.bias", block + "mlp.c_proj.weight"}));
}

TEST(Transformer, GivesTheSameInStages) {
  const Transformer transformer = three_block_transformer(false);
  const torch::Tensor tokens = test::formula_tensor("t", {2, 9, 128}, -2, 2);
  const torch::Tensor staged = transformer->run(transformer->run(tokens, 0, 1), 1, 3);
  EXPECT_TRUE(torch::equal(staged, transformer->forward(tokens)));
  EXPECT_TRUE(torch::equal(transformer->run(tokens, 2, 2), tokens));
}

TEST(Transformer, IgnoresLaterTokensIfCausal) {
  const Transformer transformer = three_block_transformer(true);
  const torch::Tensor tokens = test::formula_tensor("t", {2, 9, 128}, -2, 2);
  const torch::Tensor whole = transformer->forward(tokens);
  const torch::Tensor start = transformer->forward(tokens.narrow(1, 0, 5));
  EXPECT_LT(relative_difference(whole.narrow(1, 0, 5), start), 1e-6);
  EXPECT_GT(relative_difference(three_block_transformer(false)->forward(tokens), whole), 1e-2);
}

TEST(Transformer, DoesNotChangeItsInput) {
  const Transformer transformer = three_block_transformer(false);
  const torch::Tensor tokens = test::formula_tensor("t", {2, 9, 128}, -2, 2);
  const torch::Tensor before = tokens.clone();
  transformer->forward(tokens).sum().backward();
  EXPECT_TRUE(torch::equal(tokens, before));
}

TEST(Transformer, RejectsBlocksThatItDoesNotHave) {
  try {
    three_block_transformer(false)->run(torch::zeros({1, 2, 128}), 1, 4);
    FAIL() << "no exception";
  } catch (const c10::ValueError& error) {
    EXPECT_NE(std::string(error.what()).find("expected blocks within [0, 3), got [1, 4)"), std::string::npos);
  }
}

}  // namespace
}  // namespace mkt::nn
