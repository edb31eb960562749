#include "artifact/encoders.h"

#include "artifact/file_kind.h"
#include "core/log.h"
#include "io/file_checks.h"
#include "mkt/model/student.h"

namespace mkt::artifact {

clip::TensorMap load_clip(const std::string& path, std::int64_t input_size) {
  require_kind("clip-path", path, FileKind::kClip);
  clip::TensorMap weights = clip::load_weights(path);
  const std::int64_t own = clip::vision_options(weights, path).resolution();
  if (input_size != 0 && input_size != own) {
    clip::set_resolution(weights, input_size);
    log::info("{}: position embeddings interpolated from {} to {} pixels per side", path, own, input_size);
  }
  return weights;
}

clip::TensorMap load_image_weights(const clip::TensorMap& clip, const std::string& clip_path,
                                   const std::string& checkpoint) {
  if (checkpoint.empty()) return clip;
  clip::TensorMap tuned = model::vision_weights(weights::load_tensors(checkpoint), checkpoint);
  const auto sizes = clip::vision_options(tuned, checkpoint);
  const auto expected = clip::vision_options(clip, clip_path);
  TORCH_CHECK(sizes.resolution() == expected.resolution() && sizes.embed_dim == expected.embed_dim,
              checkpoint, ": expected an encoder for images of ", expected.resolution(),
              " pixels per side and features of width ", expected.embed_dim, ", as ", clip_path, " has, got ",
              sizes.resolution(), " and ", sizes.embed_dim,
              ". Use the CLIP weights and the input size that the checkpoint was trained with.");
  return tuned;
}

clip::FrozenVisionEncoder load_image_encoder(const clip::TensorMap& clip, const std::string& clip_path,
                                             const std::string& checkpoint, const session::Runtime& runtime) {
  return clip::make_frozen_vision_encoder(load_image_weights(clip, clip_path, checkpoint),
                                          checkpoint.empty() ? clip_path : checkpoint, runtime.frozen_dtype(),
                                          runtime.device);
}

const torch::Tensor& token_table(const clip::TensorMap& clip, const std::string& file) {
  const auto found = clip.find("token_embedding.weight");
  TORCH_CHECK(found != clip.end(), file,
              ": expected token_embedding.weight, got a file without it. Use CLIP weights.");
  return found->second;
}

text::Tokenizer make_tokenizer(const clip::TensorMap& clip, const std::string& clip_path,
                               const std::string& merges) {
  io::require_file("bpe-path", merges);
  return text::Tokenizer(merges.empty() ? text::default_merges_path() : merges,
                         token_table(clip, clip_path).size(0));
}

void check_topk(std::int64_t topk, const clip::VisionOptions& vision) {
  model::check_topk(topk, vision.grid * vision.grid);
}

model::ScoreKind choose_score(std::optional<model::ScoreKind> requested, bool tuned) {
  return requested.value_or(tuned ? model::ScoreKind::kMkt : model::ScoreKind::kGlobal);
}

}  // namespace mkt::artifact
