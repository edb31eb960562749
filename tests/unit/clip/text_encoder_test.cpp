#include "mkt/clip/text_encoder.h"

#include <gtest/gtest.h>

#include "support/difference.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::clip {
namespace {

constexpr std::int64_t kStart = 98;
constexpr std::int64_t kEnd = 99;

TextEncoder small_encoder() {
  test::ClipShape shape = test::tiny_clip_shape();
  shape.vocab = kEnd + 1;
  return make_text_encoder({test::formula_clip_state(shape), "formula"});
}

/// Token ids, (texts, 77): `lengths[i]` tokens between start and end token, zero-padded as by CLIP's
/// tokenizer.
torch::Tensor padded_ids(const std::vector<std::int64_t>& lengths) {
  torch::Tensor ids = torch::zeros({static_cast<std::int64_t>(lengths.size()), 77}, torch::kInt64);
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    torch::Tensor row = ids[static_cast<std::int64_t>(i)];
    row[0] = kStart;
    for (std::int64_t t = 1; t <= lengths[i]; ++t)
      row[t] = (7 * t + 13 * static_cast<std::int64_t>(i)) % 97 + 1;
    row[lengths[i] + 1] = kEnd;
  }
  return ids;
}

/// The reference: runs all 77 positions through all blocks, as CLIP does.
torch::Tensor long_way(const TextEncoder& encoder, const torch::Tensor& ids) {
  const at::NoGradGuard no_grad;
  const torch::Tensor tokens = encoder->add_positions(encoder->embed(ids));
  return encoder->finish(encoder->run(tokens, 0, encoder->options.layers), end_positions(ids));
}

TEST(TextEncoder, StoppingAtTheLastEndTokenChangesNothing) {
  const TextEncoder encoder = small_encoder();
  const torch::Tensor ids = padded_ids({3, 9, 1, 0});
  EXPECT_LT(test::largest_difference(encoder->encode(ids), long_way(encoder, ids)), 1e-5);
}

TEST(TextEncoder, EncodesTextsThatFillTheContext) {
  const TextEncoder encoder = small_encoder();
  const torch::Tensor ids = padded_ids({75, 2});
  EXPECT_LT(test::largest_difference(encoder->encode(ids), long_way(encoder, ids)), 1e-5);
}

TEST(TextEncoder, EncodesTokenEmbeddingsAsIds) {
  const TextEncoder encoder = small_encoder();
  const torch::Tensor ids = padded_ids({3, 9, 1});
  const torch::Tensor embeddings = encoder->embed(ids);
  const torch::Tensor ends = end_positions(ids);
  EXPECT_TRUE(torch::equal(encoder->encode_embeddings(embeddings, ends), encoder->encode(ids)));
}

TEST(TextEncoder, GradientsReachTokensUpToTheEndToken) {
  const TextEncoder encoder = small_encoder();
  const torch::Tensor ids = padded_ids({3});
  torch::Tensor embeddings = encoder->embed(ids).detach().requires_grad_();
  encoder->encode_embeddings(embeddings, end_positions(ids)).sum().backward();
  const torch::Tensor reached = embeddings.grad().abs().sum(-1)[0] > 0;  // (77)
  EXPECT_TRUE(reached.slice(0, 0, 5).all().item<bool>());
  EXPECT_FALSE(reached.slice(0, 5).any().item<bool>());
}

TEST(TextEncoder, RefusesTextsLongerThanTheContext) {
  const TextEncoder encoder = small_encoder();
  EXPECT_EQ(test::message_of([&] {
              encoder->add_positions(torch::zeros({1, 78, 128}));
            }),
            "text encoder: expected at most 77 tokens per text, got 78.");
}

}  // namespace
}  // namespace mkt::clip
