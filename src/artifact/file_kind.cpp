#include "artifact/file_kind.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>

#include "core/text.h"
#include "data/image_names.h"
#include "data/nus_wide_layout.h"
#include "io/file_checks.h"
#include "mkt/codecs/decode.h"

namespace mkt::artifact {
namespace {

static_assert(Names<FileKind>::kTable.size() == static_cast<std::size_t>(FileKind::kOther) + 1);

/// Determines the kind of a text file from its first lines; nullopt if it is not text or is not a known kind
/// of text.
std::optional<FileKind> text_kind(const std::string& path) {
  constexpr std::size_t kBytes = 4096;
  std::string start(kBytes, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(start.data(), static_cast<std::streamsize>(start.size()));
  start.resize(static_cast<std::size_t>(file.gcount()));
  const bool text = std::all_of(start.begin(), start.end(),
                                [](unsigned char c) { return c >= 0x20 || std::isspace(c) != 0; });
  if (trim(start).empty() || !text) return std::nullopt;
  std::istringstream lines(start.substr(0, start.size() < kBytes ? start.size() : start.rfind('\n')));
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
  if (std::filesystem::is_directory(path, none)) {
    TORCH_CHECK(data::has_label_lists(path), path,
                ": expected a file or a NUS-WIDE folder, got a folder without ", data::kNusWide.seen_labels,
                " and ", data::kNusWide.unseen_labels, ". Name a file in it.");
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
  if (weights::holds_prefix(tensors, "optimizer.") || weights::holds_prefix(tensors, "model.")) {
    return FileKind::kRunState;
  }
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
  return tensors.size() == 1 ? FileKind::kLabelFeatures : FileKind::kOther;
}

FileKind file_kind(const std::string& path) {
  if (const auto kind = quick_kind(path)) return *kind;
  try {
    return file_kind(weights::load_tensors(path));
  } catch (const c10::Error&) {
    if (is_bare_tensor(path)) return FileKind::kLabelFeatures;
    if (is_image_pickle(path)) return FileKind::kImageList;
    throw;
  }
}

void require_kind(const std::string& name, const std::string& path, FileKind expected) {
  if (path.empty()) return;
  io::require_file(name, path);
  const FileKind kind = file_kind(path);
  if (kind == expected) return;
  throw WrongFileKind(
      kind, fmt::format("{}: expected {}, got {} in {}.", name, enum_name(expected), enum_name(kind), path));
}

}  // namespace mkt::artifact
