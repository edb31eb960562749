#include "labels/label_facts.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "mkt/weights/checkpoint.h"
#include "support/command.h"
#include "support/message.h"

namespace mkt::labels {
namespace {

TEST(LabelFacts, LieBesideTheFeatures) {
  EXPECT_EQ(label_facts_path("data/label_emb.pt"), "data/label_emb.json");
  EXPECT_EQ(label_facts_path("features"), "features.json");
  EXPECT_EQ(label_facts_path("features.json"), "features.json.json");  // never the features themselves
}

TEST(LabelFacts, ComeBackAsTheyWereWritten) {
  const std::string path = test::scratch_folder("facts") + "/label_emb.pt";
  const torch::Tensor features = torch::randn({2, 8});
  EXPECT_FALSE(read_label_facts(path, features).has_value());
  weights::save_tensor(path, features);
  write_label_facts(path, features, {{"cat", "caf\u00e9"}, "abc", "a {}", {{"templates", {"a {}"}}}});
  const auto facts = read_label_facts(path, features);
  ASSERT_TRUE(facts.has_value());
  EXPECT_EQ(facts->labels, (std::vector<std::string>{"cat", "caf\u00e9"}));
  EXPECT_EQ(facts->text_sha256, "abc");
  EXPECT_EQ(facts->prompt_template, "a {}");
  EXPECT_EQ(facts->phrases["templates"][0], "a {}");
}

TEST(LabelFacts, DependOnTheTypeAndOrderOfTheFeatures) {
  const std::string path = test::scratch_folder("facts") + "/label_emb.pt";
  const torch::Tensor features = torch::randn({2, 8});
  weights::save_tensor(path, features);
  write_label_facts(path, features, {{"cat", "dog"}, "abc", "a {}", {}});
  EXPECT_NE(test::message_of([&] { read_label_facts(path, features.flip(0)); }), "");
  EXPECT_NE(test::message_of([&] { read_label_facts(path, features.to(torch::kHalf)); }), "");
}

TEST(LabelFacts, AreNotWrittenBesideAPipe) {
  write_label_facts("/dev/null", torch::zeros({1, 2}), {{"cat"}, "abc", "a {}", {}});
  EXPECT_FALSE(std::filesystem::exists("/dev/null.json"));
}

}  // namespace
}  // namespace mkt::labels
