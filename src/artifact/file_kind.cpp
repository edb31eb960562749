#include "artifact/file_kind.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <optional>
#include <regex>
#include <sstream>
#include <string_view>

#include "artifact/clip_files.h"
#include "core/text.h"
#include "data/nus_wide_layout.h"
#include "io/file_checks.h"
#include "io/text_stream.h"
#include "lists/image_names.h"
#include "mkt/codecs/decode.h"

namespace mkt::artifact {
namespace {

/// Start of the metadata "kind" of a training run's state (train/run_state.h).
constexpr std::string_view kRunStateMark = "mkt run state";

static_assert(Names<FileKind>::kTable.size() == static_cast<std::size_t>(FileKind::kOther) + 1);

/// Decodes the start of a file; returns "" if it is not text. Lets pass what the file's reader refuses with
/// its line.
std::string text_of(const std::string& start, const std::string& path, bool whole) {
  try {
    return io::TextDecoder(path, {/*any_bytes=*/true, /*lone_cr=*/true}).decode(start, whole);
  } catch (const c10::Error&) {
    return "";
  }
}

/// Determines the kind of a text file from its first lines; nullopt if it is not text or is not a known kind
/// of text.
std::optional<FileKind> text_kind(const std::string& path) {
  constexpr std::size_t kBytes = 4096;
  std::string start(kBytes, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(file.gcount()));
  const bool whole = start.size() < kBytes;
  start = text_of(start, path, whole);
  const bool text = std::all_of(start.begin(), start.end(),
                                [](unsigned char c) { return c >= 0x20 || std::isspace(c) != 0; });
  if (trim(start).empty() || !text) return std::nullopt;
  std::istringstream lines(start.substr(0, whole ? start.size() : start.rfind('\n')));
  bool images = true;
  for (std::string line; std::getline(lines, line);) {
    images = images && (trim(line).empty() || data::is_image_name(trim(line)));
  }
  if (images) return FileKind::kImageList;
  if (std::filesystem::path(path).extension() == ".txt") return FileKind::kLabelList;
  return std::nullopt;
}

/// Determines the kind from the file system or the first bytes, without reading tensors; nullopt if they are
/// not enough.
std::optional<FileKind> quick_kind(const std::string& path) {
  std::error_code none;
  if (is_clip_folder(path)) return FileKind::kClip;
  if (std::filesystem::is_directory(path, none)) {
    TORCH_CHECK(data::has_label_lists(path), path,
                ": expected a file, a folder with CLIP weights, or a NUS-WIDE folder, got a folder without ",
                data::kNusWide.seen_labels, " and ", data::kNusWide.unseen_labels, ". Name a file in it.");
    return FileKind::kDataSet;
  }
  TORCH_CHECK(!std::filesystem::is_other(path, none), path,
              ": expected a file, got a pipe or a device. Name a file.");
  if (!std::filesystem::is_regular_file(path, none)) return std::nullopt;
  std::array<char, 64> bytes{};
  std::ifstream file(path, std::ios::binary);
  file.read(bytes.data(), bytes.size());
  const std::string_view start(bytes.data(), static_cast<std::size_t>(file.gcount()));
  if (starts_with(start, "\x89HDF\r\n\x1A\n")) return FileKind::kLabelVectors;
  if (image::is_image(start)) return FileKind::kImage;
  return text_kind(path);
}

/// Whether the file's name is a shard's: "model-00001-of-00003.safetensors".
bool is_shard(const std::string& path) {
  static const std::regex kShard(".*-\\d{5}-of-\\d{5}\\.(safetensors|bin|pt|pth)");
  return std::regex_match(std::filesystem::path(path).filename().string(), kShard);
}

/// Whether the file is a pickled list of image names.
bool is_image_pickle(const std::string& path) {
  try {
    return !data::load_image_names(path).empty();
  } catch (const c10::Error&) {
    return false;
  }
}

/// Whether the file contains a single tensor without a name.
bool is_bare_tensor(const std::string& path) {
  try {
    weights::load_tensor(path);
    return true;
  } catch (const c10::Error&) {
    return false;
  }
}

}  // namespace

FileKind file_kind(const weights::TensorMap& tensors) {
  const auto holds = [&](const char* name) { return tensors.count(name) > 0; };
  if (weights::holds_prefix(tensors, "optimizer.") && weights::holds_prefix(tensors, "model."))
    return FileKind::kRunState;
  if (holds("label_features") && weights::holds_prefix(tensors, "visual.")) return FileKind::kExportedModel;
  if (weights::holds_prefix(tensors, "visual.layer1.") ||
      weights::holds_prefix(tensors, "visual.attnpool.")) {
    return FileKind::kResNetClip;
  }
  if (weights::holds_prefix(tensors, "visual.") || weights::holds_prefix(tensors, "vision_model.")) {
    return FileKind::kClip;
  }
  if (holds("projection_dist") || (holds("class_embedding") && holds("conv1.weight"))) {
    return FileKind::kStage1;
  }
  if (holds("token_embedding.weight")) return FileKind::kStage2;
  const bool is_table = tensors.size() == 1 && tensors.begin()->second.dim() == 2;
  return is_table ? FileKind::kLabelFeatures : FileKind::kOther;
}

FileKind file_kind(const std::string& path) {
  if (const auto kind = quick_kind(path)) return *kind;
  try {
    if (is_shard(path)) return FileKind::kShard;
    const weights::Checkpoint checkpoint = read_clip_files(find_clip_files(path));
    const auto mark = checkpoint.metadata.find("kind");
    const bool is_state = mark != checkpoint.metadata.end() && starts_with(mark->second, kRunStateMark);
    return is_state ? FileKind::kRunState : file_kind(checkpoint.tensors);
  } catch (const c10::Error&) {
    if (is_bare_tensor(path)) return FileKind::kLabelFeatures;
    if (is_image_pickle(path)) return FileKind::kImageList;
    throw;
  }
}

void require_kind(const std::string& name, const std::string& path, FileKind expected) {
  if (path.empty()) return;
  std::error_code none;
  if (!std::filesystem::is_directory(path, none)) io::require_file(name, path);
  const FileKind kind = file_kind(path);
  if (kind == expected) return;
  throw WrongFileKind(
      kind, fmt::format("{}: expected {}, got {} in {}.", name, enum_name(expected), enum_name(kind), path));
}

}  // namespace mkt::artifact
