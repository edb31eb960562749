#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "lists/image_names.h"
#include "mkt/weights/checkpoint.h"
#include "support/formula.h"
#include "support/message.h"
#include "weights/safetensors.h"

namespace mkt::weights {
namespace {

namespace fs = std::filesystem;
using test::message_of;

nlohmann::json checks() {
  return nlohmann::json::parse(std::ifstream(test::golden("formats/checks.json")));
}

/// Compares a tensor with `check`: [dtype, shape, sum, sum of absolute values].
void expect_agrees(const std::string& name, const torch::Tensor& tensor, const nlohmann::json& check) {
  const torch::Tensor values = tensor.to(torch::kFloat64);
  const double sum = values.sum().item<double>();
  const double absolute = values.abs().sum().item<double>();
  const std::string dtype = tensor.scalar_type() == torch::kHalf ? "torch.float16" : "torch.float32";
  EXPECT_EQ(dtype, check[0].get<std::string>()) << name;
  EXPECT_EQ(tensor.sizes().vec(), check[1].get<std::vector<std::int64_t>>()) << name;
  EXPECT_NEAR(sum, check[2].get<double>(), 1e-6 * absolute) << name;
  EXPECT_NEAR(absolute, check[3].get<double>(), 1e-6 * absolute) << name;
}

void expect_all_agree(const TensorMap& tensors) {
  const nlohmann::json expected = checks();
  for (const auto& [name, check] : expected.items()) {
    ASSERT_EQ(tensors.count(name), 1U) << name;
    expect_agrees(name, tensors.at(name), check);
  }
}

class EveryPlainFormat : public testing::TestWithParam<const char*> {};

TEST_P(EveryPlainFormat, GivesTheSameStateDict) {
  const TensorMap tensors = load_tensors(test::golden(std::string("formats/") + GetParam()));
  expect_all_agree(tensors);
  EXPECT_EQ(tensors.size(), checks().size());
}

INSTANTIATE_TEST_SUITE_P(Formats, EveryPlainFormat,
                         testing::Values("state_dict.pth", "state_dict_ordered.pth", "state_dict_module.pth",
                                         "state_dict_legacy.pth", "open_clip_style.pt",
                                         "state_dict.safetensors"));

TEST(Formats, ReadsTheStateDictAndSizesOfOpenAisArchive) {
  const TensorMap tensors = load_tensors(test::golden("formats/openai_archive.pt"));
  expect_all_agree(tensors);
  EXPECT_EQ(tensors.size(), checks().size() + 3);
  EXPECT_EQ(tensors.at("vocab_size").item<std::int64_t>(), 600);
}

TEST(Formats, KeepsTheTextPrefix) {
  const TensorMap tensors = load_tensors(test::golden("formats/open_clip_text_prefix.safetensors"));
  const nlohmann::json expected = checks();
  for (const auto& [name, check] : expected.items()) {
    const bool outside = tensors.count(name) == 1;
    const std::string stored = outside ? name : "text." + name;
    ASSERT_EQ(tensors.count(stored), 1U) << name;
    expect_agrees(stored, tensors.at(stored), check);
  }
  EXPECT_EQ(tensors.count("text.token_embedding.weight"), 1U);
}

TEST(Formats, KeepsTheNamesOfHuggingFace) {
  const TensorMap tensors = load_tensors(test::golden("formats/hugging_face.safetensors"));
  expect_agrees("text_model.embeddings.token_embedding.weight",
                tensors.at("text_model.embeddings.token_embedding.weight"),
                checks()["token_embedding.weight"]);
  expect_agrees("logit_scale", tensors.at("logit_scale"), checks()["logit_scale"]);
}

TEST(Formats, FindsATensorAloneOrInADict) {
  EXPECT_EQ(load_tensor(test::golden("nus-mini/NUS-WIDE/label_emb.pt")).dim(), 2);
  EXPECT_EQ(load_tensor(test::golden("label_emb.pth")).dim(), 2);
  const std::string many = test::golden("metrics.pth");
  EXPECT_NE(message_of([&] { load_tensor(many); }).find(many + ": expected one tensor, got"),
            std::string::npos);
}

TEST(Formats, LoadsEveryGoldenCheckpoint) {
  int files = 0;
  for (const auto& entry : fs::directory_iterator(test::golden(""))) {
    if (entry.path().extension() != ".pth") continue;
    EXPECT_FALSE(load_tensors(entry.path()).empty()) << entry.path();
    ++files;
  }
  EXPECT_GE(files, 10);
}

}  // namespace
}  // namespace mkt::weights
