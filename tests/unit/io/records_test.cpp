#include "io/records.h"

#include <gtest/gtest.h>

#include <fstream>

#include "io/numbered_lines.h"

namespace mkt::io {
namespace {

TEST(RecordWriter, AppendsWholeLinesAfterATruncatedOne) {
  const std::string path = testing::TempDir() + "/records.jsonl";
  std::ofstream(path) << "{\"step\": 1}\n{\"st";
  RecordWriter(path).write({{"step", 2}});
  EXPECT_EQ(read_lines(path), (std::vector<std::string>{"{\"step\": 1}", "{\"st", "{\"step\":2}"}));
}

}  // namespace
}  // namespace mkt::io
