#pragma once
// Chooses the preprocessing of images from options, checkpoints and weights.

#include <array>
#include <optional>
#include <string>

#include "mkt/clip/weights.h"
#include "mkt/core/enum_names.h"
#include "mkt/image/preprocessing.h"

namespace mkt::artifact {

enum class PreprocessingPreset {
  kMkt,   ///< image::mkt_preprocessing()
  kClip,  ///< as stated with the CLIP weights, else image::clip_preprocessing()
};

/// Preprocessing as options ask for it; fields that are not set follow the preset.
struct PreprocessingChoice {
  std::optional<PreprocessingPreset> preset;  ///< nullopt: by the image encoder
  std::optional<std::array<double, 3>> mean;
  std::optional<std::array<double, 3>> deviation;
  std::optional<image::ResizeMode> resize;  ///< kSquash and kPad set the crop share to 1
  std::optional<double> crop_share;
};

/// Returns the preprocessing for plain CLIP. Without a preset it is kClip's. Throws ValueError as
/// image::check_preprocessing() does.
image::Preprocessing plain_preprocessing(const PreprocessingChoice& choice, const clip::Weights& clip);

/// Returns the preprocessing for an image encoder that is trained, or was trained in `checkpoint` (may be
/// empty). Without a preset it is what the file beside the checkpoint states, else kMkt's. Throws ValueError
/// as image::check_preprocessing() does, and naming mean or std if they differ from what the file states.
image::Preprocessing tuned_preprocessing(const PreprocessingChoice& choice, const clip::Weights& clip,
                                         const std::string& checkpoint);

/// Logs the preprocessing in one line, unless it is OpenAI's, or MKT's for inputs of `size` pixels per side.
void log_preprocessing(const image::Preprocessing& preprocessing, std::int64_t size);

}  // namespace mkt::artifact

template <>
struct mkt::Names<mkt::artifact::PreprocessingPreset> {
  static constexpr NameTable<artifact::PreprocessingPreset, 2> kTable{
      {{artifact::PreprocessingPreset::kMkt, "mkt"}, {artifact::PreprocessingPreset::kClip, "clip"}}};
};
