#pragma once
// Reads and writes safetensors files. Source: https://huggingface.co/docs/safetensors, "Format".

#include <map>
#include <string>

#include "io/bytes.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::weights {

/// The contents of a safetensors file.
struct Safetensors {
  TensorMap tensors;                            ///< tensors by their names in the file
  std::map<std::string, std::string> metadata;  ///< "__metadata__" in the header
};

/// Reads a file. Tensors that are stored aligned are views of a private memory mapping. Throws c10::Error
/// that names the file if it is malformed, for example if tensors overlap, leave gaps or extend past the
/// file's end, or if offsets are inconsistent with dtype and shape.
Safetensors load_safetensors(const std::string& path);
/// Parses a file in memory; `path` is its name in error messages.
Safetensors parse_safetensors(const std::string& path, const io::SharedBytes& file);

/// Writes a file atomically. Equal tensors and metadata give equal bytes. The data section starts at a
/// multiple of 64 bytes.
void save_safetensors(const std::string& path, const TensorMap& tensors,
                      const std::map<std::string, std::string>& metadata = {});

}  // namespace mkt::weights
