#pragma once
// Implements prepare inspect, which describes files, and prepare convert, which converts CLIP weights between
// formats.

#include <functional>
#include <string>

#include "artifact/cast.h"
#include "artifact/file_kind.h"
#include "clip/naming.h"

namespace mkt::formats {

/// Options for convert_clip(). The command sets every field.
struct ConvertOptions {
  std::string input;    ///< CLIP weights
  std::string output;   ///< file to write: .pt or .pth (plain state dict), or .safetensors
  clip::Naming naming;  ///< project whose tensor names are written
  artifact::WeightType dtype;
  std::string merges;  ///< file of BPE merges; empty: the file beside the executables
};

/// Describes a file or a data set's folder: its kind, sizes, dtypes, number of tensors, bytes, and the
/// `advice` for its kind. Returns one property per line, or with `as_json` one JSON object on one line.
/// Throws c10::Error naming the file if its kind is unknown or it is damaged.
std::string inspect(const std::string& file, bool as_json,
                    const std::function<std::string(artifact::FileKind)>& advice);

/// Converts CLIP weights and writes them atomically. Before writing, compares the normalised features of an
/// image and a label between original and converted weights; after writing, reads the file back and compares
/// the tensors. Returns one line with the maximum differences between the features. Throws ValueError naming
/// an option, c10::Error naming a file that is not CLIP weights, a tensor whose values are too large for the
/// dtype, or a file that differs when it is read back.
std::string convert_clip(const ConvertOptions& options);

}  // namespace mkt::formats
