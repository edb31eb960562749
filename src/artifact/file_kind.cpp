#include "artifact/file_kind.h"

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

namespace mkt::artifact {
namespace {

/// Name of a kind and advice, for messages.
struct Description {
  FileKind kind;
  const char* name;    // with its article
  const char* advice;  // for a user who passed this kind of file to another option
};

/// Descriptions, in the order of FileKind.
constexpr std::array<Description, 13> kDescriptions{{
    {FileKind::kClip, "CLIP weights", "The option clip-path takes it."},
    {FileKind::kExportedModel, "an exported model", "The option model of infer takes it."},
    {FileKind::kResNetClip, "a ResNet CLIP",
     "Only vision transformers are supported: ViT-B/16, ViT-B/32, ViT-L/14."},
    {FileKind::kStage1, "a stage-1 checkpoint", "The option ckpt-path takes it (infer: img-ckpt)."},
    {FileKind::kStage2, "a stage-2 checkpoint", "The option eval-ckpt takes it (infer: txt-ckpt)."},
    {FileKind::kRunState, "the state of a training run",
     "Only the option resume takes it; the run's checkpoints are the files model_*.pth beside its state "
     "folder."},
    {FileKind::kLabelFeatures, "label features",
     "They are read from label_emb.pt in the data set; no option takes them."},
    {FileKind::kImage, "an image", "The option image-path of infer takes it."},
    {FileKind::kLabelVectors, "an HDF5 file of labels",
     "It is read from features/ in the data set; no option takes it."},
    {FileKind::kImageList, "a list of images", "It is read from the data set; no option takes it."},
    {FileKind::kLabelList, "a list of labels", "The option labels of infer takes it."},
    {FileKind::kDataSet, "a NUS-WIDE folder", "The option data-path takes it."},
    {FileKind::kOther, "tensors of another kind", "Name another file."},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kDescriptions.size(); ++i) {
    if (kDescriptions[i].kind != static_cast<FileKind>(i)) return false;
  }
  return kDescriptions.back().kind == FileKind::kOther;
}
static_assert(in_order());

const Description& description(FileKind kind) {
  return kDescriptions.at(static_cast<std::size_t>(kind));
}

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
  constexpr std::array<std::pair<std::string_view, FileKind>, 3> kStarts{{
      {"\xFF\xD8\xFF", FileKind::kImage},
      {"\x89PNG\r\n\x1A\n", FileKind::kImage},
      {"\x89HDF\r\n\x1A\n", FileKind::kLabelVectors},
  }};
  std::array<char, 8> start{};
  std::ifstream(path, std::ios::binary).read(start.data(), start.size());
  for (const auto& [bytes, kind] : kStarts) {
    if (starts_with({start.data(), start.size()}, bytes)) return kind;
  }
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

std::string kind_name(FileKind kind) {
  return description(kind).name;
}

std::string kind_advice(FileKind kind) {
  return description(kind).advice;
}

void require_kind(const std::string& name, const std::string& path, FileKind expected) {
  if (path.empty()) return;
  io::require_file(name, path);
  const FileKind kind = file_kind(path);
  TORCH_CHECK(kind == expected, name, ": expected ", kind_name(expected), ", got ", kind_name(kind), " in ",
              path, ". ", kind_advice(kind));
}

}  // namespace mkt::artifact
