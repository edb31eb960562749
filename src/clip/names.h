#pragma once
// Other people's names for CLIP's tensors.

#include <string>

#include "mkt/weights/checkpoint.h"

namespace mkt::clip {

/// Hugging Face's CLIPModel: q, k, v apart, projections transposed. `file` is for messages.
io::TensorMap from_hugging_face(const io::TensorMap& tensors, const std::string& file);

/// The way back. Throws c10::Error naming `file` and the tensor that CLIPModel has no place for.
io::TensorMap to_hugging_face(const io::TensorMap& tensors, const std::string& file);

/// open_clip's CustomTextCLIP: the text side's names behind "text.".
io::TensorMap without_text_prefix(const io::TensorMap& tensors);
/// The way back.
io::TensorMap with_text_prefix(const io::TensorMap& tensors);

}  // namespace mkt::clip
