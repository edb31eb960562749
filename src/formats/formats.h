#pragma once
// Implements prepare inspect, which describes files, and prepare convert, which converts CLIP weights between
// formats.

#include <functional>
#include <string>

#include "artifact/file_kind.h"
#include "clip/naming.h"
#include "mkt/clip/architecture.h"
#include "weights/cast.h"

namespace mkt::formats {

/// Options for convert_clip(). The command sets every field.
struct ConvertOptions {
  std::string input;    ///< CLIP weights
  std::string output;   ///< file to write: .pt or .pth (plain state dict), or .safetensors
  clip::Naming naming;  ///< project whose tensor names are written
  weights::WeightType dtype;
  clip::Facts facts;  ///< facts about the weights that are given by options
};

/// Describes a file or a data set's folder: its kind, sizes, dtypes, number of tensors, bytes, and the
/// `advice` for its kind; of CLIP weights also how they are computed, and which source states that. `facts`
/// are given by options. Returns one property per line, or with `as_json` one JSON object on one line. Throws
/// c10::Error naming the file if its kind is unknown or it is damaged.
std::string inspect(const std::string& file, bool as_json, const clip::Facts& facts,
                    const std::function<std::string(artifact::FileKind)>& advice);

/// Converts CLIP weights and writes them atomically, and beside them the configuration files that the project
/// of the names expects (artifact::config_files). Before writing, compares the normalised features of an
/// image and a text between original and converted weights; after writing, reads the file back and compares
/// the tensors. Returns one line with the maximum differences between the features. Throws ValueError naming
/// an option, c10::Error naming a file that is not CLIP weights, a tensor whose values are too large for the
/// dtype, or a file that differs when it is read back.
std::string convert_clip(const ConvertOptions& options);

}  // namespace mkt::formats
