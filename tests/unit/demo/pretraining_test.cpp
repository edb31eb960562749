#include "demo/pretraining.h"

#include <gtest/gtest.h>

#include "mkt/clip/text_encoder.h"
#include "mkt/clip/vision_encoder.h"
#include "mkt/clip/weights.h"
#include "support/command.h"
#include "support/message.h"
#include "world/caption.h"

namespace mkt::demo {
namespace {

const text::Tokenizer& tokenizer() {
  static const text::Tokenizer tokenizer(MKT_MERGES_PATH, 49408);
  return tokenizer;
}

PretrainingOptions hurried(const std::string& output) {
  PretrainingOptions options{};
  options.seed = 1;
  options.lr = 1e-3;
  options.output = output;
  options.bpe_path = MKT_MERGES_PATH;
  options.pictures = 40;
  options.single = 20;
  options.first_steps = options.single_steps = options.last_steps = 1;
  options.batch_size = 8;
  return options;
}

TEST(Vocabulary, KeepsTheOrderOfTokens) {
  const Vocabulary vocabulary(tokenizer(), WorldKind::kShapes);
  EXPECT_LT(vocabulary.size(), 70);
  const torch::Tensor ids = tokenizer().tokenize(
      {"there is an orange striped star in the scene", "a heart, a moon and a tree on snow"}, 20);
  const torch::Tensor small = vocabulary.small(ids);
  EXPECT_TRUE(torch::equal(small.argmax(1), ids.argmax(1)));
  EXPECT_TRUE(torch::equal(small.flatten().argsort(true), ids.flatten().argsort(true)));
  EXPECT_EQ(small.max().item<std::int64_t>(), vocabulary.size() - 1);
  const std::string message =
      mkt::test::message_of([&] { vocabulary.small(tokenizer().tokenize({"a dog"}, 8)); });
  EXPECT_EQ(message.rfind("vocabulary: expected words of the demo's captions, got token ", 0), 0U) << message;
}

TEST(Vocabulary, FullTableGivesTheSameEmbeddings) {
  const Vocabulary vocabulary(tokenizer(), WorldKind::kShapes);
  const torch::Tensor table = torch::randn({vocabulary.size(), 4});
  const torch::Tensor full = vocabulary.full_table(table);
  EXPECT_EQ(full.sizes(), (std::vector<std::int64_t>{49408, 4}));
  const torch::Tensor ids = tokenizer().tokenize(all_words(WorldKind::kShapes), 16);
  EXPECT_TRUE(torch::equal(torch::embedding(full, ids), torch::embedding(table, vocabulary.small(ids))));
  EXPECT_EQ(full.abs().sum(1).gt(0).sum().item<std::int64_t>(), vocabulary.size());
}

TEST(Vocabulary, CoversTheWordsOfEveryWorld) {
  for (const WorldKind kind : {WorldKind::kShapes, WorldKind::kSigns, WorldKind::kCatalogue}) {
    const Vocabulary vocabulary(tokenizer(), kind);
    for (const std::string& label : label_names(kind))
      EXPECT_GT(vocabulary.small(tokenizer().tokenize({"there is a " + label + " in the scene"}, 16))
                    .max()
                    .item<int>(),
                0);
  }
  EXPECT_NE(mkt::test::message_of([&] {
              Vocabulary(tokenizer(), WorldKind::kShapes).small(tokenizer().tokenize({"a fish"}, 8));
            }),
            "");
}

TEST(Pretraining, WritesAClipThatLoads) {
  const std::string path = mkt::test::scratch_folder("pretraining") + "/clip.safetensors";
  EXPECT_EQ(pretrain_clip(hurried(path)), path);
  const auto weights = clip::load_tensors(path);
  EXPECT_EQ(clip::vision_options(weights, path).resolution(), 64);
  EXPECT_EQ(clip::text_options(weights, path).vocabulary, 49408);
  EXPECT_EQ(weights.at("visual.proj").scalar_type(), torch::kHalf);
  EXPECT_TRUE(clip::make_text_encoder({weights, path})
                  ->encode(tokenizer().tokenize({"a red star"}, 77))
                  .isfinite()
                  .all()
                  .item<bool>());
}

TEST(Pretraining, IsReproducible) {
  const std::string folder = mkt::test::scratch_folder("pretraining");
  PretrainingOptions options = hurried(folder + "/a.safetensors");
  pretrain_clip(options);
  options.output = folder + "/b.safetensors";
  pretrain_clip(options);
  EXPECT_TRUE(mkt::test::file_text(folder + "/a.safetensors") ==
              mkt::test::file_text(folder + "/b.safetensors"));
  options.seed = 2;
  pretrain_clip(options);
  EXPECT_FALSE(mkt::test::file_text(folder + "/a.safetensors") ==
               mkt::test::file_text(folder + "/b.safetensors"));
}

}  // namespace
}  // namespace mkt::demo
