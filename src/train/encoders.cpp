#include "mkt/train/encoders.h"

#include <filesystem>

#include "mkt/core/log.h"
#include "mkt/core/text.h"
#include "mkt/io/checkpoint.h"
#include "mkt/model/student.h"

namespace mkt::train {

clip::TensorMap load_clip(const ClipOptions& options) {
  clip::TensorMap weights = clip::load_weights(options.clip_path);
  const std::int64_t own = clip::vision_options(weights, options.clip_path).resolution();
  if (options.input_size != 0 && options.input_size != own) {
    clip::set_resolution(weights, options.input_size);
    log::info(cat("--input-size: positions interpolated from ", own, " to ", options.input_size, " pixels"));
  }
  return weights;
}

clip::FrozenVisionEncoder load_image_encoder(const clip::TensorMap& clip, const ClipOptions& options,
                                             const std::string& checkpoint, const Runtime& runtime) {
  torch::NoGradGuard no_grad;
  clip::VisionEncoder encoder{nullptr};
  if (checkpoint.empty()) {
    encoder = clip::make_vision_encoder(clip, options.clip_path);
  } else {
    const model::Student student = model::load_student(checkpoint);
    const auto expected = clip::vision_options(clip, options.clip_path);
    TORCH_CHECK(student->options.resolution() == expected.resolution() &&
                    student->options.embed_dim == expected.embed_dim,
                checkpoint, ": is for images of ", student->options.resolution(), " pixels and ",
                student->options.embed_dim, " joint features, ", options.clip_path, " for ",
                expected.resolution(), " and ", expected.embed_dim,
                ". Give the CLIP weights and the --input-size of its training.");
    encoder = clip::VisionEncoder(std::static_pointer_cast<clip::VisionEncoderImpl>(student.ptr()));
  }
  encoder->to(runtime.device);
  return clip::FrozenVisionEncoder(encoder, runtime.frozen_dtype());
}

model::ScoreKind choose_score(const std::string& name, bool tuned) {
  if (name == "auto") return tuned ? model::ScoreKind::kMkt : model::ScoreKind::kGlobal;
  return model::parse_score_kind(name);
}

void require_file(const std::string& flag, const std::string& path) {
  if (path.empty()) return;
  TORCH_CHECK(std::filesystem::is_regular_file(path), "--", flag, ": expected a file, got '", path,
              std::filesystem::exists(path) ? "', which is none" : "', which does not exist",
              ". Check the path.");
}

}  // namespace mkt::train
