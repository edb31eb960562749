#pragma once
// Stage 1's model: CLIP's vision encoder with the parameter names of the published checkpoint.

#include "mkt/torch.h"

#include <string>

#include "mkt/clip/vision_encoder.h"
#include "mkt/clip/weights.h"

namespace mkt::model {

/// Features for a batch of images, not normalised.
struct ImageFeatures {
  torch::Tensor patches;  // (B, P, D)
  torch::Tensor global;   // (B, D), from the class token
};

/// Splits tokens (B, 1 + P, D) into patch features and global features, as views.
ImageFeatures image_features(const torch::Tensor& tokens);

/// Layers fc1 (W → D) and fc2 (D → D): part of the published checkpoint, but unused.
class UnusedProjectionImpl : public torch::nn::Module {
 public:
  UnusedProjectionImpl(std::int64_t width, std::int64_t embed_dim);

  nn::Linear fc1{nullptr};
  nn::Linear fc2{nullptr};
};
TORCH_MODULE(UnusedProjection);

/// Whether a student's parameter influences its features. UnusedProjection's parameters do not; they have no
/// gradient and never change.
bool takes_part(const std::string& name);

/// Returns the name in OpenAI's weights of a student's parameter that takes part: "projection_dist" →
/// "visual.proj".
std::string clip_name(const std::string& name);

/// The vision encoder with its projection named projection_dist instead of proj, plus projection.fc*.
/// named_parameters() has the same names as the checkpoint.
class StudentImpl : public clip::VisionEncoderImpl {
 public:
  explicit StudentImpl(clip::VisionOptions options);
  ImageFeatures features(const torch::Tensor& images) const;  // (B, 3, H, H)

  UnusedProjection unused{nullptr};  // registered under the name "projection"
};
TORCH_MODULE(Student);

/// Makes a student from CLIP's vision encoder; initialises projection.* randomly from `seed`. Throws
/// c10::Error naming the weights' file and a tensor with a value that is not finite.
Student make_student(const clip::Weights& clip, std::uint64_t seed);

/// Makes a student with the sizes and parameters of a stage-1 checkpoint (ours or the Python original's).
/// `facts` state what the tensors do not show. Throws c10::Error naming `file` and a key that is missing,
/// unknown or of another shape.
Student make_student_from_checkpoint(const clip::TensorMap& tensors, const std::string& file,
                                     const clip::EncoderFacts& facts = {});

/// Returns the same module as a vision encoder, for example for FrozenVisionEncoder.
clip::VisionEncoder vision_encoder(const Student& student);

/// Renames a checkpoint's vision-encoder tensors to OpenAI's names (visual.*); values are unchanged. `facts`:
/// of the CLIP that it was trained from. Throws as make_student_from_checkpoint does.
clip::Weights vision_weights(const clip::TensorMap& checkpoint, const std::string& file,
                             const clip::Facts& facts);

/// Returns all parameters by name, detached, to be stored in a checkpoint.
clip::TensorMap state_dict(const torch::nn::Module& module);

}  // namespace mkt::model
