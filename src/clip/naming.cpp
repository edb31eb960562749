#include "clip/naming.h"

#include "clip/names.h"
#include "core/text.h"

namespace mkt::clip {
Naming naming_of(const weights::TensorMap& tensors) {
  if (weights::holds_prefix(tensors, "vision_model.") || weights::holds_prefix(tensors, "text_model.")) {
    return Naming::kHuggingFace;
  }
  return weights::holds_prefix(tensors, "text.") ? Naming::kOpenClipCustom : Naming::kOpenAi;
}

std::string naming_text(Naming naming) {
  if (naming == Naming::kHuggingFace) return "Hugging Face's names";
  return naming == Naming::kOpenClipCustom ? "open_clip's names for CustomTextCLIP"
                                           : "OpenAI's and open_clip's names";
}

weights::TensorMap to_naming(const weights::TensorMap& weights, Naming naming, const std::string& file) {
  if (naming == Naming::kHuggingFace) return to_hugging_face(weights, file);
  return naming == Naming::kOpenClipCustom ? with_text_prefix(weights) : weights;
}

}  // namespace mkt::clip
