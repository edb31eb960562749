#include "artifact/preprocessing_choice.h"

#include "artifact/checkpoint_facts.h"
#include "core/log.h"

namespace mkt::artifact {
namespace {

image::Preprocessing preset_of(PreprocessingPreset preset, const clip::Weights& clip) {
  if (preset == PreprocessingPreset::kMkt)
    return image::mkt_preprocessing(clip.architecture.vision.resolution());
  return clip.architecture.preprocessing.value_or(image::clip_preprocessing());
}

image::Preprocessing changed(image::Preprocessing made, const PreprocessingChoice& choice) {
  made.mean = choice.mean.value_or(made.mean);
  made.deviation = choice.deviation.value_or(made.deviation);
  made.resize = choice.resize.value_or(made.resize);
  if (made.resize != image::ResizeMode::kShort) made.crop_share = 1;
  made.crop_share = choice.crop_share.value_or(made.crop_share);
  image::check_preprocessing(made);
  return made;
}

/// Throws unless the encoder gets numbers of the scale it was trained with. Resize mode and crop share may
/// differ: random crops do not depend on them.
void check_moments(const image::Preprocessing& trained, const image::Preprocessing& made,
                   const std::string& checkpoint) {
  const auto check = [&](const char* name, const std::array<double, 3>& expected,
                         const std::array<double, 3>& got) {
    TORCH_CHECK_VALUE(expected == got, name, ": expected ", expected[0], ",", expected[1], ",", expected[2],
                      ", with which ", checkpoint, " was trained, got ", got[0], ",", got[1], ",", got[2],
                      ". Leave mean, std and preprocess at their defaults.");
  };
  check("mean", trained.mean, made.mean);
  check("std", trained.deviation, made.deviation);
}

}  // namespace

image::Preprocessing plain_preprocessing(const PreprocessingChoice& choice, const clip::Weights& clip) {
  return changed(preset_of(choice.preset.value_or(PreprocessingPreset::kClip), clip), choice);
}

image::Preprocessing tuned_preprocessing(const PreprocessingChoice& choice, const clip::Weights& clip,
                                         const std::string& checkpoint) {
  const auto trained = checkpoint.empty() ? std::nullopt : trained_preprocessing(checkpoint);
  const image::Preprocessing preset =
      trained && !choice.preset ? *trained
                                : preset_of(choice.preset.value_or(PreprocessingPreset::kMkt), clip);
  const image::Preprocessing made = changed(preset, choice);
  if (trained) check_moments(*trained, made, checkpoint);
  return made;
}

void log_preprocessing(const image::Preprocessing& preprocessing, std::int64_t size) {
  if (preprocessing != image::mkt_preprocessing(size) && preprocessing != image::clip_preprocessing())
    log::info("image preprocessing: {}", image::describe(preprocessing));
}

}  // namespace mkt::artifact
