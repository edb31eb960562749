#include "io/json.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace mkt::io {
namespace {

TEST(ReadJson, KeepsOrSortsKeysAndTellsAbsentFromMalformed) {
  const std::string path = testing::TempDir() + "/read.json";
  const auto write = [&](const char* text) { std::ofstream(path) << text; };
  write(R"({"b": 1, "a": 2})");
  EXPECT_EQ(read_json<nlohmann::ordered_json>(path).value().dump(), R"({"b":1,"a":2})");
  EXPECT_EQ(read_json(path).value().dump(), R"({"a":2,"b":1})");
  for (const char* malformed : {R"({"b": )", "", "b: 1"}) {
    write(malformed);
    ASSERT_TRUE(read_json(path).has_value()) << malformed;
    EXPECT_TRUE(read_json(path)->is_null()) << malformed;
  }
  std::filesystem::remove(path);
  EXPECT_FALSE(read_json(path).has_value());
  EXPECT_FALSE(read_json(testing::TempDir()).has_value()) << "a folder";
}

}  // namespace
}  // namespace mkt::io
