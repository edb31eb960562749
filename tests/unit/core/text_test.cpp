#include "core/text.h"

#include <gtest/gtest.h>

namespace mkt {
namespace {

TEST(Join, ShortensLongLists) {
  EXPECT_EQ(join({"a", "b", "c"}, ", "), "a, b, c");
  EXPECT_EQ(join({"a", "b", "c"}, ", ", 2), "a, b, … and 1 more");
}

TEST(StartsWith, ComparesTheWholeStart) {
  EXPECT_TRUE(starts_with("visual.proj", "visual."));
  EXPECT_TRUE(starts_with("visual.", "visual."));
  EXPECT_TRUE(starts_with("", ""));
  EXPECT_FALSE(starts_with("visual", "visual."));
  EXPECT_FALSE(starts_with("a visual.", "visual."));
}

TEST(DurationText, UsesUnitsThatFit) {
  EXPECT_EQ(duration_text(41.2), "41 s");
  EXPECT_EQ(duration_text(200), "3 min 20 s");
  EXPECT_EQ(duration_text(7500), "2 h 05 min");
}

}  // namespace
}  // namespace mkt
