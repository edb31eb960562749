// Tests thresholds: fitted by eval, applied by infer.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <set>

#include "integration/world.h"
#include "weights/safetensors.h"

namespace mkt::test {
namespace {

using nlohmann::json;

const std::string kImage = "/Flickr/sea/0001_1001.jpg";  // second test image in the miniature data set

struct Fitted {
  std::string file;
  std::string scores_file;
  std::string output;  ///< standard output from eval
};

/// Runs eval --fit-thresholds on the miniature data set once; returns its files and output.
const Fitted& fitted() {
  static const Fitted made = [] {
    const std::string folder = scratch_folder("thresholds");
    Fitted result{folder + "/thresholds.json", folder + "/scores.safetensors", ""};
    const auto evaluated =
        run_command(tiny("eval") + Arguments{"--ckpt-path", student_file(), "--save-scores",
                                             result.scores_file, "--fit-thresholds", result.file});
    TORCH_CHECK(evaluated.exit_code == 0, evaluated.error);
    result.output = evaluated.output;
    return result;
  }();
  return made;
}

CommandResult infer(const Arguments& more) {
  return run_command(
      tiny("infer") +
      Arguments{"--img-ckpt", student_file(), "--json", "--image-path", mini_nus_wide() + kImage} + more);
}

/// Copies the fitted thresholds file and applies `change` to it; returns the path.
std::string changed_file(const std::function<void(json&)>& change) {
  json file = json::parse(file_text(fitted().file));
  change(file);
  std::string path = scratch_folder("thresholds") + "/changed.json";
  std::ofstream(path) << file;
  return path;
}

TEST(FitThresholds, WritesOneThresholdPerLabelAndAGlobalOne) {
  const json file = json::parse(file_text(fitted().file));
  const auto labels = mini_labels();
  EXPECT_EQ(file["labels"].get<Arguments>(), labels);
  EXPECT_EQ(file["thresholds"].size(), labels.size());
  EXPECT_TRUE(file["global"].is_number());
  EXPECT_EQ(file["score"], "mkt");
  EXPECT_EQ(file["topk"], 5);
  EXPECT_EQ(file["images"], 6);
  for (const char* kind : {"thresholds", "global"}) {
    const double own = file["f1"][kind]["micro"];
    const double cross = file["f1_cross"][kind]["micro"];
    EXPECT_GT(own, 0);
    EXPECT_GE(cross, 0);
    EXPECT_NE(fitted().output.find(fmt::format("F1 {:.2f}", 100 * own)), std::string::npos)
        << fitted().output;
    EXPECT_NE(fitted().output.find(fmt::format("cross-validated {:.2f}", 100 * cross)), std::string::npos);
  }
}

TEST(InferThresholds, GiveTheLabelsAtOrAboveTheirThresholdsBestFirst) {
  const auto result = infer({"--thresholds", fitted().file});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const json file = json::parse(file_text(fitted().file));
  const auto scores = weights::load_safetensors(fitted().scores_file).tensors.at("gzsl")[1];  // (32)
  std::set<std::string> expected;
  for (std::size_t i = 0; i < file["labels"].size(); ++i) {
    const double score = scores[static_cast<std::int64_t>(i)].item<float>();
    if (score >= file["thresholds"][i].get<double>()) expected.insert(file["labels"][i]);
  }
  std::set<std::string> given;
  double before = 1;
  const json tagged = json::parse(result.output);
  for (const json& entry : tagged["labels"]) {
    given.insert(entry["label"].get<std::string>());
    EXPECT_LE(entry["score"].get<double>(), before);
    before = entry["score"];
  }
  EXPECT_EQ(given, expected);
  EXPECT_GT(given.size(), 0U);
  EXPECT_LT(given.size(), file["labels"].size());
}

TEST(InferThresholds, MayGiveNoLabelOrAllLabels) {
  const auto with = [](double threshold) {
    const auto result = infer({"--thresholds", changed_file([&](json& file) {
                                 for (json& value : file["thresholds"]) value = threshold;
                               })});
    EXPECT_EQ(result.exit_code, 0) << result.error;
    return json::parse(result.output)["labels"].size();
  };
  EXPECT_EQ(with(2), 0U);
  EXPECT_EQ(with(-2), 32U);
}

TEST(InferThresholds, AreRefusedIfTheyWereFittedToOtherScoresOrLabels) {
  const auto refused = [](const Arguments& more, int exit_code, const std::string& text) {
    const auto result = infer(more);
    expect_failure(result, exit_code, text);
    EXPECT_EQ(result.output, "");
  };
  const std::string& file = fitted().file;
  const auto third = mini_labels().at(2);
  for (const Arguments& limit : {Arguments{"--min-score", "0.1"}, Arguments{"--top", "10"}}) {
    refused(Arguments{"--thresholds", file} + limit, 2,
            fmt::format("infer: {}: cannot be combined with the thresholds of {}. Drop one of the two.",
                        limit[0], file));
  }
  refused({"--thresholds", "/nowhere.json"}, 1, "--thresholds: ");
  refused({"--thresholds", file, "--score", "local"}, 2,
          fmt::format("--score: expected mkt, which the thresholds of {} were fitted to, got local.", file));
  refused({"--thresholds", file, "--topk", "4"}, 2, "--topk: expected 5, which the thresholds of ");
  refused({"--thresholds", changed_file([](json& other) { other["labels"][2] = "dog"; })}, 1,
          fmt::format(": expected thresholds for the labels given, '{}' as number 3, got 'dog'. Use", third));
  refused({"--thresholds", file, "--label", "a"}, 1, "'a' as number 1, got '");
  refused({"--thresholds", changed_file([](json& other) {
             other["labels"].erase(31);
             other["thresholds"].erase(31);
           })},
          1, "as number 32, got no further label. Use");
  for (const auto& change : std::vector<std::function<void(json&)>>{
           [](json& other) { other.erase("labels"); }, [](json& other) { other["thresholds"].erase(0); },
           [](json& other) { other["thresholds"][0] = "a"; }, [](json& other) { other = 1; }}) {
    refused({"--thresholds", changed_file(change)}, 1,
            "expected thresholds fitted by eval, got another file");
  }
}

}  // namespace
}  // namespace mkt::test
