#include "artifact/clip_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "artifact/encoders.h"
#include "artifact/file_kind.h"
#include "support/command.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::artifact {
namespace {

using test::message_of;

/// A folder with the tiny CLIP in two shards and their index.
struct Shards {
  std::string folder = test::scratch_folder("shards");
  std::string index = folder + "/model.safetensors.index.json";
  nlohmann::json map;

  Shards() {
    weights::TensorMap parts[2];
    for (const auto& [name, tensor] : test::tiny_weights()) {
      const int part = name.rfind("visual.", 0) == 0 ? 0 : 1;
      parts[part][name] = tensor;
      map[name] = shard(part);
    }
    for (int i = 0; i < 2; ++i) weights::save_pth(folder + "/" + shard(i), parts[i]);
    write();
  }

  static std::string shard(int number) {
    return "model-0000" + std::to_string(number + 1) + "-of-00002.safetensors";
  }
  void write() const { std::ofstream(index) << nlohmann::json{{"metadata", {}}, {"weight_map", map}}; }
};

TEST(ClipFiles, AreAFileAFolderOrAnIndex) {
  const Shards shards;
  for (const std::string& path : {shards.index, shards.folder}) {
    const clip::Weights clip = open_clip(path, {});
    EXPECT_EQ(clip.tensors.size(), test::tiny_weights().size()) << path;
    EXPECT_EQ(enum_name(file_kind(path)), "CLIP weights");
  }
  const std::string folder = test::scratch_folder("folder");
  EXPECT_FALSE(is_clip_folder(folder));
  weights::save_pth(folder + "/pytorch_model.bin", test::tiny_weights());
  EXPECT_TRUE(is_clip_folder(folder));
  EXPECT_EQ(find_clip_files(folder).weights, std::vector<std::string>{folder + "/pytorch_model.bin"});
  weights::save_pth(folder + "/model.safetensors", test::tiny_weights());
  EXPECT_EQ(find_clip_files(folder).weights, std::vector<std::string>{folder + "/model.safetensors"});
}

TEST(ClipFiles, AreRefusedIfAShardOrATensorIsMissing) {
  Shards shards;
  const auto message = [&] { return message_of([&] { read_clip_files(find_clip_files(shards.index)); }); };
  EXPECT_EQ(message(), "");
  shards.map["visual.other"] = Shards::shard(0);
  shards.write();
  EXPECT_EQ(message(), shards.index + ": expected tensor 'visual.other' in " + Shards::shard(0) +
                           ", got none. Download the shards again.");
  shards.map["visual.other"] = "model-00003-of-00003.safetensors";
  shards.write();
  EXPECT_EQ(message(), shards.index + ": expected the shard " + shards.folder +
                           "/model-00003-of-00003.safetensors, got no such file. Download it too.");
}

TEST(ClipFiles, StayInTheIndexsFolder) {
  Shards shards;
  for (const char* path : {"../clip.pth", "/etc/passwd", "a/b.safetensors", ""}) {
    shards.map["visual.proj"] = path;
    shards.write();
    EXPECT_EQ(message_of([&] { find_clip_files(shards.index); }),
              shards.index + ": expected a file name without folders for tensor 'visual.proj', got \"" +
                  path + "\". Download it again.");
  }
  std::ofstream(shards.index) << "{\"weight_map\": []}";
  EXPECT_EQ(
      message_of([&] { find_clip_files(shards.index); }),
      shards.index + ": expected a JSON object with 'weight_map', got another file. Download it again.");
}

TEST(ClipFiles, HaveADigestThatCoversEveryShard) {
  const Shards shards;
  const std::string before = digest(find_clip_files(shards.folder));
  weights::TensorMap changed = weights::load_named_tensors(shards.folder + "/" + Shards::shard(1));
  changed["ln_final.bias"] = torch::zeros({128});
  weights::save_pth(shards.folder + "/" + Shards::shard(1), changed);
  EXPECT_NE(digest(find_clip_files(shards.folder)), before);
}

}  // namespace
}  // namespace mkt::artifact
