#pragma once
// Who named a CLIP's tensors, and the same weights under another's names.

#include "mkt/torch.h"

#include <string>
#include <vector>

#include "mkt/weights/checkpoint.h"

namespace mkt::clip {

enum class Naming {
  kOpenAi,          ///< OpenAI's, which open_clip's class CLIP shares
  kOpenClipCustom,  ///< open_clip's class CustomTextCLIP: the text side behind "text."
  kHuggingFace      ///< Hugging Face's CLIPModel
};

/// Of the tensors of a CLIP, as a file has them.
Naming naming_of(const weights::TensorMap& tensors);

/// "OpenAI's and open_clip's names", …
std::string naming_text(Naming naming);

/// "openai", "open-clip", "open-clip-custom" or "hugging-face"; throws ValueError naming --to for others.
Naming parse_naming(const std::string& name);
std::vector<std::string> naming_choices();

/// `weights` (OpenAI's names) under other names; values untouched, tensors may be views: to_openai_names of
/// the result gives them back bit for bit. Throws c10::Error naming `file` and the tensor where one has no
/// place under those names.
weights::TensorMap to_naming(const weights::TensorMap& weights, Naming naming, const std::string& file);

}  // namespace mkt::clip
