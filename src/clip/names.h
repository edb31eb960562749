#pragma once
// Other people's names for CLIP's tensors.

#include <string>

#include "mkt/weights/checkpoint.h"

namespace mkt::clip {

/// Hugging Face's CLIPModel: q, k, v apart, projections transposed. `file` is for messages.
weights::TensorMap from_hugging_face(const weights::TensorMap& tensors, const std::string& file);

/// The way back. Throws c10::Error naming `file` and the tensor that CLIPModel has no place for.
weights::TensorMap to_hugging_face(const weights::TensorMap& tensors, const std::string& file);

/// open_clip's CustomTextCLIP: the text side's names behind "text.".
weights::TensorMap without_text_prefix(const weights::TensorMap& tensors);
/// The way back.
weights::TensorMap with_text_prefix(const weights::TensorMap& tensors);

}  // namespace mkt::clip
