#include "labels/encoder_digests.h"

#include "artifact/clip_files.h"
#include "io/sha256.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::labels {
namespace {

/// Digest of the values in `path`, from the cache if the weights are a single file.
std::string values_of(const LabelInputs& inputs, const std::string& path, DigestOf which,
                      const std::function<weights::TensorMap()>& load) {
  const artifact::ClipFiles files = artifact::find_clip_files(path);
  const bool single = files.index.empty();
  return LabelCache(CacheFolder(single ? inputs.cache : "")).digest_of(files.weights.front(), which, load);
}

}  // namespace

std::string text_side_digest(const LabelInputs& inputs, const clip::Weights& clip) {
  std::string parts = values_of(inputs, clip.file, DigestOf::kTextValues, [&] { return clip.tensors; });
  parts += computation_text(clip.architecture.text);
  if (!inputs.txt_ckpt.empty())  // a label's tokens keep CLIP's embeddings, so both count
    parts += values_of(inputs, inputs.txt_ckpt, DigestOf::kTextValues,
                       [&] { return weights::load_tensors(inputs.txt_ckpt); });
  return io::sha256(parts);
}

std::string image_side_digest(const LabelInputs& inputs, const clip::Weights& image_side) {
  return io::sha256(
      values_of(inputs, image_side.file, DigestOf::kImageValues, [&] { return image_side.tensors; }) +
      computation_text(image_side.architecture.vision) +
      (image_side.architecture.vision.patches == clip::Patches::kLast ? "" : " patches self"));
}

artifact::ThresholdScores threshold_scores(model::ScoreKind kind, const model::LocalPooling& local,
                                           const image::Preprocessing& preprocessing,
                                           const LabelInputs& inputs, const clip::Weights& clip,
                                           const clip::Weights& image_side) {
  return {kind,
          local,
          inputs.prompt_template,
          inputs.phrases.empty() ? "" : io::sha256_file(inputs.phrases),
          preprocessing,
          image_side.architecture.vision.resolution(),
          image_side_digest(inputs, image_side),
          text_side_digest(inputs, clip)};
}

}  // namespace mkt::labels
