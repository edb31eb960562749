#pragma once
// Converts CLIP tensor names between OpenAI's scheme and those of other projects.

#include <string>

#include "mkt/weights/checkpoint.h"

namespace mkt::clip {

/// Converts from the names of Hugging Face's CLIPModel, which stores q, k and v separately and projections
/// transposed. Error messages contain `file`.
weights::TensorMap from_hugging_face(const weights::TensorMap& tensors, const std::string& file);

/// Converts to the names of Hugging Face's CLIPModel. Throws c10::Error that names `file` and a tensor that
/// CLIPModel does not have.
weights::TensorMap to_hugging_face(const weights::TensorMap& tensors, const std::string& file);

/// Converts from the names of open_clip's CustomTextCLIP: removes the prefix "text." from text-encoder
/// tensors.
weights::TensorMap without_text_prefix(const weights::TensorMap& tensors);
/// Converts to the names of open_clip's CustomTextCLIP: adds the prefix "text." to text-encoder tensors.
weights::TensorMap with_text_prefix(const weights::TensorMap& tensors);

}  // namespace mkt::clip
