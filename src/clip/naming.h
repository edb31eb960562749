#pragma once
// Naming schemes of CLIP's tensors, and conversion between them.

#include "mkt/torch.h"

#include <string>

#include "mkt/core/enum_names.h"
#include "mkt/weights/checkpoint.h"

namespace mkt::clip {

enum class Naming {
  kOpenAi,          ///< OpenAI's names, also those of open_clip's class CLIP
  kOpenClipCustom,  ///< open_clip's class CustomTextCLIP: prefix "text." for the text encoder
  kHuggingFace      ///< Hugging Face's CLIPModel
};

/// The naming scheme of a CLIP file's tensors.
Naming naming_of(const weights::TensorMap& tensors);

/// A description such as "OpenAI's and open_clip's names".
std::string naming_text(Naming naming);

/// `weights` (OpenAI's names) under other names. Values are unchanged and tensors may be views:
/// to_openai_names of the result restores them bit for bit. Throws c10::Error naming `file` and a tensor that
/// has no name in that scheme.
weights::TensorMap to_naming(const weights::TensorMap& weights, Naming naming, const std::string& file);

}  // namespace mkt::clip

template <>
struct mkt::Names<mkt::clip::Naming> {
  static constexpr NameTable<clip::Naming, 4> kTable{{{clip::Naming::kOpenAi, "openai"},
                                                      {clip::Naming::kOpenAi, "open-clip"},
                                                      {clip::Naming::kOpenClipCustom, "open-clip-custom"},
                                                      {clip::Naming::kHuggingFace, "hugging-face"}}};
};
