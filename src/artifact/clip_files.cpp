#include "artifact/clip_files.h"

#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "core/text.h"
#include "io/json.h"
#include "io/sha256.h"

namespace mkt::artifact {
namespace {

namespace fs = std::filesystem;

/// Names of weights in a folder, in the order in which they are tried.
constexpr std::array<const char*, 7> kNames = {"model.safetensors",
                                               "model.safetensors.index.json",
                                               "open_clip_model.safetensors",
                                               "pytorch_model.bin",
                                               "pytorch_model.bin.index.json",
                                               "open_clip_pytorch_model.bin",
                                               "open_clip_model.safetensors.index.json"};

bool is_index(const std::string& path) {
  const std::string end = ".index.json";
  return path.size() > end.size() && path.compare(path.size() - end.size(), end.size(), end) == 0;
}

std::string weights_in(const std::string& folder) {
  std::error_code none;
  for (const char* name : kNames) {
    const fs::path path = fs::path(folder) / name;
    if (fs::is_regular_file(path, none)) return path.string();
  }
  return "";
}

/// Returns the index's map from tensors to files.
nlohmann::json weight_map(const std::string& index) {
  const nlohmann::json content = io::read_json(index).value_or(nullptr);
  const bool right = content.is_object() && content.contains("weight_map") &&
                     content["weight_map"].is_object() && !content["weight_map"].empty();
  TORCH_CHECK(right, index,
              ": expected a JSON object with 'weight_map', got another file. Download it again.");
  for (const auto& [tensor, file] : content["weight_map"].items()) {
    const bool plain = file.is_string() && !file.get<std::string>().empty() &&
                       fs::path(file.get<std::string>()).filename() == file.get<std::string>();
    TORCH_CHECK(plain, index, ": expected a file name without folders for tensor '", tensor, "', got ",
                file.dump(), ". Download it again.");
  }
  return content["weight_map"];
}

std::string folder_of(const std::string& file) {
  const std::string folder = fs::path(file).parent_path().string();
  return folder.empty() ? "." : folder;
}

}  // namespace

bool is_clip_folder(const std::string& path) {
  std::error_code none;
  return fs::is_directory(path, none) && !weights_in(path).empty();
}

ClipFiles find_clip_files(const std::string& path) {
  std::error_code none;
  std::string file = path;
  if (fs::is_directory(path, none)) {
    file = weights_in(path);
    TORCH_CHECK(!file.empty(), path, ": expected a folder with CLIP weights (",
                join({kNames.begin(), kNames.end()}, ", "), "), got none of them. Name the file.");
  }
  ClipFiles files{{}, "", folder_of(file)};
  if (!is_index(file)) {
    files.weights = {file};
    return files;
  }
  files.index = file;
  std::set<std::string> shards;
  const nlohmann::json map = weight_map(file);
  for (const auto& [tensor, shard] : map.items()) shards.insert(shard.get<std::string>());
  for (const std::string& shard : shards) {
    files.weights.push_back((fs::path(files.folder) / shard).string());
    TORCH_CHECK(fs::is_regular_file(files.weights.back(), none), file, ": expected the shard ",
                files.weights.back(), ", got no such file. Download it too.");
  }
  return files;
}

std::string digest(const ClipFiles& files) {
  if (files.index.empty()) return io::sha256_file(files.weights.front());
  std::string digests;
  for (const std::string& shard : files.weights) digests += io::sha256_file(shard);
  return io::sha256(digests);
}

weights::Checkpoint read_clip_files(const ClipFiles& files) {
  if (files.index.empty()) return weights::load_checkpoint(files.weights.front());
  weights::Checkpoint all;
  for (const std::string& shard : files.weights) {
    for (auto& [name, tensor] : weights::load_named_tensors(shard)) {
      TORCH_CHECK(all.tensors.emplace(name, tensor).second, shard, ": expected new tensors, got '", name,
                  "', which another shard has too. Download the shards again.");
    }
  }
  const nlohmann::json map = weight_map(files.index);
  for (const auto& [name, shard] : map.items()) {
    TORCH_CHECK(all.tensors.count(name) > 0, files.index, ": expected tensor '", name, "' in ",
                shard.get<std::string>(), ", got none. Download the shards again.");
  }
  all.tensors = weights::without_wrappers(std::move(all.tensors));
  return all;
}

}  // namespace mkt::artifact
