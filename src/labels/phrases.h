#pragma once
// Several sentences per label (templates, synonyms, descriptions), whose features are averaged.

#include "mkt/torch.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace mkt::labels {

/// The sentences of labels.
struct Phrases {
  using Texts = std::map<std::string, std::vector<std::string>>;  ///< lists of texts by label

  std::vector<std::string> templates;  ///< each with one {}; empty: the prompt template alone
  Texts labels;     ///< texts that replace a label in the templates; a label without texts is not replaced
  Texts sentences;  ///< further whole sentences about a label
};

/// Reads a JSON object with "templates" (a list), "labels" and "sentences" (objects: label → list), each of
/// them optional. Throws c10::Error naming the file and the value that does not fit.
Phrases read_phrases(const std::string& path);

/// Encodes a template filled with each of n texts: (n, D).
using EncodeTexts =
    std::function<torch::Tensor(const std::string& prompt_template, const std::vector<std::string>& texts)>;

/// Features of labels, (C, D). A label with one sentence has that sentence's own feature; a label with
/// several has the direction of the mean of their L2-normalised features (prompt ensembling: Radford et al.,
/// arXiv 2103.00020, section 3.1.4) and the mean of their lengths, because lengths enter MKT's scores.
torch::Tensor averaged_features(const Phrases& phrases, const std::string& prompt_template,
                                const std::vector<std::string>& labels, const EncodeTexts& encode);

}  // namespace mkt::labels
