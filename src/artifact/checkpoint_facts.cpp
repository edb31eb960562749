#include "artifact/checkpoint_facts.h"

#include <fmt/core.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "artifact/clip_facts.h"
#include "artifact/pooling_facts.h"
#include "core/log.h"
#include "core/text.h"
#include "io/json.h"
#include "model/weight_mean.h"

namespace mkt::artifact {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

Json computation_json(const clip::EncoderOptions& options) {
  return {{"activation", enum_name(options.activation)},
          {"heads", options.heads},
          {"layer_norm_epsilon", options.epsilon}};
}

/// Reads the file beside a checkpoint; nullopt if it does not exist.
std::optional<Json> read_facts(const std::string& checkpoint) {
  const std::string path = checkpoint_facts_path(checkpoint);
  std::optional<Json> facts = io::read_json<Json>(path);
  TORCH_CHECK(!facts || (facts->is_object() && facts->contains("input_size") && facts->contains("vision")),
              path, ": expected what ", checkpoint,
              " was trained with, got other text. Move the file away, or write it again by training.");
  return facts;
}

void check_equal(const std::string& checkpoint, const std::string& name, const Json& trained,
                 const Json& given) {
  if (trained.is_object()) {
    for (const auto& [key, value] : trained.items()) {
      if (given.contains(key)) check_equal(checkpoint, name + " " + key, value, given[key]);
    }
    return;
  }
  std::string title = name;
  for (char& c : title) c = c == '_' ? ' ' : c;
  TORCH_CHECK(trained == given, checkpoint, ": expected ", title, " ", trained.dump(),
              ", with which it was trained, got ", given.dump(),
              ". Use the CLIP weights and options of its training.");
}

/// Whether a kind of score pools patches.
bool has_pooling(model::ScoreKind kind) {
  switch (kind) {
    case model::ScoreKind::kMkt:
    case model::ScoreKind::kLocal:
    case model::ScoreKind::kMeanCosine:
    case model::ScoreKind::kStandard:
      return true;
    default:
      return false;
  }
}

/// Whether both are equal once rounded to `dtype`, which holds one of them exactly.
bool equal_as(const torch::Tensor& a, const torch::Tensor& b, torch::Dtype dtype) {
  const torch::Tensor rounded_a = a.to(dtype);
  const torch::Tensor rounded_b = b.to(dtype);
  if (!torch::equal(rounded_a, rounded_b)) return false;
  const auto is_exact = [](const torch::Tensor& tensor, const torch::Tensor& rounded) {
    return torch::equal(rounded.to(torch::kFloat32), tensor.to(torch::kFloat32));
  };
  return is_exact(a, rounded_a) || is_exact(b, rounded_b);
}

/// Throws unless the tensors that the checkpoint's stage never trains are those of `clip`, up to the dtype of
/// either file.
void check_origin(const weights::TensorMap& tensors, const std::string& checkpoint,
                  const clip::Weights& clip) {
  for (const auto& [name, tensor] : tensors) {
    // Interpolated position embeddings depend on the dtype and processor that they were computed with.
    if (model::is_trained(name) || name == "visual.positional_embedding") continue;
    const auto own = clip.tensors.find(name);
    if (own == clip.tensors.end()) continue;
    TORCH_CHECK(
        same_origin(tensor, own->second), checkpoint, ": expected the tensor '", name, "' of ", clip.file,
        ", which training does not change, got other values. Use the CLIP weights that the checkpoint "
        "was trained from.");
  }
}

}  // namespace

Json used_architecture(const clip::Weights& clip) {
  Json used = {{"input_size", clip.architecture.vision.resolution()},
               {"vision", computation_json(clip.architecture.vision)}};
  if (clip.has_text()) used["text"] = computation_json(clip.architecture.text);
  return used;
}

bool has_openai_architecture(const clip::Weights& clip) {
  constexpr std::int64_t kHeadWidth = 64;
  const auto is_usual = [](const clip::EncoderOptions& options) {
    return options.activation == nn::Activation::kQuickGelu && options.epsilon == nn::kLayerNormEpsilon &&
           options.heads * kHeadWidth == options.width;
  };
  return is_usual(clip.architecture.vision) && is_usual(clip.architecture.text);
}

std::string checkpoint_facts_path(const std::string& checkpoint) {
  return checkpoint + ".json";
}

void write_checkpoint_facts(const std::string& checkpoint, const clip::Weights& clip,
                            const image::Preprocessing& preprocessing, const model::LocalPooling& pooling,
                            const Json& loss) {
  Json facts = {{"clip", fs::path(clip.file).filename().string()}};
  facts.update(used_architecture(clip));
  facts["preprocessing"] = to_json(preprocessing);
  facts["pooling"] = pooling_json(pooling);
  if (!loss.is_null()) facts["loss"] = loss;
  io::write_json(checkpoint_facts_path(checkpoint), facts);
}

