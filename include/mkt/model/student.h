#pragma once
// Stage 1's model: CLIP's vision encoder under the names of the published checkpoint.

#include "mkt/torch.h"

#include <string>

#include "mkt/clip/vision_encoder.h"
#include "mkt/clip/weights.h"

namespace mkt::model {

/// What an image encoder says about a batch. Nothing is normalised.
struct ImageFeatures {
  torch::Tensor patches;  // (B, P, D)
  torch::Tensor global;   // (B, D), the class token's
};

/// tokens (B, 1 + P, D) → features, as views.
ImageFeatures image_features(const torch::Tensor& tokens);

/// fc1 (W → D), fc2 (D → D): in the published checkpoint, used by nothing.
class UnusedProjectionImpl : public torch::nn::Module {
 public:
  UnusedProjectionImpl(std::int64_t width, std::int64_t embed_dim);

  nn::Linear fc1{nullptr};
  nn::Linear fc2{nullptr};
};
TORCH_MODULE(UnusedProjection);

/// Whether a student's parameter has a say in its features: not those of UnusedProjection, which have no
/// gradient and so never change.
bool takes_part(const std::string& name);

/// named_parameters() is the checkpoint: the vision encoder's with projection_dist for proj, and
/// projection.fc*.
class StudentImpl : public clip::VisionEncoderImpl {
 public:
  explicit StudentImpl(clip::VisionOptions options);
  ImageFeatures features(const torch::Tensor& images) const;  // (B, 3, H, H)

  UnusedProjection unused{nullptr};  // registered as projection
};
TORCH_MODULE(Student);

/// CLIP's vision encoder (weights with OpenAI's names) as a student, projection.* drawn from `seed`; `file`
/// is for messages.
Student make_student(const clip::TensorMap& clip_weights, const std::string& file, std::uint64_t seed);

/// A student with a stage-1 checkpoint's sizes and parameters (ours or the Python original's). Throws
/// c10::Error naming `file` and key where one is missing, left over or of another shape.
Student make_student_from_checkpoint(const clip::TensorMap& tensors, const std::string& file);

/// The student as the vision encoder that it is, for FrozenVisionEncoder and the like; the same module.
clip::VisionEncoder vision_encoder(const Student& student);

/// The vision encoder's tensors of a checkpoint, under OpenAI's names (visual.*, visual.proj), as they are.
/// Throws as make_student_from_checkpoint
/// does.
clip::TensorMap vision_weights(const clip::TensorMap& checkpoint, const std::string& file);

/// All parameters by name, detached: what a checkpoint holds.
clip::TensorMap state_dict(const torch::nn::Module& module);

}  // namespace mkt::model
