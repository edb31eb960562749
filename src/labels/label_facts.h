#pragma once
// Facts about a file of label features: what it was made from. They lie in a JSON file beside it, because the
// features themselves keep the format of the Python original, a bare tensor.

#include "mkt/torch.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace mkt::labels {

/// Inputs that label features were computed from.
struct LabelFacts {
  std::vector<std::string> labels;  ///< in the order of the features
  std::string text_sha256;          ///< text_side_digest()
  std::string prompt_template;      ///< sentence with {} in place of the label
  nlohmann::json phrases;           ///< contents of the phrases file; null without one
};

/// Path of the facts about the features in the file `features`: label_emb.json for label_emb.pt.
std::string label_facts_path(const std::string& features);

/// Reads a phrases file for LabelFacts; null if `path` is empty. Throws c10::Error naming the file.
nlohmann::json phrases_content(const std::string& path);

/// Writes the facts about `features`, which were written to the file `path`, atomically. The facts hold the
/// digest of the features. Does nothing if `path` is not a regular file.
void write_label_facts(const std::string& path, const torch::Tensor& features, const LabelFacts& facts);

/// Reads the facts about `features`, as read from the file `path`; nullopt if label_facts_path(path) does not
/// exist. Throws c10::Error naming the file if the facts are damaged or belong to other features.
std::optional<LabelFacts> read_label_facts(const std::string& path, const torch::Tensor& features);

/// Throws unless features with the facts `found` in the file `path` are those of `expected`, whose text
/// encoder was read from `weights_file`: ValueError naming template or phrases, or c10::Error naming `path`
/// and the first label that differs, or the weights.
void check_label_facts(const std::string& path, const LabelFacts& found, const LabelFacts& expected,
                       const std::string& weights_file);

}  // namespace mkt::labels
