#pragma once
// prepare inspect and prepare convert: what a file is, and CLIP weights from one format to another.

#include <string>

namespace mkt::formats {

struct InspectOptions {
  std::string file;  ///< or a folder
  bool json = false;
};

struct ConvertOptions {
  std::string input;
  std::string output;          ///< .pt and .pth: a plain state dict; .safetensors
  std::string to = "openai";   ///< whose names: clip::naming_choices()
  std::string dtype = "keep";  ///< keep, fp32, fp16 or bf16; of floating-point tensors
  std::string bpe_path;        ///< empty: beside the executables
};

/// What a file is, its sizes, dtypes, number of tensors and bytes, and which flag takes it: lines for a
/// person or one JSON object. Throws c10::Error naming the file where it is nothing known, or not whole.
std::string inspect(const InspectOptions& options);

/// Writes the weights anew, atomically, after encoding a picture and a label with both; reads them back and
/// compares. Returns one line with the largest difference of the (normalised) features. Throws ValueError
/// naming the flag, c10::Error naming the file that is no CLIP or a tensor that does not fit the dtype.
std::string convert_clip(const ConvertOptions& options);

}  // namespace mkt::formats
