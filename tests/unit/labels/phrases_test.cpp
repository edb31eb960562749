#include "labels/phrases.h"

#include <gtest/gtest.h>

#include <fstream>

#include "core/text.h"
#include "support/command.h"
#include "support/difference.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::labels {
namespace {

constexpr const char* kAround = "a {} here";

/// Computes a feature from a sentence's text.
torch::Tensor feature_of(const std::string& sentence) {
  return test::formula_tensor(sentence, {1, 8}, -1, 3);
}

torch::Tensor encode(const std::string& prompt_template, const std::vector<std::string>& texts) {
  std::vector<torch::Tensor> features;
  const auto place = prompt_template.find("{}");
  for (const std::string& text : texts)
    features.push_back(
        feature_of(prompt_template.substr(0, place) + text + prompt_template.substr(place + 2)));
  return torch::cat(features);
}

/// The reference: the direction of the normalised features' mean, with the original features' mean norm.
torch::Tensor mean_of(const std::vector<std::string>& sentences) {
  torch::Tensor direction = torch::zeros({1, 8});
  double length = 0;
  for (const std::string& sentence : sentences) {
    const torch::Tensor feature = feature_of(sentence);
    const double norm = feature.norm().item<double>();
    direction = direction + feature / norm;
    length += norm / static_cast<double>(sentences.size());
  }
  return direction / direction.norm() * length;
}

TEST(Phrases, ALabelWithOneSentenceHasItsFeature) {
  Phrases phrases;
  phrases.labels = {{"dog", {"hound"}}};
  const torch::Tensor features = averaged_features(phrases, kAround, {"cat", "dog"}, encode);
  EXPECT_TRUE(torch::equal(features, torch::cat({feature_of("a cat here"), feature_of("a hound here")})));
}

TEST(Phrases, SeveralSentencesAreAveragedInDirectionAndLength) {
  Phrases phrases;
  phrases.templates = {"a {} here", "the {}"};
  phrases.labels = {{"dog", {"dog", "hound"}}, {"cow", {"ox"}}};
  phrases.sentences = {{"dog", {"it barks"}}, {"cat", {"it purrs"}}};
  const torch::Tensor features = averaged_features(phrases, kAround, {"dog", "cat", "yak"}, encode);
  ASSERT_EQ(features.sizes(), (std::vector<std::int64_t>{3, 8}));
  const torch::Tensor expected =
      torch::cat({mean_of({"a dog here", "a hound here", "the dog", "the hound", "it barks"}),
                  mean_of({"a cat here", "the cat", "it purrs"}), mean_of({"a yak here", "the yak"})});
  EXPECT_LT(test::largest_difference(features, expected), 1e-6);
}

TEST(Phrases, AverageToTheDirectionOfClipsOwnEnsembles) {
  Phrases phrases;
  phrases.templates = {"a {} here", "the {}", "many {}"};
  const torch::Tensor made = averaged_features(phrases, kAround, {"dog"}, encode);
  torch::Tensor mean = torch::zeros({1, 8});  // as in zero_shot_classifier of CLIP's notebook
  for (const std::string sentence : {"a dog here", "the dog", "many dog"}) {
    const torch::Tensor feature = feature_of(sentence);
    mean = mean + feature / feature.norm() / 3;
  }
  EXPECT_LT(test::largest_difference(made / made.norm(), mean / mean.norm()), 1e-6);
}

TEST(Phrases, OfOpenAiLieBesideTheMerges) {
  const std::string folder = test::scratch_folder("phrases");
  const std::string merges = folder + "/merges.txt";
  EXPECT_EQ(
      test::message_of([&] { phrases_path(kOpenAiTemplates, merges); }),
      "phrases: expected OpenAI's templates in " + folder +
          "/openai-80.json, got no such file. Run scripts/setup.sh and configure the build again, or name a "
          "phrases file.");
  std::ofstream(folder + "/openai-80.json") << R"({"templates": ["a photo of a {}."]})";
  EXPECT_EQ(phrases_path(kOpenAiTemplates, merges), folder + "/openai-80.json");
  EXPECT_EQ(phrases_path("own.json", merges), "own.json");
  EXPECT_EQ(phrases_path("", merges), "");
}

class PhrasesFile : public testing::Test {
 protected:
  static std::string refusal(const std::string& text) {
    const std::string path = test::scratch_folder("phrases") + "/phrases.json";
    std::ofstream(path) << text;
    const std::string message = test::message_of([&] { read_phrases(path); });
    EXPECT_TRUE(starts_with(message, path + ": ")) << message;
    return message.substr(std::min(path.size() + 2, message.size()));
  }

  /// Returns the message of a file that is expected to have none.
  static std::string refusal_free(const std::string& text) {
    const std::string path = test::scratch_folder("phrases") + "/phrases.json";
    std::ofstream(path) << text;
    return test::message_of([&] { read_phrases(path); });
  }
};

TEST_F(PhrasesFile, IsRefusedWithItsFault) {
  EXPECT_EQ(refusal("{\"labels\": "), "expected a JSON object, got no JSON. Correct the file.");
  EXPECT_EQ(refusal("[1]"), "expected a JSON object, got array. Correct the file.");
  EXPECT_EQ(refusal("{\"label\": {}}"),
            "expected the keys templates, labels and sentences, got 'label'. Correct it.");
  EXPECT_EQ(refusal("{\"labels\": {\"cat\": \"kitten\"}}"),
            "labels: 'cat': expected a list of texts, got \"kitten\". Correct it.");
  EXPECT_EQ(refusal("{\"sentences\": {\"cat\": [\" \"]}}"),
            "sentences: 'cat': expected a list of texts, got [\" \"]. Correct it.");
  EXPECT_EQ(refusal("{\"templates\": [\"a photo\"]}"),
            "templates: expected texts with exactly one {}, got 'a photo'. Correct it.");
  EXPECT_EQ(refusal("{\"labels\": {\"cat\": [\"a\"], \"dog\": [\"b\"], \"cat\": [\"c\"]}}"),
            "expected each key once, got 'cat' again. Join the two.");
  EXPECT_EQ(refusal("{\"templates\": [\"a {}\"], \"templates\": [\"the {}\"]}"),
            "expected each key once, got 'templates' again. Join the two.");
}

TEST_F(PhrasesFile, MayRepeatAKeyInAnotherObjectAndBeUtf16) {
  EXPECT_EQ(refusal_free("{\"labels\": {\"cat\": [\"a\"]}, \"sentences\": {\"cat\": [\"b\"]}}"), "");
  std::string text = "\xFF\xFE";
  for (const char c : std::string("{\"templates\": [\"a {}\"]}")) text += {c, '\0'};
  EXPECT_EQ(refusal_free(text), "");
}

}  // namespace
}  // namespace mkt::labels
