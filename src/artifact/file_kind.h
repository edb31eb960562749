#pragma once
// Recognises the kind of a file by its content (weights: by the names of the tensors), so that every command
// reports a mix-up in the same words.

#include "mkt/torch.h"

#include <string>

#include "mkt/weights/checkpoint.h"

namespace mkt::artifact {

enum class CheckpointKind {
  kClip,           ///< image and text side, under OpenAI's, open_clip's or Hugging Face's names
  kExportedModel,  ///< image encoder and label features, written by prepare export
  kResNetClip,     ///< a CLIP whose image side is a ResNet: not supported
  kStage1,         ///< an image encoder, written by train_stage1
  kStage2,         ///< a text encoder, written by train_stage2
  kRunState,       ///< the state that resume reads
  kLabelFeatures,  ///< a single tensor, as in label_emb.pt
  kPicture,        ///< JPEG or PNG
  kLabelVectors,   ///< an HDF5 file, as under features/
  kImageList,      ///< names of images: a pickle, or text with one per line
  kLabelList,      ///< any other .txt file
  kDataSet,        ///< a folder with NUS-WIDE's concept files
  kOther
};

/// Decides by the names; the loaders check the shapes.
CheckpointKind checkpoint_kind(const weights::TensorMap& tensors);

/// The same for any file or folder, by its content; the extension only tells a label list from other text.
/// Throws c10::Error naming the file if it is none of these.
CheckpointKind checkpoint_kind(const std::string& path);

/// "CLIP weights", "a stage-1 checkpoint", …
std::string kind_name(CheckpointKind kind);

/// The option that takes such a file: "The option clip-path takes it."
std::string kind_advice(CheckpointKind kind);

/// Throws c10::Error naming the option `name`, the file, its kind and the option that takes it if it is not
/// of kind `expected`; and as require_file does. An empty path passes.
void require_checkpoint(const std::string& name, const std::string& path, CheckpointKind expected);

}  // namespace mkt::artifact
