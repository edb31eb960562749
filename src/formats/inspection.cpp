#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "artifact/clip_facts.h"
#include "artifact/clip_files.h"
#include "artifact/encoders.h"
#include "artifact/exported_model.h"
#include "artifact/file_kind.h"
#include "artifact/pooling_facts.h"
#include "clip/naming.h"
#include "core/text.h"
#include "data/label_file.h"
#include "data/nus_wide.h"
#include "formats/formats.h"
#include "io/bytes.h"
#include "io/json.h"
#include "io/numbered_lines.h"
#include "lists/image_names.h"
#include "lists/label_list.h"
#include "mkt/clip/text_encoder.h"
#include "mkt/clip/vision_encoder.h"
#include "mkt/codecs/decode.h"
#include "weights/dtype_name.h"
#include "weights/torch_file.h"
#include "weights/zip_archive.h"

namespace mkt::formats {
namespace {

using Json = nlohmann::ordered_json;

/// Adds the sizes that image and text encoders have in common.
Json with_sizes(Json own, const clip::EncoderOptions& options) {
  own.update(Json{{"width", options.width},
                  {"layers", options.layers},
                  {"heads", options.heads},
                  {"mlp", options.hidden},
                  {"embedding", options.embed_dim}});
  return own;
}

Json sizes_of(const clip::VisionOptions& options) {
  return with_sizes({{"patch", options.patch}, {"resolution", options.resolution()}}, options);
}

Json sizes_of(const clip::TextOptions& options) {
  return with_sizes({{"vocabulary", options.vocabulary}, {"context", options.context}}, options);
}

/// A value and where it comes from.
template <typename Value, typename Fact>
Json with_source(const Value& value, const clip::Stated<Fact>& fact, const std::string& assumed) {
  return {{"value", value}, {"source", fact.value ? fact.source : assumed}};
}

/// The computation of an encoder, with the source of each value.
Json computation_of(clip::Side side, const clip::EncoderOptions& options, const clip::EncoderFacts& facts) {
  return {{"activation", with_source(enum_name(options.activation), facts.activation, "assumed")},
          {"heads", with_source(options.heads, facts.heads, clip::assumed_heads(side, options.width))},
          {"layer_scale", {{"value", options.layer_scale}, {"source", "tensors"}}},
          {"layer_norm_epsilon", with_source(options.epsilon, facts.epsilon, "as in all CLIPs")}};
}

/// Adds names, sizes and computation of CLIP weights.
void add_clip(const std::string& path, const clip::Facts& given, Json& report) {
  const clip::Weights weights = artifact::open_clip(path, given);
  report["image_side"] = sizes_of(weights.architecture.vision);
  report["text_side"] = sizes_of(weights.architecture.text);
  report["image_computation"] =
      computation_of(clip::Side::kVision, weights.architecture.vision, weights.facts.vision);
  report["text_computation"] =
      computation_of(clip::Side::kText, weights.architecture.text, weights.facts.text);
  const auto& images = weights.facts.preprocessing;
  report["preprocessing"] =
      with_source(images.value ? artifact::to_json(*images.value) : Json("CLIP's"), images, "assumed");
}

/// File format of a file with tensors.
std::string container_of(const std::string& path) {
  const io::SharedBytes file = io::map_file(path);
  if (!weights::ZipArchive::recognises(file)) {
    return file.data[0] == 0x80 ? ".pth from before PyTorch 1.6" : "safetensors";
  }
  return weights::is_torch_script(path, file) ? "TorchScript archive, as OpenAI's (read only)" : ".pth";
}

/// Adds the file format, the number of tensors, their size in bytes, and the number of tensors per dtype.
void add_tensors(const weights::TensorMap& tensors, const std::string& path, Json& report) {
  Json dtypes = Json::object();
  std::int64_t bytes = 0;
  for (const auto& [name, tensor] : tensors) {
    const std::string dtype = weights::dtype_name(tensor.scalar_type());
    dtypes[dtype] = dtypes.value(dtype, 0) + 1;
    bytes += static_cast<std::int64_t>(tensor.nbytes());
  }
  report["container"] = container_of(path);
  report["tensors"] = tensors.size();
  report["tensor_bytes"] = bytes;
  report["dtypes"] = dtypes;
}

void add_facts(const artifact::ModelFacts& facts, Json& report) {
  report["labels"] = facts.labels.size();
  report["template"] = facts.prompt_template;
  report["score"] = enum_name(facts.score.kind);
  report["preprocessing"] = image::describe(facts.preprocessing);
  report.update(artifact::pooling_json(facts.local));
  if (facts.seen_penalty != 0) report["seen_penalty"] = facts.seen_penalty;
  if (facts.patches != clip::Patches::kLast) report["patches"] = enum_name(facts.patches);
  report["thresholds"] = facts.thresholds.empty() ? "none" : "one per label";
  report["calibration"] = facts.calibration ? "of scores" : "none";
}

/// Adds the sizes that the loader for this kind of file finds; throws if the tensors are inconsistent.
void add_sizes(artifact::FileKind kind, const weights::TensorMap& tensors, const std::string& path,
               const clip::Facts& given, Json& report) {
  if (kind == artifact::FileKind::kClip) {
    report["names"] = clip::naming_text(clip::naming_of(tensors));
    add_clip(path, given, report);
  } else if (kind == artifact::FileKind::kStage1) {
    report["image_side"] = sizes_of(clip::vision_options(tensors, path, given.vision, "", "projection_dist"));
  } else if (kind == artifact::FileKind::kStage2) {
    report["text_side"] = sizes_of(clip::text_options(tensors, path, given.text));
  } else if (kind == artifact::FileKind::kExportedModel) {
    const artifact::ExportedModel model = artifact::read_exported_model(path);
    report["image_side"] = sizes_of(model.weights.architecture.vision);
    report["image_computation"] =
        computation_of(clip::Side::kVision, model.weights.architecture.vision, model.weights.facts.vision);
    add_facts(model.facts, report);
  } else if (kind == artifact::FileKind::kLabelFeatures) {
    report["shape"] = tensors.begin()->second.sizes().vec();
  }
}

/// Counts the images in a list, which is a pickle, or text with one name per line.
std::size_t count_images(const std::string& path) {
  try {
    return data::load_image_names(path).size();
  } catch (const c10::Error&) {
    return io::read_lines(path, io::kFileNames).size();
  }
}

/// Adds the properties that are specific to the file's kind.
void add_content(artifact::FileKind kind, const std::string& path, const clip::Facts& given, Json& report) {
  if (kind == artifact::FileKind::kImage) {
    const torch::Tensor pixels = image::decode_file(path);  // (H, W, 3)
    report["pixels"] = {{"width", pixels.size(1)}, {"height", pixels.size(0)}};
  } else if (kind == artifact::FileKind::kLabelVectors) {
    const data::LabelFile opened(path);  // throws if the file is truncated
  } else if (kind == artifact::FileKind::kDataSet) {
    report["labels"] = data::load_nus_wide_labels(path).size();
  } else if (kind == artifact::FileKind::kLabelList) {
    const data::LabelList list = data::read_label_list(path);
    report["labels"] = list.labels.size();
    report["problems"] = data::label_list_problems(list);
  } else if (kind == artifact::FileKind::kImageList) {
    report["images"] = count_images(path);
  } else if (kind == artifact::FileKind::kLabelFeatures) {
    const weights::TensorMap tensors = {{"", weights::load_tensor(path)}};
    add_tensors(tensors, path, report);
    add_sizes(kind, tensors, path, given, report);
  } else {
    const artifact::ClipFiles files = artifact::find_clip_files(path);
    const weights::TensorMap tensors = artifact::read_clip_files(files).tensors;
    add_tensors(tensors, files.weights.front(), report);
    add_sizes(kind, tensors, path, given, report);
  }
}

constexpr std::size_t kColumn = 14;  // width of the name column in characters

std::string value_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_array() && value[0].is_string())
    return join(value.get<std::vector<std::string>>(), "\n" + std::string(kColumn, ' '));
  if (!value.is_object()) return value.dump();
  std::vector<std::string> parts;
  if (value.size() == 2 && value.contains("value") && value.contains("source"))
    return value_text(value["value"]) + " (" + value["source"].get<std::string>() + ")";
  for (const auto& [name, part] : value.items())
    parts.push_back(name + " " + (part.is_object() ? value_text(part) : part.dump()));
  return join(parts, ", ");
}

/// Formats the report as text, one property per line.
std::string as_lines(const Json& report) {
  std::string text;
  for (const auto& [name, value] : report.items()) {
    if (value.is_array() && value.empty()) continue;
    std::string title = name;
    std::replace(title.begin(), title.end(), '_', ' ');
    title.resize(std::max(kColumn, title.size() + 1), ' ');
    text += title + value_text(value) + "\n";
  }
  return text;
}

}  // namespace

std::string inspect(const std::string& file, bool as_json, const clip::Facts& facts,
                    const std::function<std::string(artifact::FileKind)>& advice) {
  const artifact::FileKind kind = artifact::file_kind(file);
  Json report = {{"file", file}, {"kind", enum_name(kind)}};
  std::error_code none;
  if (std::filesystem::is_regular_file(file, none)) report["bytes"] = std::filesystem::file_size(file, none);
  add_content(kind, file, facts, report);
  report["use"] = advice(kind);
  return as_json ? io::json_text(report) + "\n" : as_lines(report);
}

}  // namespace mkt::formats
