#include "mkt/weights/checkpoint.h"

#include <gtest/gtest.h>

#include <limits>

#include "support/crafted.h"
#include "support/message.h"

namespace mkt::weights {

using namespace test;
namespace {

using test::message_of;

constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
using Items = std::map<std::string, std::string>;

TensorMap every_dtype() {
  TensorMap tensors;
  for (const auto type : {torch::kFloat32, torch::kFloat64, torch::kFloat16, torch::kBFloat16, torch::kInt64,
                          torch::kInt32, torch::kInt16, torch::kInt8, torch::kUInt8, torch::kBool}) {
    tensors[c10::toString(type)] = torch::arange(6).remainder(2).reshape({2, 3}).to(type);
  }
  tensors["scalar"] = torch::tensor(2.5);
  tensors["empty"] = torch::empty({0, 3});
  tensors["transposed"] = torch::arange(6.0).reshape({2, 3}).t();
  tensors["row"] = torch::arange(6.0).reshape({2, 3})[1];
  return tensors;
}

void expect_equal(const TensorMap& actual, const TensorMap& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (const auto& [name, tensor] : expected) {
    ASSERT_EQ(actual.count(name), 1U) << name;
    EXPECT_EQ(actual.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(torch::equal(actual.at(name), tensor)) << name;
  }
}

/// Returns the error message for a checkpoint with this tensor.
std::string checkpoint_refusal(const Described& tensor, const Records& others = {}) {
  const std::string path = write_checkpoint("crafted.pth", pickled(Items{{"w", pickled(tensor)}}), others);
  std::string message = message_of([&] { load_tensors(path); });
  EXPECT_EQ(message.rfind(path + ": ", 0), 0U) << message;
  return message;
}

TEST(Checkpoint, RoundTripsEveryDtypeAndLayout) {
  const std::string path = temporary("round.pth");
  save_pth(path, every_dtype());
  expect_equal(load_tensors(path), every_dtype());
}

TEST(Checkpoint, WritesEqualBytesForEqualTensors) {
  save_pth(temporary("a.pth"), every_dtype());
  save_pth(temporary("another_name.pth"), every_dtype());
  EXPECT_EQ(file_text(temporary("a.pth")), file_text(temporary("another_name.pth")));
}

TEST(Checkpoint, MapsTensorsPrivately) {
  const std::string path = temporary("mapped.pth");
  save_pth(path, {{"w", torch::zeros({1000})}});
  const std::string before = file_text(path);
  torch::Tensor w = load_tensors(path).at("w");
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(w.data_ptr()) % 64, 0U);
  w.fill_(7);
  EXPECT_EQ(w.sum().item<float>(), 7000);
  EXPECT_EQ(file_text(path), before);
}

TEST(Checkpoint, TensorsOutliveTheFile) {
  const std::string path = temporary("gone.pth");
  save_pth(path, {{"w", torch::arange(1000)}});
  const torch::Tensor w = load_tensors(path).at("w");
  std::filesystem::remove(path);
  EXPECT_TRUE(torch::equal(w, torch::arange(1000)));
}

TEST(Checkpoint, KeepsStridesOffsetsAndSharedStorages) {
  Described column;
  column.offset = 1;
  column.sizes = {2};
  column.strides = {3};
  Described expanded;
  expanded.sizes = {4, 6};
  expanded.strides = {0, 1};
  const Items items{
      {"w", pickled(Described())}, {"column", pickled(column)}, {"expanded", pickled(expanded)}};
  const TensorMap tensors = load_tensors(write_checkpoint("strides.pth", pickled(items)));
  EXPECT_TRUE(torch::equal(tensors.at("column"), torch::tensor({1.0, 4.0}, torch::kFloat32)));
  EXPECT_TRUE(torch::equal(tensors.at("expanded")[3], tensors.at("w").flatten()));
  EXPECT_EQ(tensors.at("column").data_ptr<float>(), tensors.at("w").data_ptr<float>() + 1);
}

TEST(Checkpoint, FindsNestedStateDictsAndDropsModule) {
  const std::string state = pickled(Items{{"module.w", pickled(Described())}});
  const std::string optimizer = pickled(Items{{"exp_avg", pickled(Described())}});
  const std::vector<Items> nestings = {
      {{"state_dict", state}, {"optimizer", optimizer}, {"epoch", pickled(3)}},
      {{"model", pickled(Items{{"state_dict", state}})}, {"other", optimizer}},
      {{"weights", state}, {"epoch", pickled(3)}}};
  for (const Items& nesting : nestings) {
    const TensorMap tensors = load_tensors(write_checkpoint("nested.pth", pickled(nesting)));
    ASSERT_EQ(tensors.size(), 1U);
    EXPECT_EQ(tensors.begin()->first, "w");
  }
}

TEST(Checkpoint, DropsStacksOfPrefixesThatAllNamesShare) {
  const auto name_after = [](const std::string& name) {
    return load_tensors(write_checkpoint("prefix.pth", pickled(Items{{name, pickled(Described())}})))
        .begin()
        ->first;
  };
  EXPECT_EQ(name_after("module._orig_mod.visual.proj"), "visual.proj");
  EXPECT_EQ(name_after("_orig_mod.module.model.clip.visual.proj"), "visual.proj");
  EXPECT_EQ(name_after("clip_model.text.ln_final.bias"), "text.ln_final.bias");
  EXPECT_EQ(name_after("wrapper.text_model.final_layer_norm.bias"), "text_model.final_layer_norm.bias");
  const Items some{{"module.visual.proj", pickled(Described())}, {"logit_scale", pickled(Described())}};
  EXPECT_EQ(load_tensors(write_checkpoint("some.pth", pickled(some))).count("module.visual.proj"), 1U);
}

TEST(Checkpoint, SkipsTheArgumentsOfATrainingRun) {
  const std::string arguments =
      "cargparse\nNamespace\n)\x81" + pickled(Items{{"lr", "G?PbM\xd2\xf1\xa9\xfc"}}) + "b";
  const Items items{{"args", arguments}, {"model", pickled(Items{{"w", pickled(Described())}})}};
  EXPECT_EQ(load_tensors(write_checkpoint("arguments.pth", pickled(items))).size(), 1U);
}

TEST(Checkpoint, RejectsWrongSizes) {
  Described tensor;
  tensor.sizes = {2, 4};
  EXPECT_NE(checkpoint_refusal(tensor).find("'w' reaches to element 6 of a storage of 6"), std::string::npos);
  tensor.sizes = {kHuge, kHuge};
  EXPECT_NE(checkpoint_refusal(tensor).find("'w' has impossible sizes"), std::string::npos);
  tensor.sizes = {-1, 3};
  EXPECT_NE(checkpoint_refusal(tensor).find("'w' has impossible sizes"), std::string::npos);
  tensor.sizes = {2};
  EXPECT_NE(checkpoint_refusal(tensor).find("'w' has impossible sizes"), std::string::npos);
}

TEST(Checkpoint, RejectsWrongStridesAndOffsets) {
  Described tensor;
  tensor.strides = {-3, 1};
  EXPECT_NE(checkpoint_refusal(tensor).find("'w' has impossible sizes"), std::string::npos);
  tensor.strides = {kHuge, 1};
  EXPECT_NE(checkpoint_refusal(tensor).find("'w' has impossible sizes"), std::string::npos);
  tensor.strides = {kHuge - 2, 1};
  EXPECT_NE(checkpoint_refusal(tensor).find("reaches to element"), std::string::npos);
  tensor.strides = {3, 1};
  for (const std::int64_t offset : {std::int64_t{-1}, std::int64_t{1}, kHuge - 4, kHuge}) {
    tensor.offset = offset;
    EXPECT_NE(checkpoint_refusal(tensor).find("tensor 'w'"), std::string::npos);
  }
  tensor.offset = 0;
  tensor.sizes = {std::int64_t{1} << 40, 6};
  tensor.strides = {0, 1};
  EXPECT_NE(checkpoint_refusal(tensor).find("reaches to element"), std::string::npos);
}

TEST(Checkpoint, RejectsWrongStorages) {
  Described tensor;
  tensor.storage_numel = 7;
  EXPECT_NE(checkpoint_refusal(tensor).find("expected 28 bytes of storage, got 24"), std::string::npos);
  tensor.storage_numel = kHuge;
  EXPECT_NE(checkpoint_refusal(tensor).find("storage '0' has"), std::string::npos);
  tensor.storage_numel = -1;
  EXPECT_NE(checkpoint_refusal(tensor).find("storage '0' has -1"), std::string::npos);
  tensor = Described();
  tensor.key = "../0";
  EXPECT_NE(checkpoint_refusal(tensor).find("the archive has no record 'x/data/../0'"), std::string::npos);
  tensor = Described();
  tensor.storage_class = "torch\nComplexFloatStorage";
  EXPECT_NE(checkpoint_refusal(tensor).find("names 'torch.ComplexFloatStorage'"), std::string::npos);
  tensor.storage_class = "torch\nBoolStorage";
  EXPECT_NE(checkpoint_refusal(tensor).find("neither true nor false"), std::string::npos);
}

TEST(Checkpoint, RejectsAnotherByteOrder) {
  EXPECT_NE(
      checkpoint_refusal(Described(), {{"x/byteorder", "big"}}).find("expected byte order little, got 'big'"),
      std::string::npos);
}

TEST(Checkpoint, RejectsFilesWithoutTensorsByName) {
  const std::string numbers = write_checkpoint("numbers.pth", pickled(Items{{"epoch", pickled(3)}}));
  EXPECT_NE(message_of([&] { load_tensors(numbers); }).find("expected named tensors, got a dict without any"),
            std::string::npos);
  const std::string list = write_checkpoint("list.pth", "]");
  EXPECT_NE(message_of([&] { load_tensors(list); }).find("expected named tensors, got a list"),
            std::string::npos);
  const auto refused = [](const std::string& bytes) {
    const std::string file = write_file(temporary("other.pth"), bytes);
    const std::string message = message_of([&] { load_tensors(file); });
    const std::string start = file + ": expected a .pth, TorchScript or safetensors file, got ";
    return message.rfind(start, 0) == 0 ? message.substr(start.size()) : message;
  };
  EXPECT_EQ(refused("train = \"pets.train.jsonl\""), "a file of another kind. Name another file.");
  EXPECT_EQ(refused(""), "an empty file. Download the file again.");
  EXPECT_EQ(refused("\n<!DOCTYPE HTML>\n<title>404</title>"), "an HTML page. Download the file again.");
  EXPECT_EQ(refused("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"),
            "a Git LFS pointer, not the file itself. Fetch it with git lfs pull.");
  EXPECT_EQ(refused("{\"error\": \"Repository not found\"}"), "JSON text. Download the file again.");
  EXPECT_EQ(refused("{\"data\":{\"a\": 1}}"), "JSON text. Download the file again.");
  EXPECT_EQ(refused("[{\"error\": 1}]"), "JSON text. Download the file again.");
  EXPECT_EQ(refused(std::string("GGUF\x03\0\0\0", 8)),
            "a GGUF file. Use the weights as safetensors or .pth.");
  EXPECT_EQ(refused("<?xml version=\"1.0\"?><Error/>"), "an XML page. Download the file again.");
  EXPECT_NE(message_of([&] {
              load_tensors("/nowhere/w.pth");
            }).find("/nowhere/w.pth: cannot be read: No such file"),
            std::string::npos);
}

TEST(Checkpoint, RejectsModulesThatContainThemselves) {
  const std::string self = "}q\x01" + pickled(std::string("self")) + "h\x01s";
  EXPECT_NE(message_of([&] { load_tensors(write_checkpoint("self.pth", self)); }).find("nest deeper than 64"),
            std::string::npos);
  std::string doubling = "}";  // each dict contains the previous one twice: 2^40 paths
  for (int i = 0; i < 40; ++i) {
    const std::string memo(1, static_cast<char>(i + 1));
    doubling += "q" + memo + "0}(" + pickled(std::string("a")) + "h" + memo + pickled(std::string("b")) +
                "h" + memo + "u";
  }
  EXPECT_NE(message_of([&] {
              load_tensors(write_checkpoint("paths.pth", doubling));
            }).find("more than 1000000 names"),
            std::string::npos);
}

TEST(Checkpoint, DoesNotWriteUnknownDtypes) {
  const std::string path = temporary("complex.pth");
  const TensorMap tensors{{"w", torch::zeros({2}, torch::kComplexFloat)}};
  EXPECT_NE(message_of([&] {
              save_pth(path, tensors);
            }).find("tensor 'w': expected a dtype that a .pth file of this project can hold, got"),
            std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace mkt::weights
