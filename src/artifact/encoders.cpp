#include "artifact/encoders.h"

#include "artifact/file_kind.h"
#include "core/log.h"
#include "core/text.h"
#include "mkt/model/student.h"

namespace mkt::artifact {

clip::TensorMap load_clip(const ClipOptions& options) {
  require_checkpoint("clip-path", options.clip_path, CheckpointKind::kClip);
  clip::TensorMap weights = clip::load_weights(options.clip_path);
  const std::int64_t own = clip::vision_options(weights, options.clip_path).resolution();
  if (options.input_size != 0 && options.input_size != own) {
    clip::set_resolution(weights, options.input_size);
    log::info(cat("--input-size: positions interpolated from ", own, " to ", options.input_size, " pixels"));
  }
  return weights;
}

clip::TensorMap load_image_weights(const clip::TensorMap& clip, const ClipOptions& options,
                                   const std::string& checkpoint) {
  if (checkpoint.empty()) return clip;
  clip::TensorMap tuned = model::vision_weights(weights::load_tensors(checkpoint), checkpoint);
  const auto sizes = clip::vision_options(tuned, checkpoint);
  const auto expected = clip::vision_options(clip, options.clip_path);
  TORCH_CHECK(sizes.resolution() == expected.resolution() && sizes.embed_dim == expected.embed_dim,
              checkpoint, ": is for images of ", sizes.resolution(), " pixels and ", sizes.embed_dim,
              " joint features, ", options.clip_path, " for ", expected.resolution(), " and ",
              expected.embed_dim, ". Give the CLIP weights and the --input-size of its training.");
  return tuned;
}

clip::FrozenVisionEncoder load_image_encoder(const clip::TensorMap& clip, const ClipOptions& options,
                                             const std::string& checkpoint, const session::Runtime& runtime) {
  return clip::make_frozen_vision_encoder(load_image_weights(clip, options, checkpoint),
                                          checkpoint.empty() ? options.clip_path : checkpoint,
                                          runtime.frozen_dtype(), runtime.device);
}

const torch::Tensor& token_table(const clip::TensorMap& clip, const std::string& file) {
  const auto found = clip.find("token_embedding.weight");
  TORCH_CHECK(found != clip.end(), file, ": expected token_embedding.weight, which is not in it.");
  return found->second;
}

text::Tokenizer make_tokenizer(const clip::TensorMap& clip, const ClipOptions& options) {
  io::require_file("bpe-path", options.bpe_path);
  const std::string merges = options.bpe_path.empty() ? text::default_merges_path() : options.bpe_path;
  return text::Tokenizer(merges, token_table(clip, options.clip_path).size(0));
}

void check_topk(std::int64_t topk, const clip::VisionOptions& vision) {
  TORCH_CHECK_VALUE(topk <= vision.grid * vision.grid, "--topk: expected 1 to ", vision.grid * vision.grid,
                    " (the patches of an image), got ", topk, ".");
}

model::ScoreKind choose_score(const std::string& name, bool tuned) {
  if (name == "auto") return tuned ? model::ScoreKind::kMkt : model::ScoreKind::kGlobal;
  return model::parse_score_kind(name);
}

}  // namespace mkt::artifact
