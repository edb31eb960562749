#pragma once
// Stage 1's model: CLIP's vision encoder with the parameter names of the published checkpoint.

#include "mkt/torch.h"

#include <string>

#include "mkt/clip/vision_encoder.h"
#include "mkt/clip/weights.h"

namespace mkt::model {

/// Features of a batch of images, not normalised.
struct ImageFeatures {
  torch::Tensor patches;  // (B, P, D)
  torch::Tensor global;   // (B, D), from the class token
};

/// tokens (B, 1 + P, D) → features, as views.
ImageFeatures image_features(const torch::Tensor& tokens);

/// Layers fc1 (W → D) and fc2 (D → D), which the published checkpoint contains but nothing uses.
class UnusedProjectionImpl : public torch::nn::Module {
 public:
  UnusedProjectionImpl(std::int64_t width, std::int64_t embed_dim);

  nn::Linear fc1{nullptr};
  nn::Linear fc2{nullptr};
};
TORCH_MODULE(UnusedProjection);

/// Whether a student's parameter influences its features. Those of UnusedProjection do not; they have no
/// gradient and never change.
bool takes_part(const std::string& name);

/// The vision encoder with projection_dist for proj, plus projection.fc*: named_parameters() is the
/// checkpoint.
class StudentImpl : public clip::VisionEncoderImpl {
 public:
  explicit StudentImpl(clip::VisionOptions options);
  ImageFeatures features(const torch::Tensor& images) const;  // (B, 3, H, H)

  UnusedProjection unused{nullptr};  // registered as projection
};
TORCH_MODULE(Student);

/// Makes a student from CLIP's vision encoder (weights with OpenAI's names); draws projection.* from `seed`.
/// Throws c10::Error naming `file`.
Student make_student(const clip::TensorMap& clip_weights, const std::string& file, std::uint64_t seed);

/// Makes a student with the sizes and parameters of a stage-1 checkpoint (ours or the Python original's).
/// Throws c10::Error naming `file` and a key that is missing, unknown or of another shape.
Student make_student_from_checkpoint(const clip::TensorMap& tensors, const std::string& file);

/// The student as a vision encoder, for example for FrozenVisionEncoder; the same module.
clip::VisionEncoder vision_encoder(const Student& student);

/// The vision encoder's tensors of a checkpoint under OpenAI's names (visual.*), unchanged. Throws as
/// make_student_from_checkpoint.
clip::TensorMap vision_weights(const clip::TensorMap& checkpoint, const std::string& file);

/// All parameters by name, detached: the content of a checkpoint.
clip::TensorMap state_dict(const torch::nn::Module& module);

}  // namespace mkt::model
