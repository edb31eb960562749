#include "tagging/tagger.h"

#include <utility>

#include "artifact/encoders.h"
#include "artifact/file_kind.h"
#include "artifact/threshold_file.h"
#include "core/log.h"
#include "core/text.h"
#include "data/label_list.h"
#include "io/file_checks.h"
#include "labels/labels.h"
#include "mkt/data/dataset.h"

namespace mkt::tagging {

void check_tagger_files(const TaggerOptions& options) {
  artifact::require_checkpoint("clip-path", options.clip.clip_path, artifact::CheckpointKind::kClip);
  artifact::require_checkpoint("img-ckpt", options.img_ckpt, artifact::CheckpointKind::kStage1);
  artifact::require_checkpoint("txt-ckpt", options.txt_ckpt, artifact::CheckpointKind::kStage2);
  io::require_file("bpe-path", options.clip.bpe_path);
  io::require_file("phrases", options.clip.phrases);
  io::require_file("labels", options.labels);
  io::require_file("thresholds", options.thresholds);
}

std::vector<std::string> choose_labels(const TaggerOptions& options) {
  std::vector<std::string> labels = options.label;
  if (!options.labels.empty()) {
    const data::LabelList list = data::read_label_list(options.labels);
    TORCH_CHECK(!list.labels.empty(), "--labels: ", options.labels, " holds no label. Write one a line.");
    for (const std::string& problem : data::label_list_problems(list)) log::warning(problem);
    labels.insert(labels.end(), list.labels.begin(), list.labels.end());
  }
  if (labels.empty()) {
    TORCH_CHECK_VALUE(!options.data.data_path.empty(),
                      "labels: none given. Use --label, --labels, or --data-path for a data set's own.");
    return data::load_dataset_labels(options.data.data_path);
  }
  for (const std::string& label : labels) {
    TORCH_CHECK_VALUE(!trim(label).empty(), "--label: expected a text, got an empty one.");
  }
  if (!options.data.data_path.empty())
    log::warning("--data-path: its labels are left out, as others are given");
  return labels;
}

torch::Tensor choose_label_features(const TaggerOptions& options, const std::vector<std::string>& labels,
                                    const clip::TensorMap& clip, const session::Runtime& runtime) {
  const bool own_labels = !options.label.empty() || !options.labels.empty();
  if (own_labels) return labels::encode_labels({labels, options.clip, options.txt_ckpt}, clip, runtime);
  return labels::load_label_features(options.data.data_path, labels, clip, options.clip, options.txt_ckpt,
                                     runtime);
}

artifact::ThresholdScores threshold_scores(const TaggerOptions& options) {
  return {artifact::choose_score(options.score, !options.img_ckpt.empty()), options.clip.topk,
          options.clip.prompt_template};
}

Tagger make_tagger(const TaggerOptions& options, const session::Runtime& runtime) {
  std::vector<std::string> labels = choose_labels(options);
  const torch::Tensor thresholds =
      options.thresholds.empty()
          ? torch::Tensor()
          : artifact::load_thresholds(options.thresholds, labels, threshold_scores(options));
  const clip::TensorMap clip = artifact::load_clip(options.clip);
  const torch::Tensor features = choose_label_features(options, labels, clip, runtime);
  return {std::move(labels),
          features,
          artifact::load_image_encoder(clip, options.clip, options.img_ckpt, runtime),
          options.clip.topk,
          artifact::choose_score(options.score, !options.img_ckpt.empty()),
          thresholds};
}

torch::Tensor scores_of(const Tagger& tagger, const model::ImageFeatures& features) {
  return model::combine(model::branch_scores(features, tagger.label_features, tagger.topk), tagger.score);
}

}  // namespace mkt::tagging