void warn_of_other_scores(const std::string& checkpoint, model::ScoreKind kind,
                          const model::LocalPooling& pooling) {
  if (checkpoint.empty()) return;
  const Json facts = read_facts(checkpoint).value_or(Json::object());
  const auto trained = parse_pooling(facts.value("pooling", Json()));
  if (trained && *trained != pooling && has_pooling(kind)) {
    log::warning_once(
        fmt::format("{}: was trained with the {}, and is scored with the {}. Set local, "
                    "local-scale or topk as in training.",
                    checkpoint, model::describe(*trained), model::describe(pooling)));
  }
  const Json loss = facts.value("loss", Json());
  const bool of_cosines = loss.is_object() && loss.value("kind", "") == "asymmetric";
  if (of_cosines && kind != model::ScoreKind::kMeanCosine) {
    log::warning_once(
        fmt::format("{}: was trained with the asymmetric loss, which has the score mean-cosine, and "
                    "is scored by {}.",
                    checkpoint, enum_name(kind)));
  }
}

void derive_checkpoint_facts(const std::string& output, const std::string& source, const Json& origin) {
  const std::string path = checkpoint_facts_path(output);
  std::optional<Json> facts = read_facts(source);
  if (!facts) {
    std::error_code none;
    fs::remove(path, none);  // of an earlier checkpoint
    return;
  }
  for (const char* own : {"mix", "average"}) facts->erase(own);  // how `source` was computed
  facts->update(origin);
  io::write_json(path, *facts);
}

void check_same_facts(const std::string& checkpoint, const std::string& other) {
  const std::optional<Json> expected = read_facts(checkpoint);
  const std::optional<Json> facts = read_facts(other);
  for (const auto& [path, read] : {std::pair(checkpoint, &expected), std::pair(other, &facts)}) {
    if (*read) continue;
    log::warning_once(fmt::format(
        "{}: {} is absent, so it is unknown with which activation and preprocessing it was trained", path,
        checkpoint_facts_path(path)));
    return;
  }
  for (const char* name : {"input_size", "vision", "text", "preprocessing", "pooling"}) {
    // Checkpoints of earlier versions do not state the pooling.
    if (name == std::string("pooling") && !(expected->contains(name) && facts->contains(name))) continue;
    const nlohmann::json mine = expected->value(name, Json());  // its keys are sorted
    const nlohmann::json theirs = facts->value(name, Json());
    TORCH_CHECK(mine == theirs, other, ": expected ", name, " ", mine.dump(), ", with which ", checkpoint,
                " was trained, got ", theirs.dump(),
                ". Use checkpoints of one CLIP, preprocessing and pooling.");
  }
  if (nlohmann::json(expected->value("loss", Json())) != nlohmann::json(facts->value("loss", Json()))) {
    log::warning_once(
        fmt::format("{}: was trained with another loss than {}, whose loss is stated beside the result",
                    other, checkpoint));
  }
}

bool same_origin(const torch::Tensor& a, const torch::Tensor& b) {
  if (a.sizes() != b.sizes()) return false;
  for (const torch::Dtype dtype : {torch::kFloat32, torch::kFloat16, torch::kBFloat16}) {
    if (equal_as(a, b, dtype)) return true;
  }
  return false;
}

std::optional<image::Preprocessing> trained_preprocessing(const std::string& checkpoint) {
  const std::optional<Json> trained = read_facts(checkpoint);
  if (!trained || !trained->contains("preprocessing")) return {};
  const Json& stated = trained->at("preprocessing");
  const auto parsed = parse_preprocessing(nlohmann::json(stated));
  TORCH_CHECK(parsed, checkpoint_facts_path(checkpoint), ": expected a preprocessing, got ", stated.dump(),
              ". Move the file away, or write it again by training.");
  return parsed;
}

void check_trained_from(const clip::Weights& clip, const std::string& checkpoint,
                        const weights::TensorMap& tensors) {
  check_origin(tensors, checkpoint, clip);
  const std::optional<Json> trained = read_facts(checkpoint);
  if (!trained) {
    log::warning_on_rank_0(fmt::format(
        "{}: {} is absent, so it is unknown with which activation and preprocessing it was trained",
        checkpoint, checkpoint_facts_path(checkpoint)));
    return;
  }
  const Json given = used_architecture(clip);
  for (const auto& [name, value] : given.items()) {
    if (trained->contains(name)) check_equal(checkpoint, name, trained->at(name), value);
  }
}

}  // namespace mkt::artifact
