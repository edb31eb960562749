#pragma once
// Names the option that takes each kind of file, for users who passed the file to another option.

#include <string>

#include "artifact/file_kind.h"
#include "mkt/core/enum_names.h"

namespace mkt::commands {

inline constexpr NameTable<artifact::FileKind, 14> kFileAdvice{{
    {artifact::FileKind::kClip, "The option --clip-path takes it."},
    {artifact::FileKind::kExportedModel, "The option --model of infer takes it."},
    {artifact::FileKind::kResNetClip,
     "Only vision transformers are supported: ViT-B/16, ViT-B/32, ViT-L/14."},
    {artifact::FileKind::kStage1, "The option --ckpt-path takes it (infer: --img-ckpt)."},
    {artifact::FileKind::kStage2, "The option --eval-ckpt takes it (infer: --txt-ckpt)."},
    {artifact::FileKind::kRunState,
     "Only the option --resume takes it; the run's checkpoints are the files model_*.pth beside its state "
     "folder."},
    {artifact::FileKind::kShard,
     "The option --clip-path takes the index (*.index.json) or folder of all shards."},
    {artifact::FileKind::kLabelFeatures,
     "They are read from label_emb.pt in the data set; no option takes them."},
    {artifact::FileKind::kImage, "The option --image-path of infer takes it."},
    {artifact::FileKind::kLabelVectors, "It is read from features/ in the data set; no option takes it."},
    {artifact::FileKind::kImageList, "It is read from the data set; no option takes it."},
    {artifact::FileKind::kLabelList, "The option --labels of infer takes it."},
    {artifact::FileKind::kDataSet, "The option --data-path takes it."},
    {artifact::FileKind::kOther, "Name another file."},
}};

/// Returns a sentence that names the option for this kind of file.
inline std::string file_advice(artifact::FileKind kind) {
  for (const auto& [entry, advice] : kFileAdvice) {
    if (entry == kind) return advice;
  }
  TORCH_INTERNAL_ASSERT(false, "a kind of file without advice");
}

}  // namespace mkt::commands
