#pragma once
// prepare inspect and prepare convert: recognises files, and converts CLIP weights between formats.

#include <string>

#include "clip/naming.h"

namespace mkt::formats {

/// The dtype of the converted floating-point tensors.
enum class WeightType { kKeep, kFp32, kFp16, kBf16 };

struct ConvertOptions {
  std::string input;
  std::string output;   ///< .pt and .pth: a plain state dict; .safetensors
  clip::Naming naming;  ///< the project whose tensor names are written
  WeightType dtype;
  std::string merges;  ///< file of BPE merges; empty: the one beside the executables
};

/// The kind of a file or a data set's folder, its sizes, dtypes, number of tensors and bytes, and the option
/// that takes it: one property per line, or with `as_json` one JSON object on a line. Throws c10::Error
/// naming the file if its kind is unknown or it is damaged.
std::string inspect(const std::string& file, bool as_json);

/// Encodes an image and a label with the weights before and after conversion, writes the weights atomically,
/// reads them back and compares. Returns one line with the largest difference of the (normalised) features.
/// Throws ValueError naming the option, c10::Error naming the file that is no CLIP or a tensor that does not
/// fit the dtype.
std::string convert_clip(const ConvertOptions& options);

}  // namespace mkt::formats

template <>
struct mkt::Names<mkt::formats::WeightType> {
  static constexpr NameTable<formats::WeightType, 4> kTable{{{formats::WeightType::kKeep, "keep"},
                                                             {formats::WeightType::kFp32, "fp32"},
                                                             {formats::WeightType::kFp16, "fp16"},
                                                             {formats::WeightType::kBf16, "bf16"}}};
};
