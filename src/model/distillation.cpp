#include "mkt/model/distillation.h"

#include <utility>

#include "core/text.h"
#include "mkt/nn/frozen.h"

namespace mkt::model {
namespace {

/// Whether student and teacher share the parameter: true for the embedding and for blocks below `fix_layer`.
bool is_shared(const std::string& name, std::int64_t fix_layer) {
  const std::string blocks = "transformer.resblocks.";
  if (starts_with(name, blocks)) return std::stoll(name.substr(blocks.size())) < fix_layer;
  for (const char* part : {"class_embedding", "positional_embedding", "conv1.", "ln_pre."}) {
    if (starts_with(name, part)) return true;
  }
  return false;
}

void check_shared(const clip::VisionEncoderImpl& student, const clip::VisionEncoderImpl& teacher,
                  std::int64_t fix_layer) {
  const auto parameters = student.named_parameters();
  for (const auto& parameter : teacher.named_parameters()) {
    if (!is_shared(parameter.key(), fix_layer)) continue;
    TORCH_CHECK_VALUE(
        parameters.contains(parameter.key()) && torch::equal(parameters[parameter.key()], parameter.value()),
        "student: expected CLIP's values in '", parameter.key(), "', which is frozen below block ", fix_layer,
        ", got others. Start from a checkpoint trained from the same CLIP weights.");
  }
}

std::int64_t checked_fix_layer(std::int64_t fix_layer, std::int64_t layers) {
  TORCH_CHECK_VALUE(0 <= fix_layer && fix_layer <= layers, "fix-layer: expected 0 to ", layers,
                    " (the encoder's blocks), got ", fix_layer, ".");
  return fix_layer;
}

/// The part of both encoders without gradients.
class FrozenPart {
 public:
  FrozenPart(Student student, const clip::VisionEncoder& teacher, std::int64_t fix_layer, torch::Dtype dtype)
      : student_(std::move(student)),
        shared_(student_->transformer, 0, fix_layer, dtype),
        teacher_blocks_(teacher->transformer, fix_layer, teacher->options.layers, dtype),
        ln_weight_(teacher->ln_post->weight.detach().clone()),
        ln_bias_(teacher->ln_post->bias.detach().clone()),
        projection_(teacher->projection.detach().clone()),
        epsilon_(teacher->ln_post->epsilon) {}

  /// images (B, 3, H, H) → tokens of the shared blocks (B, T, W), the teacher's class token (B, D).
  std::vector<torch::Tensor> operator()(const torch::Tensor& images) const {
    const torch::Tensor shared = shared_.run_(student_->embed(images).to(torch::kFloat32).contiguous());
    return {shared, teacher_class(shared)};
  }

 private:
  torch::Tensor teacher_class(const torch::Tensor& shared) const {
    const auto blocks = teacher_blocks_.last_block() - teacher_blocks_.first_block();
    torch::Tensor token;  // (B, W)
    if (blocks == 0) {
      token = shared.select(1, 0);
    } else {  // all blocks except the last overwrite their input; the student still needs `shared`
      token = teacher_blocks_.run_class_token_(blocks == 1 ? shared : shared.clone());
    }
    const torch::Tensor normed = at::layer_norm(token, ln_weight_.sizes(), ln_weight_, ln_bias_, epsilon_);
    return at::matmul(normed, projection_);  // (B, D)
  }

  Student student_;
  nn::FrozenTransformer shared_;
  nn::FrozenTransformer teacher_blocks_;
  torch::Tensor ln_weight_, ln_bias_, projection_;
  double epsilon_;
};

}  // namespace

DistillationPair::DistillationPair(Student student, const clip::VisionEncoder& teacher,
                                   std::int64_t fix_layer, torch::Dtype dtype)
    : student_(std::move(student)), fix_layer_(checked_fix_layer(fix_layer, teacher->options.layers)) {
  TORCH_CHECK_VALUE(student_->options.layers == teacher->options.layers, "student: expected the teacher's ",
                    teacher->options.layers, " blocks, got ", student_->options.layers, ".");
  check_shared(*student_, *teacher, fix_layer);
  frozen_ = nn::GraphedFunction(FrozenPart(student_, teacher, fix_layer, dtype));
}

DistillationFeatures DistillationPair::forward(const torch::Tensor& images) const {
  const std::vector<torch::Tensor> frozen = frozen_(images);
  const torch::Tensor tokens =
      student_->finish(student_->run(frozen[0], fix_layer_, student_->options.layers));  // (B, T, D)
  return {image_features(tokens), frozen[1]};
}

}  // namespace mkt::model
