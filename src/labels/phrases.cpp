#include "labels/phrases.h"
#include "io/json.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "core/log.h"
#include "core/text.h"

namespace mkt::labels {
namespace {

using nlohmann::json;

constexpr const char* kWhole = "{}";  // the template of a whole sentence

std::vector<std::string> texts_of(const json& value, const std::string& where) {
  const auto is_text = [](const json& text) {
    return text.is_string() && !trim(text.get_ref<const std::string&>()).empty();
  };
  TORCH_CHECK(value.is_array() && !value.empty() && std::all_of(value.begin(), value.end(), is_text), where,
              ": expected a list of texts, got ", io::json_text(value).substr(0, 80), ". Correct it.");
  return value.get<std::vector<std::string>>();
}

Phrases::Texts texts_by_label(const json& value, const std::string& where) {
  TORCH_CHECK(value.is_object(), where, ": expected an object of labels, got ", value.type_name(),
              ". Correct it.");
  Phrases::Texts texts;
  for (const auto& [label, list] : value.items())
    texts[label] = texts_of(list, fmt::format("{}: '{}'", where, label));
  return texts;
}

/// Texts for one template, with the index of each text's label.
struct Job {
  std::vector<std::string> texts;
  std::vector<std::int64_t> owners;

  void add(const std::vector<std::string>& more, std::size_t label) {
    texts.insert(texts.end(), more.begin(), more.end());
    owners.insert(owners.end(), more.size(), static_cast<std::int64_t>(label));
  }
};

/// The texts of each label; a label without texts stands for itself if `or_name`.
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

/// Logs labels of the file that are not in the list: they may be misspelt.
void log_unused(const Phrases& phrases, const std::vector<std::string>& labels) {
  const std::set<std::string> asked(labels.begin(), labels.end());
  std::set<std::string> unused;
  for (const auto* texts : {&phrases.labels, &phrases.sentences}) {
    for (const auto& [label, list] : *texts) {
      if (asked.count(label) == 0) unused.insert(label);
    }
  }
  if (!unused.empty()) {
    log::info("phrases: {} labels of the file are not used, the first is '{}'", unused.size(),
              *unused.begin());
  }
}

}  // namespace

Phrases read_phrases(const std::string& path) {
  std::ifstream file(path);
  TORCH_CHECK(file.good(), path, ": cannot be read. Check that the file exists and is readable.");
  const json parsed = json::parse(file, nullptr, /*allow_exceptions=*/false);
  TORCH_CHECK(parsed.is_object(), path, ": expected a JSON object, got ",
              parsed.is_discarded() ? "no JSON" : parsed.type_name(), ". Correct the file.");
  Phrases phrases;
  for (const auto& [key, value] : parsed.items()) {
    const std::string where = fmt::format("{}: {}", path, key);
    if (key == "templates") {
      phrases.templates = texts_of(value, where);
      for (const std::string& text : phrases.templates) {
        const auto place = text.find("{}");
        TORCH_CHECK(place != std::string::npos && text.find("{}", place + 1) == std::string::npos, where,
                    ": expected texts with exactly one {}, got '", text, "'. Correct it.");
      }
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
  run(kWhole, job_of(phrases.sentences, labels, /*or_name=*/false));

  const torch::Tensor features = torch::cat(parts);                                        // (n, D)
  const torch::Tensor owner = torch::tensor(owners, torch::kInt64).to(features.device());  // (n)
  const torch::Tensor lengths = features.norm(2, 1, /*keepdim=*/true);                     // (n, 1)
  const auto sum = [&](const torch::Tensor& values) {
    return torch::zeros({static_cast<std::int64_t>(labels.size()), values.size(1)}, values.options())
        .index_add_(0, owner, values);
  };
  const torch::Tensor counts = sum(torch::ones_like(lengths));  // (C, 1)
  const torch::Tensor directions = sum(features / lengths);
  const torch::Tensor averaged =
      directions / directions.norm(2, 1, /*keepdim=*/true) * (sum(lengths) / counts);
  return torch::where(counts == 1, sum(features), averaged);  // a sum of one is that one
}

}  // namespace mkt::labels
