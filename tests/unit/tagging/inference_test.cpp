#include "tagging/inference.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "artifact/encoders.h"
#include "codecs/encode.h"
#include "labels/encoder_digests.h"
#include "labels/labels.h"
#include "mkt/data/dataset.h"
#include "mkt/model/prompts.h"
#include "scoring/evaluation.h"
#include "scoring/loading.h"
#include "scoring/statistics.h"
#include "support/files.h"
#include "support/formula.h"
#include "support/images.h"
#include "support/message.h"

namespace mkt::tagging {
namespace {

/// Three random images, and options that tag them with four labels and the tiny CLIP.
struct Tagging : testing::Test {
  std::string folder = test::scratch_folder("tagging");
  InferOptions options{};

  Tagging() {
    for (std::int64_t i = 0; i < 3; ++i) {
      const torch::Tensor image = test::noise(70, 90, static_cast<std::uint64_t>(i + 1));
      options.image_path.push_back(
          test::write_file(fmt::format("{}/{}.png", folder, i), image::encode_png(image)));
    }
    options.tagger.text.clip_path = test::tiny_clip_file();
    options.tagger.text.merges = MKT_MERGES_PATH;
    options.tagger.text.prompt_template = "a photo of a {}";
    options.tagger.label = {"cat", "dog", "cup of coffee", "sea"};
    options.tagger.local = 5;
    options.tagger.compute.device = "cpu";
    options.decoding.on_bad_image = data::OnBadImage::kSkip;
    options.batch_size = 2;
    options.top = 4;
    options.min_score = -1;
  }

