#include "tagging/export.h"

#include <filesystem>
#include <utility>

#include "artifact/cast.h"
#include "artifact/encoders.h"
#include "artifact/exported_model.h"
#include "core/text.h"
#include "core/utf8.h"
#include "io/file_checks.h"
#include "tagging/tagger.h"

namespace mkt::tagging {
namespace {

namespace fs = std::filesystem;

void check_output(const ExportOptions& options) {
  io::require_writable("output", options.output);
  std::error_code none;
  TORCH_CHECK_VALUE(options.overwrite || !fs::is_regular_file(options.output, none),
                    "--output: expected a new file, got ", options.output,
                    ", which is there. Name another, or give --overwrite.");
}

torch::Dtype weights_dtype(const std::string& name) {
  TORCH_CHECK_VALUE(name == "float32" || name == "float16" || name == "bfloat16",
                    "--precision: expected float32, float16 or bfloat16, got '", name, "'.");
  if (name == "float32") return torch::kFloat32;
  return name == "float16" ? torch::kFloat16 : torch::kBFloat16;
}

/// Metadata are JSON, which has no other texts.
void require_utf8(const std::string& what, const std::string& text) {
  TORCH_CHECK_VALUE(is_utf8(text), what, ": expected UTF-8, got other bytes. Convert the text.");
}

/// The image encoder's tensors in `dtype`.
clip::TensorMap converted(const clip::TensorMap& weights, torch::Dtype dtype, const ExportOptions& options) {
  const std::string& file = options.img_ckpt.empty() ? options.clip.clip_path : options.img_ckpt;
  clip::TensorMap result;
  for (const auto& [name, tensor] : weights) {
    if (starts_with(name, "visual."))
      result[name] =
          artifact::cast_whole(tensor, dtype, options.weights, file, name, "Use --precision bfloat16.");
  }
  return result;
}

artifact::ModelFacts facts_of(const ExportOptions& options, std::vector<std::string> labels) {
  require_utf8("--template", options.clip.prompt_template);
  for (std::size_t i = 0; i < labels.size(); ++i) require_utf8(cat("labels: number ", i + 1), labels[i]);
  artifact::ModelFacts facts;
  if (!options.thresholds.empty()) {
    const torch::Tensor thresholds =
        artifact::load_thresholds(options.thresholds, labels, threshold_scores(options));
    const auto* values = thresholds.data_ptr<double>();
    facts.thresholds.assign(values, values + thresholds.numel());
  }
  facts.labels = std::move(labels);
  facts.prompt_template = options.clip.prompt_template;
  facts.topk = options.clip.topk;
  facts.score = artifact::choose_score(options.score, !options.img_ckpt.empty());
  return facts;
}

}  // namespace

std::string export_model(const ExportOptions& options) {
  const torch::NoGradGuard no_grad;
  const torch::Dtype dtype = weights_dtype(options.weights);
  check_output(options);
  check_tagger_files(options);
  artifact::ModelFacts facts = facts_of(options, choose_labels(options));
  const session::Runtime runtime = session::make_runtime(options.compute);
  const clip::TensorMap clip = artifact::load_clip(options.clip);
  const clip::TensorMap image_side = artifact::load_image_weights(clip, options.clip, options.img_ckpt);
  const clip::VisionOptions sizes = clip::vision_options(image_side, options.clip.clip_path);
  artifact::check_topk(facts.topk, sizes);
  facts.image_size = sizes.resolution();
  artifact::ExportedModel model{facts, choose_label_features(options, facts.labels, clip, runtime).cpu(),
                                converted(image_side, dtype, options)};
  { artifact::write_exported_model(options.output, model); }
  const artifact::ExportedModel written = artifact::read_exported_model(options.output);
  std::error_code none;
  return cat("wrote ", options.output, ": ", written.facts.labels.size(), " labels, image encoder in ",
             options.weights, " for ", sizes.resolution(), " pixels, score ", model::name_of(facts.score),
             ", ", facts.thresholds.empty() ? "no thresholds" : "thresholds", ", ",
             fs::file_size(options.output, none), " bytes");
}

}  // namespace mkt::tagging
