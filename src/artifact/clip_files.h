#pragma once
// Finds the files of CLIP weights: a single file, a folder of Hugging Face, or an index of shards.

#include "mkt/torch.h"

#include <map>
#include <string>
#include <vector>

#include "mkt/weights/checkpoint.h"

namespace mkt::artifact {

/// Files that hold the tensors of CLIP weights.
struct ClipFiles {
  std::vector<std::string> weights;  ///< one file, or the shards of an index
  std::string index;                 ///< the index of the shards; empty without shards
  std::string folder;                ///< folder of the files, for configurations beside them
};

/// Whether `path` is a folder with CLIP weights under a name that open_clip or Hugging Face uses.
bool is_clip_folder(const std::string& path);

/// Returns the files for `path`: a file of weights, an index of shards (*.index.json), or a folder with one
/// of either. Throws c10::Error naming the path or index if a shard is missing, or the folder has no weights.
ClipFiles find_clip_files(const std::string& path);

/// SHA-256 of the file, or of the shards' SHA-256 in order; 64 hexadecimal digits.
std::string digest(const ClipFiles& files);

/// Reads the tensors of all files; metadata and kind of archive are those of a single file. Throws c10::Error
/// naming the file as weights::load_checkpoint does, and if two shards have the same tensor or one of the
/// index's tensors is missing.
weights::Checkpoint read_clip_files(const ClipFiles& files);

}  // namespace mkt::artifact
