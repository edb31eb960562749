#include "artifact/encoders.h"

#include <fmt/core.h>

#include <cmath>
#include <utility>

#include "artifact/checkpoint_facts.h"
#include "artifact/clip_files.h"
#include "artifact/file_kind.h"
#include "core/log.h"
#include "io/file_checks.h"
#include "mkt/model/student.h"

namespace mkt::artifact {
namespace {

using text::kClipVocabulary;

/// Largest number of rows that are taken for appended ones. Other tokenizers' tables have thousands more.
constexpr std::int64_t kMostAppended = 8192;

/// Throws if a source states another size than the tensors of `path` have.
void check_sizes(const clip::TensorMap& tensors, const std::string& path,
                 const std::vector<StatedFacts>& stated) {
  clip::EncoderFacts any_heads;
  any_heads.heads = {1, ""};
  const auto actual = sizes_of(
      {clip::vision_options(tensors, path, any_heads), clip::text_options(tensors, path, any_heads), {}});
  for (const StatedFacts& facts : stated) {
    for (const auto& [name, size] : facts.sizes) {
      const auto found = actual.find(name);
      TORCH_CHECK(found == actual.end() || found->second == size, facts.source, ": expected ", name, " ",
                  found->second, ", as ", path, " has, got ", size,
                  ". Move the file away, or put the weights' own beside them.");
    }
  }
}

/// Whether the number of rows is CLIP's, or CLIP's with appended ones.
bool is_clip_vocabulary(std::int64_t rows) {
  return rows >= kClipVocabulary && rows <= kClipVocabulary + kMostAppended;
}

/// Warns if the number of heads is only assumed.
void warn_of_heads(clip::Side side, const clip::EncoderFacts& facts, const clip::EncoderOptions& options,
                   const std::string& file) {
  if (facts.heads.value || clip::is_published_width(side, options.width)) return;
  const char* option = side == clip::Side::kVision ? "vision-heads" : "text-heads";
  log::warning_on_rank_0(
      fmt::format("{}: {} does not state the attention heads of width {}; {} are assumed. Give their number.",
                  option, file, options.width, options.heads));
}

void warn(const clip::Weights& weights) {
  const bool assumed =
      !weights.facts.vision.activation.value || (weights.has_text() && !weights.facts.text.activation.value);
  if (assumed) {
    log::warning_on_rank_0(fmt::format(
        "activation: {} does not state it; QuickGELU is assumed, as in OpenAI's models. Most of open_clip's "
        "use gelu: give quick-gelu or gelu.",
        weights.file));
  }
  warn_of_heads(clip::Side::kVision, weights.facts.vision, weights.architecture.vision, weights.file);
  if (weights.has_text())
    warn_of_heads(clip::Side::kText, weights.facts.text, weights.architecture.text, weights.file);
  const std::int64_t rows = weights.architecture.text.vocabulary;
  if (rows > kClipVocabulary && is_clip_vocabulary(rows)) {
    log::warning_on_rank_0(fmt::format(
        "{}: the last {} rows of token_embedding.weight were appended to CLIP's {} and are not used",
        weights.file, rows - kClipVocabulary, kClipVocabulary));
  }
}

/// Returns the factor by which CLIP multiplies cosines. `use` and `advice` are for the error.
double logit_scale(const clip::Weights& clip, const char* use, const char* advice) {
  const auto found = clip.tensors.find("logit_scale");
  TORCH_CHECK(found != clip.tensors.end() && found->second.numel() == 1, clip.file,
              ": expected the tensor logit_scale, by which ", use, ", got none. ", advice,
              ", or weights with that tensor.");
  return std::exp(found->second.item<double>());
}

}  // namespace

clip::Weights open_clip(const std::string& path, const clip::Facts& given) {
  const ClipFiles files = find_clip_files(path);
  weights::Checkpoint checkpoint = read_clip_files(files);
  const std::vector<StatedFacts> stated = stated_facts(given, files, checkpoint);
  for (const StatedFacts& source : stated) {
    for (const std::string& warning : source.warnings) log::warning_on_rank_0(warning);
  }
  clip::Facts facts;
  for (const StatedFacts& source : stated) facts.fill(source.facts);
  clip::TensorMap tensors = clip::to_openai_names(std::move(checkpoint.tensors), path);
  check_sizes(tensors, path, stated);
  clip::Weights weights(std::move(tensors), path, facts);
  warn(weights);
  return weights;
}

clip::Weights load_clip(const std::string& path, std::int64_t input_size, const clip::Facts& given) {
  require_kind("clip-path", path, FileKind::kClip);
  clip::Weights weights = open_clip(path, given);
  const std::int64_t own = weights.architecture.vision.resolution();
  if (input_size != 0 && input_size != own) {
    clip::set_resolution(weights, input_size);
    log::info("{}: position embeddings interpolated from {} to {} pixels per side", path, own, input_size);
  }
  return weights;
}

clip::Weights load_image_weights(const clip::Weights& clip, const std::string& checkpoint,
                                 clip::Patches patches) {
  if (checkpoint.empty()) {
    clip::Weights plain = clip;
    plain.architecture.vision.patches = patches;
    return plain;
  }
  TORCH_CHECK_VALUE(
      patches == clip::Patches::kLast,
      "patches: expected last with a stage-1 checkpoint, whose patches were trained so, got self. "
      "Drop one.");
  clip::Weights tuned = model::vision_weights(weights::load_tensors(checkpoint), checkpoint, clip.facts);
  const clip::VisionOptions& sizes = tuned.architecture.vision;
  const clip::VisionOptions& expected = clip.architecture.vision;
  TORCH_CHECK(sizes.resolution() == expected.resolution() && sizes.embed_dim == expected.embed_dim,
              checkpoint, ": expected an encoder for images of ", expected.resolution(),
              " pixels per side and features of width ", expected.embed_dim, ", as ", clip.file, " has, got ",
              sizes.resolution(), " and ", sizes.embed_dim,
              ". Use the CLIP weights and the input size that the checkpoint was trained with.");
  check_trained_from(clip, checkpoint, tuned.tensors);
  return tuned;
}

clip::FrozenVisionEncoder load_image_encoder(const clip::Weights& clip, const std::string& checkpoint,
                                             const session::Runtime& runtime, clip::Patches patches) {
  return clip::make_frozen_vision_encoder(load_image_weights(clip, checkpoint, patches),
                                          runtime.frozen_dtype(), runtime.device);
}

clip::Weights load_text_weights(const clip::Weights& clip, const std::string& checkpoint) {
  clip::Weights tuned(weights::load_tensors(checkpoint), checkpoint, clip.facts);
  const torch::Tensor& clip_table = token_table(clip);
  const torch::Tensor& tuned_table = token_table(tuned);
  TORCH_CHECK(tuned_table.sizes() == clip_table.sizes(), checkpoint, ": expected a token embedding ",
              clip_table.sizes(), ", as ", clip.file, " has, got ", tuned_table.sizes(),
              ". Use the CLIP weights that the checkpoint was trained from.");
  check_trained_from(clip, checkpoint, tuned.tensors);
  return tuned;
}

const torch::Tensor& token_table(const clip::Weights& clip) {
  const auto found = clip.tensors.find("token_embedding.weight");
  TORCH_CHECK(found != clip.tensors.end(), clip.file,
              ": expected token_embedding.weight, got a file without it. Use CLIP weights.");
  return found->second;
}

text::Tokenizer make_tokenizer(const clip::Weights& clip, const std::string& merges) {
  io::require_file("bpe-path", merges);
  const std::int64_t rows = token_table(clip).size(0);
  TORCH_CHECK(is_clip_vocabulary(rows), clip.file, ": expected a token embedding of CLIP's tokenizer, ",
              kClipVocabulary, " rows and perhaps some appended ones, got ", rows,
              ". The weights need another tokenizer: use others.");
  return text::Tokenizer(merges.empty() ? text::default_merges_path() : merges, kClipVocabulary);
}

void check_pooling(const model::LocalPooling& pooling, const clip::VisionOptions& vision) {
  model::check_pooling(pooling, vision.grid * vision.grid);
}

model::LocalPooling complete_pooling(model::LocalPooling pooling, const clip::Weights& clip) {
  if (pooling.kind != model::Pooling::kTransport || pooling.scale != 0) return pooling;
  pooling.scale = logit_scale(clip, "the pooling transport multiplies cosines", "Give local-scale");
  return pooling;
}

model::ScoreKind choose_score(std::optional<model::ScoreKind> requested, const model::LocalPooling& pooling,
                              bool tuned, std::size_t labels) {
  const bool several = labels > 1;
  const model::ScoreKind own = tuned && several ? model::ScoreKind::kMkt : model::ScoreKind::kCosine;
  const model::ScoreKind kind = requested.value_or(own);
  TORCH_CHECK_VALUE(
      several || !model::is_relative(kind, pooling), "score: expected cosine for a single label, got ",
      enum_name(kind),
      ", which compares labels and is the same for every image if there is one. Use cosine, or give "
      "more labels.");
  return kind;
}

model::ScoreRule score_rule(model::ScoreKind kind, const clip::Weights& clip) {
  if (kind != model::ScoreKind::kProbability) return kind;
  return {kind, logit_scale(clip, "the score probability multiplies cosines", "Use another score")};
}

}  // namespace mkt::artifact
