#include "mkt/model/prompts.h"

#include <gtest/gtest.h>

#include "support/formula.h"
#include "support/message.h"

namespace mkt::model {
namespace {

const text::Tokenizer& tokenizer() {
  static const text::Tokenizer made(MKT_MERGES_PATH, test::ClipShape{}.vocab);
  return made;
}

TEST(PromptTemplate, PutsTheLabelInItsPlace) {
  EXPECT_EQ(PromptTemplate("There is a {} in the scene").fill("fire truck"),
            "There is a fire truck in the scene");
  for (const char* wrong : {"no place", "{} and {}", ""}) {
    const std::string message = test::message_of([&] { PromptTemplate made(wrong); });
    EXPECT_NE(message.find("template: expected a text with exactly one {}"), std::string::npos) << wrong;
  }
}

TEST(Prompts, PointAtTheLabelsOwnTokens) {
  const auto prompts =
      make_prompts({"cat", "fire truck"}, PromptTemplate("There is a {} in the scene"), tokenizer(), 77);
  EXPECT_TRUE(prompts.label_start.equal(torch::tensor({4, 4}, torch::kInt64)));
  EXPECT_TRUE(prompts.label_end.equal(torch::tensor({5, 6}, torch::kInt64)));
  const auto label = tokenizer().encode("fire truck");
  EXPECT_EQ(prompts.ids[1][4].item<std::int64_t>(), label[0]);
  EXPECT_EQ(prompts.ids[1][5].item<std::int64_t>(), label[1]);
}

TEST(Prompts, KeepTheEndTokenOfATruncatedPrompt) {
  std::string label = "cat";
  for (int i = 0; i < 100; ++i) label += " cat";
  const auto prompts = make_prompts({label}, PromptTemplate("a {} here"), tokenizer(), 77);
  EXPECT_EQ(prompts.ids[0][76].item<std::int64_t>(), tokenizer().end_token());
  EXPECT_EQ(prompts.label_end[0].item<std::int64_t>(), 76);
}

}  // namespace
}  // namespace mkt::model
