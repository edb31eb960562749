#pragma once
// Makes prompts: inserts labels into a template sentence and tokenizes it.

#include "mkt/torch.h"

#include <cstdint>
#include <string>
#include <vector>

#include "mkt/text/tokenizer.h"

namespace mkt::model {

/// Default prompt template for CLIP's text encoder; the published label features use it.
inline constexpr const char* kDefaultTemplate = "There is a {} in the scene";

/// A sentence with the placeholder {} for the label: "There is a {} in the scene".
class PromptTemplate {
 public:
  /// Throws ValueError ("template: …") if `text` does not contain exactly one {} or is not UTF-8.
  explicit PromptTemplate(const std::string& text);
  std::string fill(const std::string& label) const { return before_ + label + after_; }
  const std::string& before() const { return before_; }

 private:
  std::string before_;
  std::string after_;
};

/// Tokenized prompts, the text encoder's input.
struct Prompts {
  torch::Tensor ids;          // (C, context) int64
  torch::Tensor label_start;  // (C) int64, position of the label's first token
  torch::Tensor label_end;    // (C) int64, position after the label's last token
};

/// Tokenizes the filled template for each label. Truncates prompts longer than `context` and logs a warning.
Prompts make_prompts(const std::vector<std::string>& labels, const PromptTemplate& prompt_template,
                     const text::Tokenizer& tokenizer, std::int64_t context);

}  // namespace mkt::model
