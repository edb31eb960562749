#pragma once
// What a file is, told by its content (of weights: the names of its tensors), so that a mix-up is named as
// what it is, in the same words by every command.

#include "mkt/torch.h"

#include <string>

#include "mkt/weights/checkpoint.h"

namespace mkt::artifact {

enum class CheckpointKind {
  kClip,           ///< image and text side, under OpenAI's, open_clip's or Hugging Face's names
  kExportedModel,  ///< an image encoder and label features, as prepare export writes it
  kResNetClip,     ///< a CLIP whose image side is a ResNet: not supported
  kStage1,         ///< an image encoder, as train_stage1 writes it
  kStage2,         ///< a text encoder, as stage 2 writes it
  kRunState,       ///< what --resume reads
  kLabelFeatures,  ///< one tensor alone, as in label_emb.pt
  kPicture,        ///< JPEG or PNG
  kLabelVectors,   ///< an HDF5 file, as under features/
  kImageList,      ///< names of pictures: a pickle, or text with one a line
  kLabelList,      ///< a .txt of anything else
  kDataSet,        ///< a folder with the concept files of NUS-WIDE
  kOther
};

/// By names alone: whether the shapes fit is found out by those who load them.
CheckpointKind checkpoint_kind(const weights::TensorMap& tensors);

/// The same for any file or folder, by what is in it, the ending only telling a label list from other text.
/// Throws c10::Error naming it where it is none of these (weights::load_tensors).
CheckpointKind checkpoint_kind(const std::string& path);

/// "CLIP weights", "a stage-1 checkpoint", …
std::string kind_name(CheckpointKind kind);

/// Which flag takes it: "Give that file as --clip-path."
std::string kind_advice(CheckpointKind kind);

/// Throws c10::Error naming the flag, the file, what that is and which flag takes it, where it is not of kind
/// `expected`; and as require_file does. An empty path passes.
void require_checkpoint(const std::string& flag, const std::string& path, CheckpointKind expected);

}  // namespace mkt::artifact
