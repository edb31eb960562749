#pragma once
// Recognises the kind of a file by its content, so that every command reports a wrong file with the same
// message.

#include "mkt/torch.h"

#include <string>
#include <utility>

#include "mkt/core/enum_names.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::artifact {

/// Kinds of files and folders. Files with tensors are distinguished by the tensors' names.
enum class FileKind {
  kClip,  ///< CLIP weights under OpenAI's, open_clip's or Hugging Face's names, or a folder with them
  kExportedModel,  ///< image encoder and label features, written by prepare export
  kResNetClip,     ///< a CLIP with a ResNet as its image encoder; not supported
  kStage1,         ///< an image encoder, written by train_stage1
  kStage2,         ///< a text encoder, written by train_stage2
  kRunState,       ///< the saved state of a training run, from which it resumes
  kShard,          ///< one of several files of weights
  kLabelFeatures,  ///< a single tensor, as in label_emb.pt
  kImage,          ///< an image file
  kLabelVectors,   ///< an HDF5 file, as in a data set's folder features/
  kImageList,      ///< image names: a pickle, or text with one name per line
  kLabelList,      ///< any other .txt file
  kDataSet,        ///< a folder with NUS-WIDE's concept files
  kOther           ///< tensors with other names
};

/// Determines a file's kind from its tensors' names. The loaders check the shapes.
FileKind file_kind(const weights::TensorMap& tensors);

/// Determines the kind of the file or folder `path` from its content. Only label lists also need an
/// extension: text files of no other kind are label lists if their names end in .txt. Throws c10::Error
/// naming the file if its kind is unknown or it cannot be read.
FileKind file_kind(const std::string& path);

/// Error about a file of another kind than expected. Commands add what to do with a file of its kind.
class WrongFileKind : public c10::Error {
 public:
  WrongFileKind(FileKind kind, std::string message) : c10::Error(std::move(message)), kind_(kind) {}
  FileKind kind() const { return kind_; }

 private:
  FileKind kind_;
};

/// Throws WrongFileKind if the file at `path` is not of kind `expected`; the message names the option `name`,
/// the file and its kind. Throws as io::require_file does if the file does not exist. An empty `path` is
/// accepted.
void require_kind(const std::string& name, const std::string& path, FileKind expected);

}  // namespace mkt::artifact

/// The names have their article.
template <>
struct mkt::Names<mkt::artifact::FileKind> {
  static constexpr NameTable<artifact::FileKind, 14> kTable{{
      {artifact::FileKind::kClip, "CLIP weights"},
      {artifact::FileKind::kExportedModel, "an exported model"},
      {artifact::FileKind::kResNetClip, "a ResNet CLIP"},
      {artifact::FileKind::kStage1, "a stage-1 checkpoint"},
      {artifact::FileKind::kStage2, "a stage-2 checkpoint"},
      {artifact::FileKind::kRunState, "the state of a training run"},
      {artifact::FileKind::kShard, "a shard of weights"},
      {artifact::FileKind::kLabelFeatures, "label features"},
      {artifact::FileKind::kImage, "an image"},
      {artifact::FileKind::kLabelVectors, "an HDF5 file of labels"},
      {artifact::FileKind::kImageList, "a list of images"},
      {artifact::FileKind::kLabelList, "a list of labels"},
      {artifact::FileKind::kDataSet, "a NUS-WIDE folder"},
      {artifact::FileKind::kOther, "tensors of another kind"},
  }};
};
