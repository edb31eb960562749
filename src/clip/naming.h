#pragma once
// Naming schemes for CLIP tensors, and conversion between them.

#include "mkt/torch.h"

#include <string>

#include "mkt/core/enum_names.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::clip {

enum class Naming {
  kOpenAi,          ///< OpenAI's names, also used by open_clip's class CLIP
  kOpenClipCustom,  ///< open_clip's class CustomTextCLIP: prefix "text." for the text encoder
  kHuggingFace      ///< Hugging Face's CLIPModel
};

/// Detects the naming scheme of a CLIP file's tensors.
Naming naming_of(const weights::TensorMap& tensors);

/// Returns a description for messages, for example "OpenAI's and open_clip's names".
std::string naming_text(Naming naming);

/// Renames `weights` from OpenAI's names to `naming`. Values are unchanged, and tensors may be views;
/// to_openai_names() reverses the conversion bit for bit. Throws c10::Error that names `file` and a tensor
/// without a name in `naming`.
weights::TensorMap to_naming(const weights::TensorMap& weights, Naming naming, const std::string& file);

}  // namespace mkt::clip

template <>
struct mkt::Names<mkt::clip::Naming> {
  static constexpr NameTable<clip::Naming, 4> kTable{{{clip::Naming::kOpenAi, "openai"},
                                                      {clip::Naming::kOpenAi, "open-clip"},
                                                      {clip::Naming::kOpenClipCustom, "open-clip-custom"},
                                                      {clip::Naming::kHuggingFace, "hugging-face"}}};
};
