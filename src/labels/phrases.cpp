#include "labels/phrases.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "core/log.h"
#include "core/text.h"
#include "io/json.h"
#include "io/text_stream.h"
#include "mkt/text/tokenizer.h"

namespace mkt::labels {
namespace {

using nlohmann::json;

constexpr const char* kSentence = "{}";  // template for complete sentences

/// Reads a JSON list of non-blank texts; `where` is its location for error messages.
std::vector<std::string> texts_of(const json& value, const std::string& where) {
  const auto is_text = [](const json& text) {
    return text.is_string() && !trim(text.get_ref<const std::string&>()).empty();
  };
  TORCH_CHECK(value.is_array() && !value.empty() && std::all_of(value.begin(), value.end(), is_text), where,
              ": expected a list of texts, got ", io::json_text(value).substr(0, 80), ". Correct it.");
  return value.get<std::vector<std::string>>();
}

/// Reads a JSON object: label → list of texts.
Phrases::Texts texts_by_label(const json& value, const std::string& where) {
  TORCH_CHECK(value.is_object(), where, ": expected an object of labels, got ", value.type_name(),
              ". Correct it.");
  Phrases::Texts texts;
  for (const auto& [label, list] : value.items())
    texts[label] = texts_of(list, fmt::format("{}: '{}'", where, label));
  return texts;
}

/// Reads a JSON list of texts with exactly one {} each.
std::vector<std::string> templates_of(const json& value, const std::string& where) {
  std::vector<std::string> templates = texts_of(value, where);
  for (const std::string& text : templates) {
    const auto place = text.find("{}");
    TORCH_CHECK(place != std::string::npos && text.find("{}", place + 1) == std::string::npos, where,
                ": expected texts with exactly one {}, got '", text, "'. Correct it.");
  }
  return templates;
}

/// Texts to encode with one template, and the label index of each text.
struct Job {
  std::vector<std::string> texts;
  std::vector<std::int64_t> owners;

  void add(const std::vector<std::string>& more, std::size_t label) {
    texts.insert(texts.end(), more.begin(), more.end());
    owners.insert(owners.end(), more.size(), static_cast<std::int64_t>(label));
  }
};

/// Collects the texts of all labels. If `or_name` is true, a label without texts is its own text.
Job job_of(const Phrases::Texts& texts, const std::vector<std::string>& labels, bool or_name) {
  Job job;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto found = texts.find(labels[i]);
    if (found != texts.end()) {
      job.add(found->second, i);
    } else if (or_name) {
      job.add({labels[i]}, i);
    }
  }
  return job;
}

/// Logs labels in the phrases file that are not in the label list, because they may be misspelt.
void log_unused(const Phrases& phrases, const std::vector<std::string>& labels) {
  const std::set<std::string> asked(labels.begin(), labels.end());
  std::set<std::string> unused;
  for (const auto* texts : {&phrases.labels, &phrases.sentences}) {
    for (const auto& [label, list] : *texts) {
      if (asked.count(label) == 0) unused.insert(label);
    }
  }
  if (!unused.empty()) {
    log::info("the phrases file has labels that are not in the label list: {}, for example '{}'",
              unused.size(), *unused.begin());
  }
}

/// Averages features (n, D) per label as averaged_features() describes; row i belongs to label owners[i].
/// Returns (labels, D).
torch::Tensor averaged_by_owner(const torch::Tensor& features, const std::vector<std::int64_t>& owners,
                                std::int64_t labels) {
  const torch::Tensor owner = torch::tensor(owners, torch::kInt64).to(features.device());  // (n)
  const torch::Tensor lengths = features.norm(2, 1, /*keepdim=*/true);                     // (n, 1)
  const auto sum = [&](const torch::Tensor& values) {
    return torch::zeros({labels, values.size(1)}, values.options()).index_add_(0, owner, values);
  };
  const torch::Tensor counts = sum(torch::ones_like(lengths));  // (C, 1)
  const torch::Tensor directions = sum(features / lengths);     // (C, D)
  const torch::Tensor averaged =
      directions / directions.norm(2, 1, /*keepdim=*/true) * (sum(lengths) / counts);
  return torch::where(counts == 1, sum(features), averaged);  // keeps a single sentence's feature unchanged
}

}  // namespace

std::string phrases_path(const std::string& name, const std::string& merges) {
  if (name != kOpenAiTemplates) return name;
  const std::string beside = merges.empty() ? text::default_merges_path() : merges;
  const std::string path = (std::filesystem::path(beside).parent_path() / (name + ".json")).string();
  TORCH_CHECK(
      std::filesystem::exists(path), "phrases: expected OpenAI's templates in ", path,
      ", got no such file. Run scripts/setup.sh and configure the build again, or name a phrases file.");
  return path;
}

Phrases read_phrases(const std::string& path) {
  io::TextStream file(path);
  io::KeyWatch keys;
  const json parsed = json::parse(file, std::ref(keys), /*allow_exceptions=*/false);
  TORCH_CHECK(parsed.is_object(), path, ": expected a JSON object, got ",
              parsed.is_discarded() ? "no JSON" : parsed.type_name(), ". Correct the file.");
  TORCH_CHECK(keys.repeated().empty(), path, ": expected each key once, got '", keys.repeated(),
              "' again. Join the two.");
  Phrases phrases;
  for (const auto& [key, value] : parsed.items()) {
    const std::string where = fmt::format("{}: {}", path, key);
    if (key == "templates") {
      phrases.templates = templates_of(value, where);
    } else if (key == "labels") {
      phrases.labels = texts_by_label(value, where);
    } else if (key == "sentences") {
      phrases.sentences = texts_by_label(value, where);
    } else {
      TORCH_CHECK(false, path, ": expected the keys templates, labels and sentences, got '", key,
                  "'. Correct it.");
    }
  }
  return phrases;
}

torch::Tensor averaged_features(const Phrases& phrases, const std::string& prompt_template,
                                const std::vector<std::string>& labels, const EncodeTexts& encode) {
  const torch::NoGradGuard no_grad;
  log_unused(phrases, labels);
  std::vector<torch::Tensor> parts;
  std::vector<std::int64_t> owners;
  const auto run = [&](const std::string& around, const Job& job) {
    if (job.texts.empty()) return;
    parts.push_back(encode(around, job.texts));
    owners.insert(owners.end(), job.owners.begin(), job.owners.end());
  };
  const Job named = job_of(phrases.labels, labels, /*or_name=*/true);
  const bool own = phrases.templates.empty();
  for (const std::string& around : own ? std::vector<std::string>{prompt_template} : phrases.templates)
    run(around, named);
  run(kSentence, job_of(phrases.sentences, labels, /*or_name=*/false));

  return averaged_by_owner(torch::cat(parts), owners, static_cast<std::int64_t>(labels.size()));
}

}  // namespace mkt::labels
