#include "core/text.h"
#include "io/numbered_lines.h"

#include <gtest/gtest.h>

#include <fstream>

namespace mkt {
namespace {

TEST(Text, JoinsAndCutsLongLists) {
  EXPECT_EQ(join({"a", "b", "c"}, ", "), "a, b, c");
  EXPECT_EQ(join({"a", "b", "c"}, ", ", 2), "a, b, … and 1 more");
}

TEST(Text, StartsWithAllOfTheStart) {
  EXPECT_TRUE(starts_with("visual.proj", "visual."));
  EXPECT_TRUE(starts_with("visual.", "visual."));
  EXPECT_TRUE(starts_with("", ""));
  EXPECT_FALSE(starts_with("visual", "visual."));
  EXPECT_FALSE(starts_with("a visual.", "visual."));
}

TEST(Text, ReadsLinesOfEverySystem) {
  const std::string path = testing::TempDir() + "/lines.txt";
  std::ofstream(path) << "\xEF\xBB\xBF"
                      << "fire truck\r\n\n  sea \nsky";
  EXPECT_EQ(io::read_lines(path), (std::vector<std::string>{"fire truck", "sea", "sky"}));
}

TEST(Text, NamesTheFileThatIsMissing) {
  try {
    io::read_lines("/nowhere/labels.txt");
    FAIL() << "no exception";
  } catch (const std::exception& error) {
    EXPECT_NE(std::string(error.what()).find("/nowhere/labels.txt: cannot be read"), std::string::npos);
  }
}

TEST(Text, WritesDurations) {
  EXPECT_EQ(duration_text(41.2), "41 s");
  EXPECT_EQ(duration_text(200), "3 min 20 s");
  EXPECT_EQ(duration_text(7500), "2 h 05 min");
}

}  // namespace
}  // namespace mkt