  std::vector<TaggedImage> tag(const std::string& list = "") {
    std::istringstream input(list);
    std::vector<TaggedImage> images;
    tag_images(options, input, [&](const TaggedImage& image) { images.push_back(image); });
    return images;
  }
};

std::vector<std::string> label_names(const TaggedImage& image) {
  std::vector<std::string> names;
  for (const ScoredLabel& label : image.labels) names.push_back(label.label);
  return names;
}

TEST_F(Tagging, ScoresAreTheGzslScoresOfEvaluation) {
  const session::Runtime runtime;
  const clip::Weights clip = artifact::load_clip(options.tagger.text.clip_path, 0, {});
  labels::LabelInputs inputs = options.tagger.text;
  inputs.labels = options.tagger.label;
  scoring::ScoringOptions scoring;
  scoring.label_features = labels::encode_labels(inputs, clip, runtime);
  scoring.local = options.tagger.local;
  session::Session session{distributed::Communicator(), runtime};
  scoring.logit_scale = artifact::score_rule(model::ScoreKind::kProbability, clip).scale;
  EXPECT_NEAR(scoring.logit_scale, 100, 1e-3);
  for (const auto kind : {model::ScoreKind::kMkt, model::ScoreKind::kGlobal, model::ScoreKind::kLocal,
                          model::ScoreKind::kCosine, model::ScoreKind::kProbability}) {
    data::DataLoader loader(options.image_path, torch::Tensor(),
                            scoring::evaluation_loader(options.decoding, options.batch_size, 64,
                                                       image::clip_preprocessing(), runtime));
    options.tagger.score = scoring.kind = kind;
    const torch::Tensor expected =
        scoring::score_images(artifact::load_image_encoder(clip, "", runtime), loader, scoring, session).gzsl;
    const auto tagged = tag();
    ASSERT_EQ(tagged.size(), 3U);
    for (std::size_t i = 0; i < tagged.size(); ++i) {
      EXPECT_EQ(tagged[i].image, options.image_path[i]);
      ASSERT_EQ(tagged[i].labels.size(), 4U);
      for (std::size_t c = 0; c < inputs.labels.size(); ++c) {
        const auto found =
            std::find_if(tagged[i].labels.begin(), tagged[i].labels.end(),
                         [&](const ScoredLabel& label) { return label.label == inputs.labels[c]; });
        ASSERT_NE(found, tagged[i].labels.end());
        const float score =
            expected[static_cast<std::int64_t>(i)][static_cast<std::int64_t>(c)].item<float>();
        EXPECT_EQ(found->score, static_cast<double>(score)) << i << " " << inputs.labels[c];
      }
    }
  }
}

TEST_F(Tagging, ScoresOneLabelByItsCosineWithTheSameNumberAsAmongOthers) {
  const auto among = tag();
  options.tagger.label = {"cup of coffee"};
  const auto alone = tag();
  std::set<double> scores;
  for (std::size_t i = 0; i < alone.size(); ++i) {
    ASSERT_EQ(alone[i].labels.size(), 1U);
    const auto found = std::find_if(among[i].labels.begin(), among[i].labels.end(),
                                    [](const ScoredLabel& label) { return label.label == "cup of coffee"; });
    EXPECT_NEAR(alone[i].labels[0].score, found->score, 1e-6);
    scores.insert(alone[i].labels[0].score);
  }
  EXPECT_EQ(scores.size(), 3U) << "every image has a score of its own";
  for (const auto kind : {model::ScoreKind::kMkt, model::ScoreKind::kProbability}) {
    options.tagger.score = kind;
    EXPECT_EQ(test::message_of([&] { tag(); }), "score: expected cosine for a single label, got " +
                                                    enum_name(kind) +
                                                    ", which compares labels and is the same for every image "
                                                    "if there is one. Use cosine, or give more "
                                                    "labels.");
  }
}

TEST_F(Tagging, RefusesAProbabilityWithoutALogitScale) {
  weights::TensorMap weights = test::formula_clip_state(test::tiny_clip_shape());
  weights.erase("logit_scale");
  options.tagger.text.clip_path = folder + "/clip.pth";
  weights::save_pth(options.tagger.text.clip_path, weights);
  options.tagger.score = model::ScoreKind::kProbability;
  EXPECT_EQ(
      test::message_of([&] { tag(); }),
      folder +
          "/clip.pth: expected the tensor logit_scale, by which the score probability multiplies cosines, "
          "got none. Use another score, or weights with that tensor.");
  options.tagger.score = model::ScoreKind::kCosine;
  EXPECT_EQ(tag().size(), 3U);
}

TEST_F(Tagging, DependsOnThePreprocessingAskedFor) {
  const double own = tag()[0].labels[0].score;
  options.tagger.preprocessing.preset = artifact::PreprocessingPreset::kClip;
  EXPECT_EQ(tag()[0].labels[0].score, own);  // plain CLIP's default
  options.tagger.preprocessing.preset = artifact::PreprocessingPreset::kMkt;
  EXPECT_NE(tag()[0].labels[0].score, own);
  options.tagger.preprocessing = {};
  options.tagger.preprocessing.resize = image::ResizeMode::kSquash;
  EXPECT_NE(tag()[0].labels[0].score, own);
  options.tagger.preprocessing.crop_share = 0.5;
  EXPECT_EQ(
      test::message_of([&] { tag(); }),
      "crop-share: expected 1 with resize squash, which shows the whole image, got 0.5. Use resize short.");
}

TEST_F(Tagging, GivesTheTopLabelsBestFirst) {
  const auto all = tag();
  options.top = 2;
  const auto best = tag();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto& labels = all[i].labels;
    EXPECT_TRUE(std::is_sorted(labels.begin(), labels.end(),
                               [](const ScoredLabel& a, const ScoredLabel& b) { return a.score > b.score; }));
    const auto names = label_names(all[i]);
    EXPECT_EQ(label_names(best[i]), (std::vector<std::string>{names[0], names[1]}));
  }
}

TEST_F(Tagging, LeavesOutScoresBelowTheMinimum) {
  const auto all = tag();
  options.min_score = all[0].labels[1].score;  // a score equal to the minimum is included
  EXPECT_EQ(tag()[0].labels.size(), 2U);
  options.min_score = 1;
  for (const TaggedImage& image : tag()) EXPECT_TRUE(image.labels.empty()) << image.image;
}

/// Scores of the images' labels, by name.
std::vector<std::map<std::string, double>> scores_by_label(const std::vector<TaggedImage>& images) {
  std::vector<std::map<std::string, double>> scores;
  for (const TaggedImage& image : images) {
    scores.emplace_back();
    for (const ScoredLabel& label : image.labels) scores.back()[label.label] = label.score;
  }
  return scores;
}

TEST_F(Tagging, StandardScoresFollowTheStatisticsFile) {
  const std::vector<std::string>& labels = options.tagger.label;
  options.tagger.score = model::ScoreKind::kMkt;
  const auto mkt = scores_by_label(tag());
  options.tagger.score = model::ScoreKind::kStandard;
  options.tagger.statistics = folder + "/statistics.json";
  const clip::Weights clip = artifact::load_clip(options.tagger.text.clip_path, 0, {});
  const torch::Tensor mean = torch::tensor({0.1F, -0.4F, 0.3F, 0.0F});
  const torch::Tensor deviation = torch::tensor({0.5F, 0.75F, 0.2F, 1.0F});
  scoring::write_statistics(
      options.tagger.statistics,
      labels::threshold_scores(model::ScoreKind::kStandard, options.tagger.local,
                               artifact::plain_preprocessing({}, clip), options.tagger.text, clip, clip),
      {9, {{labels, {mean, deviation}}}});
  options.min_score = -std::numeric_limits<double>::infinity();
  const auto made = scores_by_label(tag());
  for (std::size_t image = 0; image < mkt.size(); ++image) {
    std::vector<double> raw;
    for (const std::string& label : labels) raw.push_back(mkt[image].at(label));
    const torch::Tensor scores = torch::tensor(raw, torch::kFloat64);
    const torch::Tensor expected = ((scores - scores.mean()) / scores.std() - mean) / deviation;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      EXPECT_NEAR(made[image].at(labels[i]), expected[static_cast<std::int64_t>(i)].item<double>(), 1e-3);
    }
  }
  options.tagger.label.pop_back();
  EXPECT_EQ(
      test::message_of([&] { tag(); }),
      options.tagger.statistics +
          ": expected statistics for the labels given, no further label as number 4, got 'sea'. Use the "
          "labels that the statistics were fitted to, in the same order, or fit other statistics.");
}

