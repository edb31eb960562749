#include "weights/safetensors.h"

#include <gtest/gtest.h>

#include "support/files.h"
#include "support/message.h"

namespace mkt::weights {

using namespace test;
namespace {

using test::message_of;

/// Writes a file with `header` and `data_size` zero bytes; returns its path.
std::string crafted(const std::string& header, std::size_t data_size) {
  std::string length;
  for (int i = 0; i < 8; ++i) length.push_back(static_cast<char>(header.size() >> (8 * i) & 0xFF));
  return write_file(temporary("crafted.safetensors"), length + header + std::string(data_size, '\0'));
}

std::string safetensors_refusal(const std::string& header, std::size_t data_size) {
  const std::string path = crafted(header, data_size);
  std::string message = message_of([&] { load_safetensors(path); });
  EXPECT_EQ(message.rfind(path + ": ", 0), 0U) << message;
  return message;
}

TEST(Safetensors, RoundTripsTensorsAndMetadata) {
  const std::string path = temporary("round.safetensors");
  const TensorMap tensors{{"bytes", torch::arange(3, torch::kUInt8)},
                          {"half", torch::arange(6).reshape({2, 3}).to(torch::kHalf)},
                          {"double", torch::arange(5, torch::kFloat64)},
                          {"bool", torch::tensor({true, false, true})},
                          {"scalar", torch::tensor(1.5)},
                          {"empty", torch::empty({0, 4}, torch::kInt64)},
                          {"transposed", torch::arange(6.0).reshape({2, 3}).t()}};
  save_safetensors(path, tensors, {{"format", "pt"}});
  const Safetensors loaded = load_safetensors(path);
  EXPECT_EQ(loaded.metadata, (std::map<std::string, std::string>{{"format", "pt"}}));
  ASSERT_EQ(loaded.tensors.size(), tensors.size());
  for (const auto& [name, tensor] : tensors) {
    EXPECT_EQ(loaded.tensors.at(name).scalar_type(), tensor.scalar_type()) << name;
    EXPECT_TRUE(torch::equal(loaded.tensors.at(name), tensor)) << name;
  }
}

TEST(Safetensors, ReadsUnalignedTensors) {
  const std::string path = crafted(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                                   R"("b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}})",
                                   9);
  EXPECT_TRUE(torch::equal(load_safetensors(path).tensors.at("b"), torch::zeros({2})));
}

TEST(Safetensors, RejectsWrongHeaders) {
  EXPECT_NE(safetensors_refusal("{\"a\": ", 0).find("not a JSON object"), std::string::npos);
  EXPECT_NE(safetensors_refusal("[]", 0).find("not a JSON object"), std::string::npos);
  EXPECT_NE(safetensors_refusal(R"({"a":{"dtype":"F32","shape":[2]}})", 8).find("entry 'a' is malformed"),
            std::string::npos);
  EXPECT_NE(safetensors_refusal(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8)
                .find("'a' is malformed"),
            std::string::npos);
  EXPECT_NE(
      safetensors_refusal(R"({"a":{"dtype":"F7","shape":[2],"data_offsets":[0,8]}})", 8).find("dtype 'F7'"),
      std::string::npos);
  EXPECT_NE(safetensors_refusal(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8)
                .find("expected 12 bytes"),
            std::string::npos);
  const std::string overflow =
      R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})";
  EXPECT_NE(safetensors_refusal(overflow, 0).find("impossible shape"), std::string::npos);
  EXPECT_NE(safetensors_refusal(R"({"__metadata__":{"a":1}})", 0).find("metadata 'a' is not a string"),
            std::string::npos);
}

TEST(Safetensors, RejectsGapsOverlapsAndExcessData) {
  const std::string first = R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)";
  EXPECT_NE(safetensors_refusal(first + R"("b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})", 6)
                .find("offset 4, got 2"),
            std::string::npos);
  EXPECT_NE(safetensors_refusal(first + R"("b":{"dtype":"U8","shape":[4],"data_offsets":[5,9]}})", 9)
                .find("offset 4, got 5"),
            std::string::npos);
  EXPECT_NE(
      safetensors_refusal(first + R"("b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})", 9).find("got 9"),
      std::string::npos);
  EXPECT_NE(
      safetensors_refusal(first + R"("b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})", 7).find("got 7"),
      std::string::npos);
}

}  // namespace
}  // namespace mkt::weights
