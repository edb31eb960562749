#pragma once
// Stage 1's student and teacher, run together: the frozen blocks they share are computed once.

#include "mkt/torch.h"

#include "mkt/model/student.h"
#include "mkt/nn/frozen.h"

namespace mkt::model {

struct DistillationFeatures {
  ImageFeatures student;
  torch::Tensor teacher_global;  // (B, D), without gradient
};

/// The student is trained from block `fix_layer` on; the teacher is CLIP's vision encoder, frozen. Same
/// values and gradients as running both in full, but
/// - embedding and blocks 0 … fix_layer − 1, equal in both, run once, without graph, on the fast path of
/// nn/frozen.h;
/// - the teacher's other blocks run on that path too, the last one for the class token alone.
/// Frozen weights are shared with the student, those of the teacher's other blocks with the teacher: what
/// else the teacher holds is freed with it.
class DistillationPair {
 public:
  /// dtype: of the frozen blocks' matrix products. Throws ValueError where fix_layer is not in [0, layers],
  /// and where an embedding part or a block below fix_layer differs between student and teacher.
  DistillationPair(Student student, const clip::VisionEncoder& teacher, std::int64_t fix_layer,
                   torch::Dtype dtype = torch::kFloat32);

  /// images (B, 3, H, H). Gradients reach the student's blocks from fix_layer on, ln_post and
  /// projection_dist.
  DistillationFeatures forward(const torch::Tensor& images) const;

 private:
  torch::Tensor teacher_class(const torch::Tensor& shared) const;

  Student student_;
  std::int64_t fix_layer_;
  nn::FrozenTransformer shared_;
  nn::FrozenTransformer teacher_blocks_;
  torch::Tensor ln_weight_, ln_bias_, projection_;
};

}  // namespace mkt::model
