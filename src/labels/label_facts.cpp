#include "labels/label_facts.h"

#include <algorithm>
#include <filesystem>

#include "io/json.h"
#include "io/text_stream.h"
#include "lists/label_list.h"
#include "weights/digest.h"

namespace mkt::labels {
namespace {

using nlohmann::json;

constexpr const char* kAgain = " Write it again with prepare label-emb.";

bool is_complete(const json& content) {
  const auto is_text = [&](const char* name) { return content.contains(name) && content[name].is_string(); };
  const auto all_texts = [](const json& list) {
    return list.is_array() &&
           std::all_of(list.begin(), list.end(), [](const json& v) { return v.is_string(); });
  };
  return content.is_object() && is_text("template") && is_text("text_sha256") && is_text("features_sha256") &&
         content.contains("labels") && all_texts(content["labels"]);
}

void check_labels(const std::string& path, const std::vector<std::string>& found,
                  const std::vector<std::string>& expected) {
  const auto difference = data::first_difference(expected, found);
  TORCH_CHECK(!difference, path, ": expected the features of ", difference->expected, " as number ",
              difference->number, ", as the label lists have it, got ", difference->found, ".", kAgain);
}

}  // namespace

std::string label_facts_path(const std::string& features) {
  std::filesystem::path path(features);
  if (path.extension() == ".json") return features + ".json";
  return path.replace_extension(".json").string();
}

json phrases_content(const std::string& path) {
  if (path.empty()) return {};
  io::TextStream file(path);
  const json content = json::parse(file, nullptr, /*allow_exceptions=*/false);
  TORCH_CHECK(content.is_object(), path, ": expected a JSON object, got something else. Correct the file.");
  return content;
}

void write_label_facts(const std::string& path, const torch::Tensor& features, const LabelFacts& facts) {
  std::error_code none;
  if (!std::filesystem::is_regular_file(path, none)) return;  // a pipe has no file beside it
  io::write_json(label_facts_path(path), {{"labels", facts.labels},
                                          {"template", facts.prompt_template},
                                          {"phrases", facts.phrases},
                                          {"text_sha256", facts.text_sha256},
                                          {"features_sha256", weights::digest(features)}});
}

std::optional<LabelFacts> read_label_facts(const std::string& path, const torch::Tensor& features) {
  const std::string file = label_facts_path(path);
  if (!std::filesystem::exists(file)) return std::nullopt;
  const json content = io::read_json(file).value_or(nullptr);
  TORCH_CHECK(is_complete(content), file, ": expected facts about the label features in ", path,
              ", got another file.", kAgain);
  TORCH_CHECK(content["features_sha256"] == weights::digest(features), path, ": expected the features that ",
              file, " describes, got others.", kAgain, " If they come from elsewhere, remove ", file, ".");
  return LabelFacts{content["labels"], content["text_sha256"], content["template"],
                    content.value("phrases", json())};
}

void check_label_facts(const std::string& path, const LabelFacts& found, const LabelFacts& expected,
                       const std::string& weights_file) {
  check_labels(path, found.labels, expected.labels);
  TORCH_CHECK(found.text_sha256 == expected.text_sha256, path, ": expected features of the text encoder in ",
              weights_file, ", got those of other weights.", kAgain);
  TORCH_CHECK_VALUE(found.prompt_template == expected.prompt_template, "template: expected '",
                    found.prompt_template, "', which the features in ", path, " were made with, got '",
                    expected.prompt_template,
                    "'. Use the former, or write the file again with prepare label-emb.");
  TORCH_CHECK_VALUE(found.phrases == expected.phrases, "phrases: expected ",
                    found.phrases.is_null() ? "none" : "those", ", as the features in ", path,
                    " were made with, got ", expected.phrases.is_null() ? "none" : "others",
                    ". Use the former, or write the file again with prepare label-emb.");
}

}  // namespace mkt::labels
