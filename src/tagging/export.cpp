#include "tagging/export.h"

#include <fmt/core.h>

#include <filesystem>
#include <utility>

#include "artifact/encoders.h"
#include "artifact/exported_model.h"
#include "core/text.h"
#include "core/utf8.h"
#include "labels/encoder_digests.h"
#include "mkt/model/prompts.h"
#include "tagging/tagger.h"

namespace mkt::tagging {
namespace {

namespace fs = std::filesystem;

/// Throws ValueError unless the labels are UTF-8, which the file's JSON metadata requires.
void check_encoding(const std::vector<std::string>& labels) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    TORCH_CHECK_VALUE(is_utf8(labels[i]), "label number ", i + 1,
                      ": expected UTF-8, got other bytes. Convert the text.");
  }
}

/// Selects the image encoder's tensors, checks that they are finite, and converts them to the dtype of the
/// exported file.
clip::Weights converted(const clip::Weights& weights, const ExportOptions& options) {
  clip::TensorMap result;
  for (const auto& [name, tensor] : weights.tensors) {
    if (!starts_with(name, "visual.")) continue;
    clip::check_finite(tensor, name, weights.file);
    result[name] = weights::cast_whole(tensor, options.weights, weights.file, name);
  }
  return {std::move(result), weights.file, weights.facts};
}

/// Collects the metadata.
artifact::ModelFacts facts_of(const TaggerOptions& options, std::vector<std::string> labels,
                              const clip::Weights& clip, const clip::Weights& image_side) {
  const ScoreChoice choice =
      choose_scores(options, labels, clip, image_side, choose_preprocessing(options, clip));
  const artifact::ThresholdScores& scores = choice.scores;
  artifact::ModelFacts facts;
  facts.prompt_template = options.text.prompt_template;
  facts.local = scores.local;
  facts.score = choice.rule;
  facts.seen_penalty = options.seen_penalty;
  facts.seen_labels = choice.seen_labels;
  facts.patches = options.patches;
  facts.image_size = scores.image_size;
  facts.preprocessing = scores.preprocessing;
  facts.phrases_sha256 = scores.phrases_sha256;
  facts.image_sha256 = scores.image_sha256;
  facts.text_sha256 = scores.text_sha256;
  if (!options.thresholds.empty()) {
    const artifact::Thresholds fitted = artifact::load_thresholds(options.thresholds, labels, scores);
    const auto* values = fitted.values.data_ptr<double>();
    facts.thresholds.assign(values, values + fitted.values.numel());
    facts.calibration = fitted.calibration;
  }
  facts.labels = std::move(labels);
  return facts;
}

/// Checks what needs no weights, and returns the labels.
std::vector<std::string> checked_labels(const TaggerOptions& options) {
  check_tagger_files(options);
  std::vector<std::string> labels = choose_labels(options);
  artifact::choose_score(options.score, options.local, !options.img_ckpt.empty(),
                         labels.size());                              // throws ValueError
  const model::PromptTemplate checked(options.text.prompt_template);  // throws ValueError
  check_encoding(labels);
  return labels;
}

}  // namespace

std::string export_model(const ExportOptions& options) {
  const torch::NoGradGuard no_grad;
  const TaggerOptions& tagger = options.tagger;
  const std::vector<std::string> labels = checked_labels(tagger);
  const session::Runtime runtime = session::make_runtime(tagger.compute);
  const clip::Weights clip =
      artifact::load_clip(tagger.text.clip_path, tagger.input_size, tagger.text.clip_facts);
  const clip::Weights image_side = artifact::load_image_weights(clip, tagger.img_ckpt, tagger.patches);
  const clip::VisionOptions& sizes = image_side.architecture.vision;
  artifact::check_pooling(artifact::complete_pooling(tagger.local, clip), sizes);
  const artifact::ModelFacts facts = facts_of(tagger, labels, clip, image_side);
  artifact::write_exported_model(options.output,
                                 {facts, choose_label_features(tagger, facts.labels, clip, runtime).cpu(),
                                  converted(image_side, options)});
  const artifact::ExportedModel written = artifact::read_exported_model(options.output);
  std::error_code none;
  return fmt::format("wrote {}: {} labels, image encoder in {} for {} pixels, score {}, {}, {} bytes",
                     options.output, written.facts.labels.size(), enum_name(options.weights),
                     sizes.resolution(), enum_name(facts.score.kind),
                     facts.thresholds.empty() ? "no thresholds" : "thresholds",
                     fs::file_size(options.output, none));
}

}  // namespace mkt::tagging
