#pragma once
// Safetensors files. Source: https://huggingface.co/docs/safetensors, "Format".

#include <map>
#include <string>

#include "io/bytes.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::weights {

struct Safetensors {
  TensorMap tensors;                            ///< names as in the file
  std::map<std::string, std::string> metadata;  ///< the header's "__metadata__"
};

/// Tensors view a private mapping of the file where aligned. Throws c10::Error naming the file where it is
/// not well-formed: offsets outside the file, overlapping, with gaps, or not what dtype and shape ask for.
Safetensors load_safetensors(const std::string& path);
/// The same from bytes already in memory; `path` is for messages.
Safetensors parse_safetensors(const std::string& path, const io::SharedBytes& file);

/// Atomic (write_atomically); same tensors and metadata, same bytes. Data begin at a multiple of 64 bytes.
void save_safetensors(const std::string& path, const TensorMap& tensors,
                      const std::map<std::string, std::string>& metadata = {});

}  // namespace mkt::weights