TEST_F(Tagging, SubtractsThePenaltyFromTheDataSetsSeenLabels) {
  options.tagger.label.clear();
  options.tagger.data_path = test::golden("nus-mini/NUS-WIDE");
  options.tagger.text.prompt_template = model::kDefaultTemplate;  // that of its label features
  options.top = 32;
  const auto plain = scores_by_label(tag());
  options.tagger.seen_penalty = 0.25;
  const auto made = scores_by_label(tag());
  const auto labels = data::load_dataset_labels(options.tagger.data_path);
  ASSERT_EQ(labels.size(), 32U);
  std::vector<double> raw;
  for (const std::string& label : labels) raw.push_back(plain[0].at(label));
  const double penalty = 0.25 * torch::tensor(raw, torch::kFloat64).std().item<double>();
  EXPECT_GT(penalty, 1e-4);
  for (std::size_t i = 0; i < labels.size(); ++i)
    EXPECT_NEAR(made[0].at(labels[i]), raw[i] - (i < 24 ? penalty : 0), 1e-6) << i;
}

TEST_F(Tagging, RefusesAMinimumOutsideTheRangeOfItsScores) {
  options.min_score = 3;
  options.min_score_given = true;
  EXPECT_EQ(test::message_of([&] { tag(); }), "min-score: expected -1 to 1 for the score cosine, got 3.");
}

TEST_F(Tagging, WithThresholdsGivesEveryLabelThatReachesItsOwn) {
  options.tagger.preprocessing.preset =
      artifact::PreprocessingPreset::kMkt;  // as in files of earlier versions
  const auto all = tag();
  nlohmann::json thresholds = {{"score", "cosine"},
                               {"topk", options.tagger.local.topk},
                               {"template", options.tagger.text.prompt_template},
                               {"labels", options.tagger.label},
                               {"thresholds", {-1, 2, 2, 2}},
                               {"calibration", {{"slope", 10}, {"intercept", -1}}}};
  // "cat" passes in every image, "cup of coffee" only in the image with its highest score, the others never.
  double highest = -1;
  std::size_t image = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const ScoredLabel& label : all[i].labels) {
      if (label.label != options.tagger.label[2] || label.score <= highest) continue;
      highest = label.score;
      image = i;
    }
  }
  thresholds["thresholds"][2] = highest;
  options.tagger.thresholds = test::write_file(folder + "/thresholds.json", thresholds.dump());
  options.top = 1;        // has no effect if there are thresholds
  options.min_score = 2;  // has no effect if there are thresholds
  const auto tagged = tag();
  for (std::size_t i = 0; i < tagged.size(); ++i) {
    for (const ScoredLabel& label : tagged[i].labels)
      EXPECT_NEAR(label.probability.value(), 1 / (1 + std::exp(1 - 10 * label.score)), 1e-12);
    auto names = label_names(tagged[i]);
    std::sort(names.begin(), names.end());
    EXPECT_EQ(names, i == image ? (std::vector<std::string>{"cat", "cup of coffee"})
                                : (std::vector<std::string>{"cat"}))
        << i;
  }
}

