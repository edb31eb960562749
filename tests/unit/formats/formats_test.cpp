#include "formats/formats.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "mkt/weights/checkpoint.h"
#include "support/command.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::formats {
namespace {

using weights::WeightType;

std::string advice(artifact::FileKind kind) {
  return "Advice on " + enum_name(kind) + ".";
}

nlohmann::json report_on(const std::string& path) {
  return nlohmann::json::parse(inspect(path, true, {}, advice));
}

/// Runs convert_clip() without facts given by options.
std::string convert(const std::string& input, const std::string& output, clip::Naming to,
                    WeightType dtype = WeightType::kKeep) {
  return convert_clip({input, output, to, dtype, {}});
}

TEST(Inspect, PrintsKindSizesDtypesAndUseOfWeights) {
  const auto report = report_on(test::golden("formats/hugging_face.safetensors"));
  EXPECT_EQ(report["kind"], "CLIP weights");
  EXPECT_EQ(report["container"], "safetensors");
  EXPECT_EQ(report["names"], "Hugging Face's names");
  EXPECT_EQ(report["tensors"], 46);
  EXPECT_EQ(report["dtypes"], nlohmann::json({{"float16", 18}, {"float32", 28}}));
  EXPECT_EQ(report["image_side"], nlohmann::json({{"patch", 16},
                                                  {"resolution", 64},
                                                  {"width", 64},
                                                  {"layers", 1},
                                                  {"heads", 1},
                                                  {"mlp", 256},
                                                  {"embedding", 64}}));
  EXPECT_EQ(report["image_computation"]["activation"],
            nlohmann::json({{"value", "quick-gelu"}, {"source", "assumed"}}));
  EXPECT_EQ(report["preprocessing"]["source"], "assumed");
  const auto archive = report_on(test::golden("formats/openai_archive.pt"));
  EXPECT_EQ(archive["text_computation"]["activation"]["source"], "OpenAI's TorchScript archive");
  EXPECT_EQ(report["text_side"]["vocabulary"], 600);
  EXPECT_EQ(report["use"], "Advice on CLIP weights.");
  EXPECT_EQ(report_on(test::golden("formats/openai_archive.pt"))["container"],
            "TorchScript archive, as OpenAI's (read only)");
  EXPECT_EQ(report_on(test::golden("formats/state_dict_legacy.pth"))["container"],
            ".pth from before PyTorch 1.6");
}

TEST(Inspect, KnowsTheFilesOfADataSet) {
  const std::string root = test::golden("nus-mini/NUS-WIDE");
  EXPECT_EQ(report_on(root)["labels"], 32);
  EXPECT_EQ(report_on(root + "/Concepts81.txt")["kind"], "a list of labels");
  EXPECT_EQ(report_on(root + "/test_img_names_numpy.pkl")["images"], 6);
  EXPECT_EQ(report_on(std::string(MKT_TEST_DATA) + "/pickles/list_0.pkl")["images"],
            3);  // a pickle that looks like text
  EXPECT_EQ(report_on(root + "/features/nus_wide_test.h5")["kind"], "an HDF5 file of labels");
  EXPECT_EQ(report_on(root + "/label_emb.pt")["shape"], nlohmann::json({32, 512}));
  EXPECT_EQ(report_on(test::golden("images/420.jpg"))["pixels"]["width"], 600);
  const std::string list = test::scratch_folder("list") + "/names.txt";
  std::ofstream(list) << "a_0001_1.jpg\nb_0002_2.JPG\n";
  EXPECT_EQ(report_on(list)["images"], 2);
}

TEST(Inspect, RefusesUnknownOrDamagedFilesInOneLine) {
  const auto message = [](const std::string& path) {
    return test::message_of([&] { inspect(path, false, {}, advice); });
  };
  EXPECT_EQ(message(test::golden("bad/html.jpg")),
            test::golden("bad/html.jpg") +
                ": expected a .pth, TorchScript or safetensors file, got an HTML page. Download the file "
                "again.");
  const std::string manifest = test::scratch_folder("manifest") + "/pets.toml";
  std::ofstream(manifest) << "train = \"pets.train.jsonl\"\n";
  EXPECT_EQ(message(manifest), manifest +
                                   ": expected a .pth, TorchScript or safetensors file, got a file of "
                                   "another kind. Name another file.");
  EXPECT_NE(message(test::golden("images")).find("got a folder without Concepts925.txt"), std::string::npos);
  EXPECT_EQ(message("/dev/zero"), "/dev/zero: expected a file, got a pipe or a device. Name a file.");
  const std::string cut = test::scratch_folder("cut") + "/cut.safetensors";
  std::ofstream(cut, std::ios::binary)
      << test::file_text(test::golden("formats/state_dict.safetensors")).substr(0, 300000);
  EXPECT_EQ(message(cut).rfind(cut + ": ", 0), 0U);
  EXPECT_EQ(message(cut).find('\n'), std::string::npos);
}

TEST(Convert, FormatToFormatToFormatGivesTheSameFile) {
  const auto file = [](const std::string& name) { return test::scratch_folder("convert") + "/" + name; };
  const std::string input = test::golden("formats/openai_archive.pt");
  const std::string first = file("first.safetensors");
  EXPECT_EQ(convert(input, first, clip::Naming::kOpenAi),
            "wrote " + first +
                ": 38 tensors, OpenAI's and open_clip's names, dtype keep; largest difference of an image's "
                "features 0, of a text's 0");
  const std::string second = file("a.pth");
  convert(first, second, clip::Naming::kHuggingFace);
  const std::string third = file("b.safetensors");
  convert(second, third, clip::Naming::kOpenClipCustom);
  const std::string last = file("last.safetensors");
  convert(third, last, clip::Naming::kOpenAi);
  EXPECT_TRUE(test::file_text(first) == test::file_text(last));
}

TEST(Convert, ChangesDtypesAndReportsTheDifferenceOfFeatures) {
  const std::string output = test::scratch_folder("convert") + "/half.pt";
  const std::string line =
      convert(test::golden("formats/state_dict.pth"), output, clip::Naming::kOpenAi, WeightType::kBFloat16);
  for (const auto& [name, tensor] : weights::load_tensors(output)) {
    EXPECT_EQ(tensor.scalar_type(), torch::kBFloat16) << name;
  }
  const std::string before = "image's features ";
  const double difference = std::stod(line.substr(line.find(before) + before.size()));
  EXPECT_GT(difference, 0);
  EXPECT_LT(difference, 0.01);
}

TEST(Convert, WritesNoConfigurationThatOtherWeightsWouldTakeForTheirs) {
  const std::string folder = test::scratch_folder("others");
  const std::string input = folder + "/ViT.pt";
  std::filesystem::copy_file(test::golden("formats/openai_archive.pt"), input);
  convert(input, folder + "/a.safetensors", clip::Naming::kOpenAi);
  EXPECT_TRUE(std::filesystem::exists(folder + "/open_clip_config.json")) << "beside its input";
  std::filesystem::remove(folder + "/open_clip_config.json");
  convert(input, folder + "/b.pth", clip::Naming::kOpenAi);
  EXPECT_FALSE(std::filesystem::exists(folder + "/open_clip_config.json")) << "beside a.safetensors";
}

TEST(Convert, KeepsTheConfigurationThatItsInputWasReadBy) {
  const std::string folder = test::scratch_folder("own");
  const std::string config = folder + "/open_clip_config.json";
  convert(test::golden("formats/openai_archive.pt"), folder + "/a.pth", clip::Naming::kOpenAi);
  const auto sorted = nlohmann::json::parse(test::file_text(config));
  std::ofstream(config) << sorted;  // another text than the program's
  const std::string text = test::file_text(config);
  convert(folder + "/./a.pth", folder + "/b.pth", clip::Naming::kOpenAi);
  EXPECT_EQ(test::file_text(config), text);
  EXPECT_TRUE(std::filesystem::exists(folder + "/b.pth"));
}

TEST(Convert, RefusesOtherFilesAndWritesNothing) {
  const std::string folder = test::scratch_folder("convert");
  const std::string output = folder + "/a.pt";
  const std::string input = test::golden("formats/state_dict.pth");
  const auto message = [&](const std::string& from, const std::string& to, WeightType dtype) {
    return test::message_of([&] { convert(from, to, clip::Naming::kOpenAi, dtype); });
  };
  const std::string image = test::golden("images/420.jpg");
  EXPECT_EQ(message(image, output, WeightType::kKeep),
            "input: expected CLIP weights, got an image in " + image + ".");
  EXPECT_EQ(message(input, input, WeightType::kKeep),
            "output: expected another file than the input, got " + input + " for both. Name another.");
  EXPECT_EQ(message(input, folder + "/a.bin", WeightType::kKeep),
            "output: expected a name that ends in .pt, .pth or .safetensors, got '" + folder +
                "/a.bin'. Change the extension.");
  weights::TensorMap large = weights::load_tensors(input);
  large["visual.proj"] = torch::full({64, 64}, 1e5F);
  weights::save_pth(folder + "/large.pth", large);
  EXPECT_EQ(message(folder + "/large.pth", output, WeightType::kFloat16),
            folder + "/large.pth: tensor 'visual.proj' holds numbers too large for float16. Use bfloat16.");
  EXPECT_FALSE(std::filesystem::exists(output));
}

}  // namespace
}  // namespace mkt::formats
