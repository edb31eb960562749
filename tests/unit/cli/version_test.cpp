#include "cli/version.h"

#include <gtest/gtest.h>
#include <torch/version.h>

#include <regex>

namespace mkt::cli {
namespace {

TEST(Version, NamesLibTorchCudaAndTheProcessorsAbilities) {
  const std::string text = version_text("eval");
  EXPECT_TRUE(std::regex_match(
      text,
      std::regex(R"(eval \d+\.\d+\.\d+ \(LibTorch [\w.+]+, CUDA libraries: (no|\d+\.\d+), CPU: \w+\))")))
      << text;
  EXPECT_NE(text.find(TORCH_VERSION), std::string::npos) << text;
}

}  // namespace
}  // namespace mkt::cli