TEST_F(Tagging, RefusesLimitsThatHaveNoEffectBesideThresholds) {
  options.tagger.thresholds = "/nowhere/thresholds.json";
  const std::string text =
      ": cannot be combined with the thresholds of /nowhere/thresholds.json. Drop one of the two.";
  options.min_score_given = true;
  EXPECT_EQ(test::message_of([&] { tag(); }), "min-score" + text);
  options.top_given = true;
  EXPECT_EQ(test::message_of([&] { tag(); }), "top" + text);
}

TEST_F(Tagging, SkipsAndCountsUnreadableImages) {
  const auto all = tag();
  test::write_file(options.image_path[0], "not an image");
  std::vector<TaggedImage> tagged;
  std::istringstream no_list;
  EXPECT_EQ(tag_images(options, no_list, [&](const TaggedImage& image) { tagged.push_back(image); }), 1);
  ASSERT_EQ(tagged.size(), 2U);
  EXPECT_EQ(tagged[0].image, options.image_path[1]);
  EXPECT_EQ(label_names(tagged[1]), label_names(all[2]));
}

TEST_F(Tagging, WarnsOfTruncatedImagesInOneLine) {
  options.image_path = {test::golden("images/420.jpg"), test::golden("images/truncated.jpg")};
  testing::internal::CaptureStderr();
  EXPECT_EQ(tag().size(), 2U);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("1 image is truncated or damaged and was read as far as it goes, first " +
                      options.image_path[1]),
            std::string::npos)
      << text;
}

TEST_F(Tagging, TurnsImagesUprightOnRequest) {
  options.image_path = {test::golden("images/exif_rotated.jpg")};
  const double stored = tag()[0].labels[0].score;
  options.decoding.exif_rotate = true;
  EXPECT_NE(tag()[0].labels[0].score, stored);
}

TEST_F(Tagging, ReadsAListOfImages) {
  const std::string list = options.image_path[2] + "\r\n\n" + options.image_path[0];
  const std::vector<std::string> expected = {options.image_path[2], options.image_path[0]};
  options.image_path = {"-"};
  std::vector<std::string> images;
  for (const TaggedImage& image : tag(list)) images.push_back(image.image);
  EXPECT_EQ(images, expected);
}

TEST_F(Tagging, ChecksFilesBeforeItLoadsAny) {
  options.tagger.text.clip_path = options.image_path[0];
  EXPECT_EQ(test::message_of([&] { tag(); }),
            "clip-path: expected CLIP weights, got an image in " + options.image_path[0] + ".");
}

TEST_F(Tagging, FindsImagesInFoldersSortedAndSkipsOtherFiles) {
  test::write_file(folder + "/notes.md", "text");
  std::filesystem::create_directories(folder + "/a");
  const std::string nested = test::write_file(folder + "/a/b.JPG", "");
  std::filesystem::create_directories(folder + "/.thumbnails");
  test::write_file(folder + "/a/._b.JPG", "AppleDouble");
  test::write_file(folder + "/.thumbnails/0.png", "");
  std::istringstream list;
  std::vector<std::string> expected = options.image_path;
  expected.push_back(nested);
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(find_images({folder}, list), expected);
}

TEST(FindImages, NamesWhatIsMissing) {
  const auto message = [](const std::string& argument) {
    return test::message_of([&] {
      std::istringstream list;
      find_images({argument}, list);
    });
  };
  const std::string empty = test::scratch_folder("empty");
  EXPECT_EQ(
      message(empty),
      "image-path: expected images (.jpg, .png, .webp, .tif, .bmp, .gif, .heic or .avif) in the folder " +
          empty + ", got none. Name another folder.");
  EXPECT_EQ(message("/nowhere/a.jpg"),
            "image-path: expected an image, got '/nowhere/a.jpg', which does not exist. Check the path.");
  EXPECT_EQ(
      message("-"),
      "image-path: expected paths on standard input, one per line, got none. Pass some, or name files.");
}

}  // namespace
}  // namespace mkt::tagging
