#pragma once
// Averages the features of several sentences per label (templates, synonyms, descriptions).

#include "mkt/torch.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace mkt::labels {

/// Sentences used to encode labels.
struct Phrases {
  using Texts = std::map<std::string, std::vector<std::string>>;  ///< label → list of texts

  std::vector<std::string> templates;  ///< each with one {}; empty: the prompt template alone
  Texts labels;     ///< texts that replace a label in the templates; a label without texts is not replaced
  Texts sentences;  ///< label → additional complete sentences
};

/// Name of the phrases file that set-up writes: the 80 templates of OpenAI's zero-shot classifiers.
inline constexpr const char* kOpenAiTemplates = "openai-80";

/// Returns the path of the phrases file `name`. kOpenAiTemplates lies in the folder of `merges`, or of the
/// default merges if that is empty; other names are paths. Throws c10::Error ("phrases: …") if
/// kOpenAiTemplates is absent.
std::string phrases_path(const std::string& name, const std::string& merges);

/// Reads a JSON object with "templates" (a list), "labels" and "sentences" (objects: label → list), each
/// optional. Throws c10::Error naming the file and the invalid value.
Phrases read_phrases(const std::string& path);

/// Inserts each of n texts into the template and encodes the results: (n, D).
using EncodeTexts =
    std::function<torch::Tensor(const std::string& prompt_template, const std::vector<std::string>& texts)>;

/// Computes label features (C, D). A label with one sentence gets that sentence's feature unchanged. A label
/// with several gets the direction of their mean L2-normalised feature (prompt ensembling: Radford et al.,
/// arXiv 2103.00020, section 3.1.4) and their mean length, because lengths affect MKT's scores.
torch::Tensor averaged_features(const Phrases& phrases, const std::string& prompt_template,
                                const std::vector<std::string>& labels, const EncodeTexts& encode);

}  // namespace mkt::labels
