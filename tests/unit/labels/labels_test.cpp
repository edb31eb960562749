#include "labels/labels.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "mkt/data/dataset.h"
#include "mkt/weights/checkpoint.h"
#include "support/command.h"
#include "support/difference.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::labels {
namespace {

constexpr const char* kDefaultSentence = "There is a {} in the scene";

/// The tiny CLIP in a file, and the inputs for encoding two labels with it.
struct EncodedLabels : testing::Test {
  std::string folder = test::scratch_folder("labels");
  session::Runtime runtime;
  LabelInputs inputs;
  clip::Weights clip{test::tiny_weights(), "tiny CLIP"};

  EncodedLabels() {
    inputs.labels = {"cat", "cup of coffee"};
    inputs.clip_path = test::tiny_clip_file();
    inputs.merges = MKT_MERGES_PATH;
    inputs.prompt_template = kDefaultSentence;
  }

  torch::Tensor encode() const { return encode_labels(inputs, clip, runtime); }

  /// Encodes whole sentences, without a template or phrases.
  torch::Tensor encode_sentences(const std::vector<std::string>& sentences) const {
    LabelInputs plain = inputs;
    plain.prompt_template = "{}";
    plain.phrases.clear();
    return LabelEncoder(clip, plain, runtime).encode(sentences);
  }

  std::string cached_file() const {
    for (const auto& entry : std::filesystem::directory_iterator(inputs.cache)) {
      if (entry.path().extension() == ".safetensors") return entry.path();
    }
    return "";
  }
};

TEST_F(EncodedLabels, AreTheFeaturesOfTheFilledTemplate) {
  const torch::Tensor features = encode();
  ASSERT_EQ(features.sizes(), (std::vector<std::int64_t>{2, 512}));
  const torch::Tensor sentences =
      encode_sentences({"There is a cat in the scene", "There is a cup of coffee in the scene"});
  EXPECT_LT(test::largest_difference(features, sentences), 1e-5);
}

TEST_F(EncodedLabels, HaveTheSameBitsFromTheCache) {
  const torch::Tensor uncached = encode();
  inputs.cache = folder + "/cache";
  EXPECT_TRUE(torch::equal(encode(), uncached));  // encodes and writes to the cache
  ASSERT_NE(cached_file(), "");
  EXPECT_TRUE(torch::equal(encode(), uncached));  // reads from the cache
}

TEST_F(EncodedLabels, AreReadFromTheCacheWithoutTheTextEncoder) {
  inputs.cache = folder + "/cache";
  const torch::Tensor features = encode();
  clip::Weights nothing = clip;
  nothing.tensors.clear();
  EXPECT_TRUE(torch::equal(encode_labels(inputs, nothing, runtime), features));
  inputs.labels = {"dog"};
  EXPECT_NE(test::message_of([&] { encode_labels(inputs, nothing, runtime); }), "");
}

TEST_F(EncodedLabels, AreNotReadFromTheCacheOfAnotherActivation) {
  inputs.cache = folder + "/cache";
  const torch::Tensor quick = encode();
  clip::Facts facts;
  facts.text.activation = {nn::Activation::kGelu, "test"};
  const clip::Weights gelu(clip.tensors, clip.file, facts);
  const torch::Tensor other = encode_labels(inputs, gelu, runtime);
  EXPECT_GT(test::largest_difference(quick, other), 1e-5);
  EXPECT_TRUE(torch::equal(other, LabelEncoder(gelu, inputs, runtime).encode(inputs.labels)));
}

TEST_F(EncodedLabels, AreAveragedOverThePhrasesOfALabel) {
  inputs.phrases = folder + "/phrases.json";
  std::ofstream(inputs.phrases) << R"({"labels": {"cat": ["cat", "kitten"]}})";
  const torch::Tensor features = encode();
  const torch::Tensor of_cat =
      encode_sentences({"There is a cat in the scene", "There is a kitten in the scene"});
  const torch::Tensor lengths = of_cat.norm(2, 1, true);
  const torch::Tensor direction = (of_cat / lengths).sum(0);
  const torch::Tensor expected = direction / direction.norm() * lengths.mean();
  EXPECT_LT(test::largest_difference(features[0], expected), 1e-5);
  const torch::Tensor other = encode_sentences({"There is a cup of coffee in the scene"})[0];
  EXPECT_LT(test::largest_difference(features[1], other), 1e-5);
}

TEST_F(EncodedLabels, CannotHavePhrasesWithATunedTextEncoder) {
  inputs.phrases = folder + "/phrases.json";
  std::ofstream(inputs.phrases) << "{}";
  inputs.txt_ckpt = inputs.clip_path;
  EXPECT_EQ(test::message_of([&] { encode(); }),
            "phrases: expected CLIP's own text encoder, got the stage-2 checkpoint " + inputs.txt_ckpt +
                ", which was tuned with one sentence per label. Drop one of the two.");
}

TEST_F(EncodedLabels, NeedALabel) {
  inputs.labels.clear();
  EXPECT_EQ(test::message_of([&] { encode(); }), "labels: expected at least one, got none.");
}

/// A data set folder; load() first writes `features` to its label_emb.pt.
struct LabelFeatures : EncodedLabels {
  torch::Tensor load(const torch::Tensor& features) const {
    weights::save_tensor(folder + "/label_emb.pt", features);
    return load_label_features(folder, inputs, clip, runtime);
  }
};

TEST_F(LabelFeatures, AreReadFromTheDataSetsFile) {
  const torch::Tensor features = test::formula_tensor("labels/features", {2, 512}, -1, 1);
  EXPECT_TRUE(torch::equal(load(features), features));
  const torch::Tensor half = features.to(torch::kHalf);
  EXPECT_TRUE(torch::equal(load(half), half.to(torch::kFloat32)));
}

TEST_F(LabelFeatures, AreEncodedIfThereIsNoFile) {
  EXPECT_TRUE(torch::equal(load_label_features(folder, inputs, clip, runtime), encode()));
}

TEST_F(LabelFeatures, AreTheSameForASessionOfOneRank) {
  session::Session session{distributed::Communicator(), runtime};
  EXPECT_TRUE(torch::equal(load_label_features(folder, inputs, clip, session), encode()));
}

TEST_F(LabelFeatures, OfAnotherShapeAreRefused) {
  const auto refusal = [&](const std::vector<std::int64_t>& shape, const std::string& got) {
    EXPECT_EQ(test::message_of([&] { load(torch::zeros(shape)); }),
              folder + "/label_emb.pt: expected (2 labels, 512 features) from the data set's labels and " +
                  inputs.clip_path + ", got " + got +
                  ". Remove the file, or write it again with prepare label-emb.");
  };
  refusal({3, 512}, "[3, 512]");
  refusal({2, 64}, "[2, 64]");
  refusal({2, 512, 1}, "[2, 512, 1]");
}

TEST_F(LabelFeatures, AreWrittenForTheLabelsOfADataSet) {
  const std::string data = test::golden("nus-mini/NUS-WIDE");
  const std::string file = folder + "/written.pt";
  EXPECT_EQ(write_label_features(data, file, inputs, runtime), file);
  inputs.labels = data::load_dataset_labels(data);
  EXPECT_TRUE(torch::equal(weights::load_tensor(file), encode()));
}

/// A data set whose features and facts write_label_features() wrote, as a copy of the golden one.
struct WrittenFeatures : EncodedLabels {
  std::string file;

