#include "session/runtime.h"

#include <gtest/gtest.h>

#include "support/message.h"

namespace mkt::session {
namespace {

TEST(Runtime, RefusesDevicesAndPrecisionsThatAreMissing) {
  EXPECT_NE(test::message_of([] {
              make_runtime({"cpu", Precision::kTf32, 0});
            }).find("precision: expected fp32 or bf16 on the CPU, got tf32"),
            std::string::npos);
  EXPECT_NE(test::message_of([] {
              make_runtime({"toaster", Precision::kFp32, 0});
            }).find("device: expected auto, cpu, cuda or cuda:N, got 'toaster'"),
            std::string::npos);
  if (!torch::cuda::is_available()) {
    EXPECT_NE(test::message_of([] {
                make_runtime({"cuda", Precision::kFp32, 0});
              }).find("device: cuda cannot be used"),
              std::string::npos);
  }
}

TEST(Runtime, DescribesItself) {
  const std::string text = describe({torch::kCPU, Precision::kBf16});
  EXPECT_EQ(text, "cpu, " + std::to_string(torch::get_num_threads()) + " threads, bf16");
}

TEST(Runtime, SetsTheNumberOfThreads) {
  const int before = torch::get_num_threads();
  make_runtime({"cpu", Precision::kFp32, 1});
  EXPECT_EQ(torch::get_num_threads(), 1);
  torch::set_num_threads(before);
}

TEST(Runtime, FrozenProductsHaveThePrecisionsType) {
  EXPECT_EQ((Runtime{torch::kCPU, Precision::kFp32}.frozen_dtype()), torch::kFloat32);
  EXPECT_EQ((Runtime{torch::kCPU, Precision::kTf32}.frozen_dtype()), torch::kFloat32);
  EXPECT_EQ((Runtime{torch::kCPU, Precision::kBf16}.frozen_dtype()), torch::kBFloat16);
  EXPECT_EQ((Runtime{torch::kCPU, Precision::kFp16}.frozen_dtype()), torch::kHalf);
  EXPECT_FALSE((Runtime{torch::kCPU, Precision::kTf32}.autocast()));
  EXPECT_TRUE((Runtime{torch::kCPU, Precision::kFp16}.autocast()));
}

TEST(AutocastScope, DoesNothingInFp32) {
  const torch::Tensor matrix = torch::ones({4, 4});
  const AutocastScope scope({torch::kCPU, Precision::kFp32});
  EXPECT_EQ(matrix.mm(matrix).scalar_type(), torch::kFloat32);
}

TEST(AutocastScope, LowersMatrixProductsDuringItsLifetime) {
  const Runtime runtime{torch::kCPU, Precision::kBf16};
  const torch::Tensor matrix = torch::ones({4, 4});
  {
    const AutocastScope scope(runtime);
    EXPECT_EQ(matrix.mm(matrix).scalar_type(), torch::kBFloat16);
  }
  EXPECT_EQ(matrix.mm(matrix).scalar_type(), torch::kFloat32);
}

}  // namespace
}  // namespace mkt::session
