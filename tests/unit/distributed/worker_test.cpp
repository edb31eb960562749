#include "distributed/worker.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "command.h"

namespace mkt::distributed {
namespace {

TEST(ErrorFile, HasTheFormatOfTorchrun) {
  const test::RankFolder folder;
  const std::string path = folder.path() + "/error.json";
  setenv("TORCHELASTIC_ERROR_FILE", path.c_str(), 1);
  write_error_file("caf\xE9 \"quoted\"");  // not valid UTF-8
  unsetenv("TORCHELASTIC_ERROR_FILE");
  std::ifstream file(path);
  const auto error = nlohmann::json::parse(file);
  EXPECT_EQ(error["message"]["message"], "caf\xEF\xBF\xBD \"quoted\"");
  EXPECT_EQ(error["message"]["extraInfo"]["py_callstack"], error["message"]["message"]);
  EXPECT_GT(std::stoll(error["message"]["extraInfo"]["timestamp"].get<std::string>()), 1'700'000'000);
}

TEST(ErrorFile, IsOptionalAndNeverThrows) {
  unsetenv("TORCHELASTIC_ERROR_FILE");
  EXPECT_NO_THROW(write_error_file("x"));
  setenv("TORCHELASTIC_ERROR_FILE", "/no/such/folder/error.json", 1);
  EXPECT_NO_THROW(write_error_file("x"));
  unsetenv("TORCHELASTIC_ERROR_FILE");
}

}  // namespace
}  // namespace mkt::distributed
