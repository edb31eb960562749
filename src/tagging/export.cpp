#include "tagging/export.h"

#include <fmt/core.h>

#include <filesystem>
#include <utility>

#include "artifact/encoders.h"
#include "artifact/exported_model.h"
#include "core/text.h"
#include "core/utf8.h"
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

/// Converts the image encoder's tensors to the dtype of the exported file.
clip::TensorMap converted(const clip::TensorMap& weights, const ExportOptions& options) {
  const TaggerOptions& tagger = options.tagger;
  const std::string& file = tagger.img_ckpt.empty() ? tagger.text.clip_path : tagger.img_ckpt;
  clip::TensorMap result;
  for (const auto& [name, tensor] : weights) {
    if (!starts_with(name, "visual.")) continue;
    result[name] = artifact::cast_whole(tensor, options.weights, file, name);
  }
  return result;
}

/// Collects the metadata, except the image size.
artifact::ModelFacts facts_of(const TaggerOptions& options, std::vector<std::string> labels) {
  const model::PromptTemplate checked(options.text.prompt_template);  // throws ValueError
  check_encoding(labels);
  artifact::ModelFacts facts;
  if (!options.thresholds.empty()) {
    const torch::Tensor thresholds =
        artifact::load_thresholds(options.thresholds, labels, threshold_scores(options));
    const auto* values = thresholds.data_ptr<double>();
    facts.thresholds.assign(values, values + thresholds.numel());
  }
  facts.labels = std::move(labels);
  facts.prompt_template = options.text.prompt_template;
  facts.topk = options.topk;
  facts.score = options.score;
  return facts;
}

}  // namespace

std::string export_model(const ExportOptions& options) {
  const torch::NoGradGuard no_grad;
  const TaggerOptions& tagger = options.tagger;
  const std::string& clip_path = tagger.text.clip_path;
  check_tagger_files(tagger);
  artifact::ModelFacts facts = facts_of(tagger, choose_labels(tagger));
  const session::Runtime runtime = session::make_runtime(tagger.compute);
  const clip::TensorMap clip = artifact::load_clip(clip_path, tagger.input_size);
  const clip::TensorMap image_side = artifact::load_image_weights(clip, clip_path, tagger.img_ckpt);
  const clip::VisionOptions sizes = clip::vision_options(image_side, clip_path);
  artifact::check_topk(facts.topk, sizes);
  facts.image_size = sizes.resolution();
  artifact::write_exported_model(options.output,
                                 {facts, choose_label_features(tagger, facts.labels, clip, runtime).cpu(),
                                  converted(image_side, options)});
  const artifact::ExportedModel written = artifact::read_exported_model(options.output);
  std::error_code none;
  return fmt::format(
      "wrote {}: {} labels, image encoder in {} for {} pixels, score {}, {}, {} bytes", options.output,
      written.facts.labels.size(), enum_name(options.weights), sizes.resolution(), enum_name(facts.score),
      facts.thresholds.empty() ? "no thresholds" : "thresholds", fs::file_size(options.output, none));
}

}  // namespace mkt::tagging
