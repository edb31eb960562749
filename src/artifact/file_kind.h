#pragma once
// Recognises the kind of a file by its content, so that every command reports a mix-up in the same words.

#include "mkt/torch.h"

#include <string>

#include "mkt/weights/checkpoint.h"

namespace mkt::artifact {

/// Kinds of files and folders. Files of tensors differ by the tensors' names.
enum class CheckpointKind {
  kClip,           ///< CLIP weights under OpenAI's, open_clip's or Hugging Face's names
  kExportedModel,  ///< image encoder and label features, written by prepare export
  kResNetClip,     ///< a CLIP with a ResNet as its image encoder; not supported
  kStage1,         ///< an image encoder, written by train_stage1
  kStage2,         ///< a text encoder, written by train_stage2
  kRunState,       ///< the saved state of a training run, from which it resumes
  kLabelFeatures,  ///< one tensor alone, as in label_emb.pt
  kImage,          ///< a JPEG or PNG file
  kLabelVectors,   ///< an HDF5 file, as in a data set's folder features/
  kImageList,      ///< image names: a pickle, or text with one name per line
  kLabelList,      ///< any other .txt file
  kDataSet,        ///< a folder with NUS-WIDE's concept files
  kOther           ///< tensors with other names
};

/// The kind of a file with these tensors, by their names. The loaders check the shapes.
CheckpointKind checkpoint_kind(const weights::TensorMap& tensors);

/// The kind of the file or folder `path`, by its content. Only a label list needs an extension: other text
/// files are label lists if their names end in .txt. Throws c10::Error naming the file if it has no known
/// kind or cannot be read.
CheckpointKind checkpoint_kind(const std::string& path);

/// The kind in words, with its article: "CLIP weights", "a stage-1 checkpoint", …
std::string kind_name(CheckpointKind kind);

/// A sentence that says which option takes such a file: "The option clip-path takes it."
std::string kind_advice(CheckpointKind kind);

/// Throws c10::Error if the file at `path` is not of kind `expected`; the message names the option `name`,
/// the file, its kind and the option that takes it. Throws as io::require_file does if there is no such file.
/// An empty path passes.
void require_checkpoint(const std::string& name, const std::string& path, CheckpointKind expected);

}  // namespace mkt::artifact