  WrittenFeatures() {
    std::filesystem::copy(test::golden("nus-mini/NUS-WIDE"), folder,
                          std::filesystem::copy_options::recursive);
    file = data::label_features_path(folder);
    write_label_features(folder, "", inputs, runtime);
    inputs.labels = data::load_dataset_labels(folder);
  }

  torch::Tensor load() const { return load_label_features(folder, inputs, clip, runtime); }
  std::string refusal() const {
    return test::message_of([&] { load(); });
  }
};

TEST_F(WrittenFeatures, AreReadAgainWithoutAWarning) {
  testing::internal::CaptureStderr();
  EXPECT_TRUE(torch::equal(load(), encode()));
  EXPECT_EQ(testing::internal::GetCapturedStderr().find("cannot be checked"), std::string::npos);
}

TEST_F(WrittenFeatures, WithoutFactsAreReadWithAWarning) {
  std::filesystem::remove(folder + "/label_emb.json");
  testing::internal::CaptureStderr();
  EXPECT_TRUE(torch::equal(load(), encode()));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(
      log.find(file + ": there is no label_emb.json beside it, so its labels, weights and template cannot be "
                      "checked. Write it again with prepare label-emb."),
      std::string::npos)
      << log;
}

TEST_F(WrittenFeatures, OfReorderedOrOtherLabelsAreRefused) {
  const std::vector<std::string> labels = inputs.labels;
  std::swap(inputs.labels[3], inputs.labels[4]);
  EXPECT_EQ(refusal(), file + ": expected the features of '" + labels[4] +
                           "' as number 4, as the label lists have it, got '" + labels[3] +
                           "'. Write it again with prepare label-emb.");
  inputs.labels = labels;
  inputs.labels.pop_back();
  EXPECT_EQ(refusal(), file + ": expected (31 labels, 512 features) from the data set's labels and " +
                           inputs.clip_path +
                           ", got [32, 512]. Remove the file, or write it again with prepare label-emb.");
}

TEST_F(WrittenFeatures, OfOtherWeightsAreRefused) {
  weights::TensorMap changed = test::tiny_weights();
  changed.at("ln_final.bias") = changed.at("ln_final.bias") + 1;
  const clip::Weights others{changed, "other CLIP"};
  EXPECT_EQ(test::message_of([&] { load_label_features(folder, inputs, others, runtime); }),
            file + ": expected features of the text encoder in " + inputs.clip_path +
                ", got those of other weights. Write it again with prepare label-emb.");
  weights::TensorMap images = test::tiny_weights();
  images.at("visual.proj") = images.at("visual.proj") + 1;
  const clip::Weights other_images{images,
                                   "other images"};  // label features do not depend on the image encoder
  EXPECT_TRUE(torch::equal(load_label_features(folder, inputs, other_images, runtime), load()));
}

TEST_F(WrittenFeatures, OfAnotherActivationAreRefused) {
  clip::Facts facts;
  facts.text.activation = {nn::Activation::kGelu, "test"};
  const clip::Weights exact{test::tiny_weights(), "tiny CLIP", facts};
  EXPECT_NE(test::message_of([&] {
              load_label_features(folder, inputs, exact, runtime);
            }).find("got those of other weights"),
            std::string::npos);
}

TEST_F(WrittenFeatures, OfAnotherTemplateOrOtherPhrasesAreRefused) {
  inputs.prompt_template = "a photo of a {}";
  EXPECT_EQ(refusal(),
            "template: expected 'There is a {} in the scene', which the features in " + file +
                " were made with, got 'a photo of a {}'. Use the former, or write the file again with "
                "prepare label-emb.");
  inputs.prompt_template = kDefaultSentence;
  inputs.phrases = folder + "/phrases.json";
  std::ofstream(inputs.phrases) << R"({"templates": ["a {}"]})";
  EXPECT_EQ(refusal(),
            "phrases: expected none, as the features in " + file +
                " were made with, got others. Use the former, or write the file again with prepare "
                "label-emb.");
  LabelInputs of_phrases = inputs;
  of_phrases.labels.clear();
  write_label_features(folder, "", of_phrases, runtime);
  EXPECT_TRUE(torch::equal(load(), encode()));
  inputs.phrases.clear();
  EXPECT_EQ(refusal().rfind("phrases: expected those, as the features in ", 0), 0U) << refusal();
}

TEST_F(WrittenFeatures, ReplacedBesideTheirFactsAreRefused) {
  const std::string facts = folder + "/label_emb.json";
  weights::save_tensor(file, weights::load_tensor(file) + 1);
  EXPECT_EQ(refusal(), file + ": expected the features that " + facts +
                           " describes, got others. Write it again with prepare label-emb. If they come from "
                           "elsewhere, remove " +
                           facts + ".");
  std::ofstream(facts) << "{\"labels\": 3}";
  EXPECT_EQ(refusal(), facts + ": expected facts about the label features in " + file +
                           ", got another file. Write it again with prepare label-emb.");
}

TEST_F(LabelFeatures, AreWrittenIntoTheDataSetByDefault) {
  std::filesystem::copy(test::golden("nus-mini/NUS-WIDE"), folder, std::filesystem::copy_options::recursive);
  const std::string file = data::label_features_path(folder);
  std::filesystem::remove(file);
  EXPECT_EQ(write_label_features(folder, "", inputs, runtime), file);
  EXPECT_EQ(weights::load_tensor(file).sizes(), (std::vector<std::int64_t>{32, 512}));
}

TEST_F(LabelFeatures, AreNotEncodedIfTheFileCannotBeWritten) {
  inputs.clip_path = "/nowhere/clip.pt";
  const std::string message = test::message_of([&] {
    write_label_features(test::golden("nus-mini/NUS-WIDE"), "/nowhere/label_emb.pt", inputs, runtime);
  });
  EXPECT_EQ(message.rfind("output: /nowhere/label_emb.pt cannot be written: ", 0), 0U) << message;
}

TEST_F(LabelFeatures, OfAFileRefuseSentencesThatWouldHaveNoEffect) {
  const torch::Tensor features = torch::zeros({2, 512});
  inputs.phrases = folder + "/phrases.json";
  EXPECT_EQ(test::message_of([&] { load(features); }).rfind("phrases: ", 0), 0U);
  inputs.phrases.clear();
  inputs.prompt_template = "a photo of a {}";
  EXPECT_EQ(test::message_of([&] { load(features); }),
            "template: 'a photo of a {}' has no effect, as the label features are read from " + folder +
                "/label_emb.pt. Use the default template, or remove that file.");
}

}  // namespace
}  // namespace mkt::labels
