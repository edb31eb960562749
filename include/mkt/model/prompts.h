#pragma once
// From label names to the token ids of sentences around them.

#include "mkt/torch.h"

#include <cstdint>
#include <string>
#include <vector>

#include "mkt/text/tokenizer.h"

namespace mkt::model {

/// A sentence around a label: "There is a {} in the scene".
class PromptTemplate {
 public:
  /// Throws ValueError naming --template where `text` does not hold exactly one {}.
  explicit PromptTemplate(const std::string& text);
  std::string fill(const std::string& label) const { return before_ + label + after_; }
  const std::string& before() const { return before_; }

 private:
  std::string before_;
  std::string after_;
};

/// Labels as the text encoder takes them.
struct Prompts {
  torch::Tensor ids;          // (C, context) int64
  torch::Tensor label_start;  // (C) int64, position of the label's first token
  torch::Tensor label_end;    // (C) int64, one past its last
};

/// Tokenizes the filled template for each label. A prompt longer than `context` loses its end, which is
/// logged.
Prompts make_prompts(const std::vector<std::string>& labels, const PromptTemplate& prompt_template,
                     const text::Tokenizer& tokenizer, std::int64_t context);

}  // namespace mkt::model
