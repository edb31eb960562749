#include "mkt/model/prompts.h"

#include <algorithm>

#include "core/log.h"
#include "core/utf8.h"

namespace mkt::model {

PromptTemplate::PromptTemplate(const std::string& text) {
  const auto place = text.find("{}");
  TORCH_CHECK_VALUE(place != std::string::npos && text.find("{}", place + 1) == std::string::npos,
                    "template: expected a text with exactly one {}, got '", text, "'.");
  TORCH_CHECK_VALUE(is_utf8(text), "template: expected UTF-8, got other bytes in '", text, "'.");
  before_ = text.substr(0, place);
  after_ = text.substr(place + 2);
}

Prompts make_prompts(const std::vector<std::string>& labels, const PromptTemplate& prompt_template,
                     const text::Tokenizer& tokenizer, std::int64_t context) {
  const auto start = 1 + static_cast<std::int64_t>(tokenizer.encode(prompt_template.before()).size());
  std::vector<std::string> texts;
  std::vector<std::int64_t> starts;
  std::vector<std::int64_t> ends;
  for (const std::string& label : labels) {
    texts.push_back(prompt_template.fill(label));
    const auto tokens = static_cast<std::int64_t>(tokenizer.encode(texts.back()).size());
    if (tokens + 2 > context) {
      log::warning("label '{}': expected a prompt of at most {} tokens, got {}. The end is cut off.", label,
                   context, tokens + 2);
    }
    const auto label_tokens = static_cast<std::int64_t>(tokenizer.encode(label).size());
    starts.push_back(std::min(start, context - 1));
    ends.push_back(std::min(start + label_tokens, context - 1));
  }
  return {tokenizer.tokenize(texts, context), torch::tensor(starts, torch::kInt64),
          torch::tensor(ends, torch::kInt64)};
}

}  // namespace mkt::model
