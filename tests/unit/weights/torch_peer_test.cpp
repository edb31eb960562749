#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "mkt/weights/checkpoint.h"
#include "support/files.h"

// PyTorch reads this project's files, and this project reads PyTorch's. The tests are skipped if Python
// cannot import torch.
namespace mkt::weights {

using namespace test;
namespace {

int run(const std::string& command) {
  return std::system(command.c_str());
}

class TorchPeer : public testing::Test {
 protected:
  void SetUp() override {
    const std::string probe = fmt::format("'{}' -c 'import torch' >/dev/null 2>&1", MKT_TEST_PYTHON);
    if (run(probe) != 0)
      GTEST_SKIP() << "no torch in Python '" << MKT_TEST_PYTHON << "' (CMake's MKT_TEST_PYTHON)";
  }

  static int peer(const std::string& arguments) {
    return run(fmt::format("'{}' -W ignore '{}' {}", MKT_TEST_PYTHON, MKT_TEST_PEER, arguments));
  }

  static nlohmann::json summary(const TensorMap& tensors) {
    nlohmann::json all;
    for (const auto& [name, tensor] : tensors) {
      const std::string dtype(c10::getDtypeNames(tensor.scalar_type()).first);
      all[name] = {"torch." + dtype, tensor.sizes().vec(), tensor.to(torch::kFloat64).sum().item<double>()};
    }
    return all;
  }
};

TEST_F(TorchPeer, ReadsOurFilesWithWeightsOnly) {
  TensorMap tensors;
  for (const auto type : {torch::kFloat32, torch::kFloat64, torch::kFloat16, torch::kBFloat16, torch::kInt64,
                          torch::kInt32, torch::kInt16, torch::kInt8, torch::kUInt8, torch::kBool}) {
    tensors[c10::toString(type)] = torch::arange(6).remainder(2).reshape({2, 3}).to(type);
  }
  tensors["scalar"] = torch::tensor(2.5);
  tensors["empty"] = torch::empty({0, 3});
  tensors["transposed"] = torch::arange(600.0).reshape({2, 300}).t();
  tensors["kernel"] = torch::ones({2, 3, 4, 5});
  const std::string path = temporary("ours.pth");
  save_pth(path, tensors);
  ASSERT_EQ(peer(fmt::format("read '{}' > '{}.json'", path, path)), 0);
  EXPECT_EQ(nlohmann::json::parse(file_text(path + ".json")), summary(tensors));
}

TEST_F(TorchPeer, WritesFilesThatWeRead) {
  const std::string folder = temporary("theirs");
  std::filesystem::create_directories(folder);
  ASSERT_EQ(peer(fmt::format("write '{}'", folder)), 0);
  const nlohmann::json expected = nlohmann::json::parse(file_text(folder + "/expected.json"));
  for (const char* name : {"plain", "legacy", "protocol4", "module", "nested", "compressed"}) {
    EXPECT_EQ(summary(load_tensors(fmt::format("{}/{}.pth", folder, name))), expected) << name;
  }
  const TensorMap tensors = load_tensors(folder + "/plain.pth");
  EXPECT_EQ(tensors.at("base").data_ptr(), tensors.at("transposed").data_ptr());
}

}  // namespace
}  // namespace mkt::weights
