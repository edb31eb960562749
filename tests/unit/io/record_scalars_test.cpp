#include "io/record_scalars.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>

namespace mkt::io {
namespace {

constexpr std::int64_t kStepsPerEpoch = 100;

std::map<std::string, double> values(const nlohmann::ordered_json& record) {
  std::map<std::string, double> found;
  for (const auto& [tag, value] : scalars_of(record, kStepsPerEpoch).scalars) found[tag] = value;
  return found;
}

TEST(Scalars, AreARecordsNumbersTaggedByKindAndName) {
  EXPECT_EQ(values({{"kind", "step"}, {"epoch", 2}, {"step", 7}, {"rank_loss", 0.5}, {"images", 64}}),
            (std::map<std::string, double>{{"step/rank_loss", 0.5}, {"step/images", 64}}));
  EXPECT_EQ(values({{"kind", "epoch"}, {"epoch", 2}, {"lr", 0.25}, {"checkpoint", "a.pth"}}),
            (std::map<std::string, double>{{"epoch/lr", 0.25}}));
  EXPECT_EQ(values({{"kind", "eval"}, {"epoch", 2}, {"zsl", {{"map", 0.5}}}, {"gzsl", {{"map", 0.25}}}}),
            (std::map<std::string, double>{{"eval/zsl/map", 0.5}, {"eval/gzsl/map", 0.25}}));
}

TEST(Scalars, OfAveragedWeightsHaveTagsOfTheirOwn) {
  EXPECT_EQ(values({{"kind", "eval"}, {"weights", "ema"}, {"epoch", 2}, {"zsl", {{"map", 0.5}}}}),
            (std::map<std::string, double>{{"eval_ema/zsl/map", 0.5}}));
}

TEST(Scalars, LeaveOutNumbersThatAreNotFinite) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(values({{"kind", "step"}, {"epoch", 0}, {"step", 0}, {"gradient_norm", kInfinity}}).empty());
}

TEST(Scalars, CountStepsOverTheWholeRun) {
  const auto step = [](const nlohmann::ordered_json& record) {
    return scalars_of(record, kStepsPerEpoch).step;
  };
  EXPECT_EQ(step({{"kind", "step"}, {"epoch", 0}, {"step", 0}}), 0);
  EXPECT_EQ(step({{"kind", "step"}, {"epoch", 2}, {"step", 99}}), 299);
  EXPECT_EQ(step({{"kind", "epoch"}, {"epoch", 2}}), 299);
}

}  // namespace
}  // namespace mkt::io
