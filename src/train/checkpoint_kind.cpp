#include "mkt/train/checkpoint_kind.h"

#include "mkt/train/files.h"

namespace mkt::train {
namespace {

struct Description {
  const char* name;
  const char* advice;  // to someone who gave such a file where another belongs
};

Description description(CheckpointKind kind) {
  switch (kind) {
    case CheckpointKind::kClip:
      return {"CLIP weights", "Give that file as --clip-path."};
    case CheckpointKind::kResNetClip:
      return {"a ResNet CLIP", "Only vision transformers are supported: ViT-B/16, ViT-B/32, ViT-L/14."};
    case CheckpointKind::kStage1:
      return {"a stage-1 checkpoint", "Give that file as --ckpt-path (infer: --img-ckpt)."};
    case CheckpointKind::kStage2:
      return {"a stage-2 checkpoint", "Give that file as --eval-ckpt (infer: --txt-ckpt)."};
    case CheckpointKind::kRunState:
      return {"the state of a training run",
              "Only --resume takes that; the run's checkpoints are the model_*.pth beside its state folder."};
    case CheckpointKind::kLabelFeatures:
      return {"label features", "They are read from label_emb.pt in the data set; no flag takes them."};
    case CheckpointKind::kOther:
      break;
  }
  return {"tensors of another kind", "Name another file."};
}

bool holds_prefix(const io::TensorMap& tensors, const std::string& prefix) {
  const auto found = tensors.lower_bound(prefix);
  return found != tensors.end() && found->first.rfind(prefix, 0) == 0;
}

/// Whether `path` holds a tensor without a name.
bool is_bare_tensor(const std::string& path) {
  try {
    io::load_tensor(path);
    return true;
  } catch (const c10::Error&) {
    return false;
  }
}

}  // namespace

CheckpointKind checkpoint_kind(const io::TensorMap& tensors) {
  const auto holds = [&](const char* name) { return tensors.count(name) > 0; };
  if (holds_prefix(tensors, "optimizer.") || holds_prefix(tensors, "model.")) {
    return CheckpointKind::kRunState;
  }
  if (holds_prefix(tensors, "visual.layer1.") || holds_prefix(tensors, "visual.attnpool.")) {
    return CheckpointKind::kResNetClip;
  }
  if (holds_prefix(tensors, "visual.") || holds_prefix(tensors, "vision_model.")) {
    return CheckpointKind::kClip;
  }
  if (holds("projection_dist") || (holds("class_embedding") && holds("conv1.weight"))) {
    return CheckpointKind::kStage1;
  }
  if (holds("token_embedding.weight")) return CheckpointKind::kStage2;
  return tensors.size() == 1 ? CheckpointKind::kLabelFeatures : CheckpointKind::kOther;
}

CheckpointKind checkpoint_kind(const std::string& path) {
  try {
    return checkpoint_kind(io::load_tensors(path));
  } catch (const c10::Error&) {
    if (is_bare_tensor(path)) return CheckpointKind::kLabelFeatures;
    throw;
  }
}

std::string kind_name(CheckpointKind kind) {
  return description(kind).name;
}

void require_checkpoint(const std::string& flag, const std::string& path, CheckpointKind expected) {
  if (path.empty()) return;
  require_file(flag, path);
  const CheckpointKind kind = checkpoint_kind(path);
  TORCH_CHECK(kind == expected, "--", flag, ": expected ", kind_name(expected), ", got ", kind_name(kind),
              " in ", path, ". ", description(kind).advice);
}

}  // namespace mkt::train
