#include "optim/schedule.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "support/formula.h"

namespace mkt::optim {
namespace {

TEST(CosineSchedule, AgreesWithGolden) {
  std::ifstream file(test::golden("schedule.json"));
  const auto golden = nlohmann::json::parse(file);
  ASSERT_GT(golden.at("points").size(), 70U);
  for (const auto& point : golden.at("points")) {
    const auto args = point.at("args").get<std::vector<double>>();
    const CosineSchedule schedule{args[0], args[1], args[2], args[3]};
    EXPECT_NEAR(schedule.at(point.at("epoch")), point.at("lr").get<double>(), 1e-12) << point;
  }
}

TEST(CosineSchedule, EndsAtTheLowestRate) {
  const CosineSchedule schedule;
  EXPECT_DOUBLE_EQ(schedule.at(0), 0.0);
  EXPECT_DOUBLE_EQ(schedule.at(2), 1e-3);
  EXPECT_DOUBLE_EQ(schedule.at(20), 1e-6);
  EXPECT_DOUBLE_EQ(schedule.at(25), 1e-6);
  EXPECT_DOUBLE_EQ((CosineSchedule{1e-3, 1e-6, 2, 2}.at(2)), 1e-6);  // both epochs are warm-up
  EXPECT_DOUBLE_EQ((CosineSchedule{1e-3, 1e-6, 0, 4}.at(0)), 1e-3);
}

}  // namespace
}  // namespace mkt::optim
