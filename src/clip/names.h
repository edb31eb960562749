#pragma once
// Converts between OpenAI's names of CLIP's tensors and those of other projects.

#include <string>

#include "mkt/weights/checkpoint.h"

namespace mkt::clip {

/// From the names of Hugging Face's CLIPModel, which stores q, k and v separately and projections transposed.
/// `file` is for messages.
weights::TensorMap from_hugging_face(const weights::TensorMap& tensors, const std::string& file);

/// To the names of Hugging Face's CLIPModel. Throws c10::Error naming `file` and a tensor that CLIPModel does
/// not have.
weights::TensorMap to_hugging_face(const weights::TensorMap& tensors, const std::string& file);

/// From the names of open_clip's CustomTextCLIP, which prefixes those of the text encoder with "text.".
weights::TensorMap without_text_prefix(const weights::TensorMap& tensors);
/// To the names of open_clip's CustomTextCLIP.
weights::TensorMap with_text_prefix(const weights::TensorMap& tensors);

}  // namespace mkt::clip
