#include "clip/naming.h"

#include <array>
#include <utility>

#include "clip/names.h"
#include "core/text.h"

namespace mkt::clip {
namespace {

constexpr std::array<std::pair<const char*, Naming>, 4> kChoices{{
    {"openai", Naming::kOpenAi},
    {"open-clip", Naming::kOpenAi},
    {"open-clip-custom", Naming::kOpenClipCustom},
    {"hugging-face", Naming::kHuggingFace},
}};

}  // namespace

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

std::vector<std::string> naming_choices() {
  std::vector<std::string> names;
  for (const auto& [name, naming] : kChoices) names.emplace_back(name);
  return names;
}

Naming parse_naming(const std::string& name) {
  for (const auto& [choice, naming] : kChoices) {
    if (name == choice) return naming;
  }
  TORCH_CHECK_VALUE(false, "to: expected one of ", join(naming_choices(), ", "), "; got '", name, "'.");
}

weights::TensorMap to_naming(const weights::TensorMap& weights, Naming naming, const std::string& file) {
  if (naming == Naming::kHuggingFace) return to_hugging_face(weights, file);
  return naming == Naming::kOpenClipCustom ? with_text_prefix(weights) : weights;
}

}  // namespace mkt::clip
