#pragma once
// Several sentences a label, whose features are averaged: templates, synonyms, descriptions.

#include "mkt/torch.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace mkt::labels {

struct Phrases {
  using Texts = std::map<std::string, std::vector<std::string>>;  // by label

  std::vector<std::string> templates;  ///< each with one {}; empty: --template alone
  Texts labels;     ///< what stands in the templates for a label; others stand for themselves
  Texts sentences;  ///< whole sentences about a label, besides
};

/// A JSON object of "templates" (a list), "labels" and "sentences" (objects: label → list), each of which may
/// be missing. Throws c10::Error naming the file and what does not fit.
Phrases read_phrases(const std::string& path);

/// Gives the features (n, D) of a template filled with each of n texts.
using EncodeTexts =
    std::function<torch::Tensor(const std::string& prompt_template, const std::vector<std::string>& texts)>;

/// Features of labels, (C, D). A label with one sentence has that sentence's own feature; one with several
/// has the direction of the mean of their L2-normalised features (prompt ensembling: Radford et al., arXiv
/// 2103.00020, section 3.1.4), at the mean of their lengths, as lengths take part in MKT's scores.
torch::Tensor averaged_features(const Phrases& phrases, const std::string& prompt_template,
                                const std::vector<std::string>& labels, const EncodeTexts& encode);

}  // namespace mkt::labels
