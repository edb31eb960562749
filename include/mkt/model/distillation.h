#pragma once
// Runs stage 1's student and teacher together; their shared frozen blocks are computed once.

#include "mkt/torch.h"

#include "mkt/model/student.h"
#include "mkt/nn/graphed_function.h"

namespace mkt::model {

struct DistillationFeatures {
  ImageFeatures student;
  torch::Tensor teacher_global;  // (B, D), without gradient
};

/// The student and the teacher of stage 1. Blocks `fix_layer` and later are trained in the student; the
/// teacher is CLIP's frozen vision encoder. Values and gradients equal those of running both encoders in
/// full, with less work:
/// - the embedding and blocks 0 … fix_layer − 1, which are equal in both, run once and without autograd graph
/// (nn/frozen.h);
/// - the teacher's other blocks also run without autograd graph, the last one for the class token only.
///
/// Shares the frozen blocks' weights with the student, and the weights of blocks `fix_layer` and later with
/// the teacher. The teacher's remaining weights may be freed.
class DistillationPair {
 public:
  /// `dtype`: dtype of the frozen blocks' matrix products. Throws ValueError if fix_layer is not in [0,
  /// layers], or if the embedding or a block below fix_layer differs between student and teacher.
  DistillationPair(Student student, const clip::VisionEncoder& teacher, std::int64_t fix_layer,
                   torch::Dtype dtype = torch::kFloat32);

  /// Computes both encoders' features of images (B, 3, H, H). Gradients reach the student's blocks
  /// `fix_layer` and later, ln_post and projection_dist. On a GPU the next call overwrites the results: run
  /// the backward pass first.
  DistillationFeatures forward(const torch::Tensor& images) const;

 private:
  Student student_;
  std::int64_t fix_layer_;
  // images → tokens of the shared blocks (B, T, W), the teacher's class token (B, D)
  nn::GraphedFunction frozen_;
};

}  // namespace mkt::model
