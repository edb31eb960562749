#include "artifact/threshold_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "io/text_stream.h"

namespace mkt::artifact {
namespace {

using nlohmann::ordered_json;

ordered_json parse_file(const std::string& path) {
  io::TextStream file(path);
  ordered_json content = ordered_json::parse(file, nullptr, /*allow_exceptions=*/false);
  const auto has = [&](const char* name, auto is_right) {
    return content.contains(name) && is_right(content[name]);
  };
  const auto is_list = [](const ordered_json& value) { return value.is_array() && !value.empty(); };
  const auto is_text = [](const ordered_json& value) { return value.is_string(); };
  const auto all_numbers = [](const ordered_json& value) {
    return value.is_array() &&
           std::all_of(value.begin(), value.end(), [](const auto& v) { return v.is_number(); });
  };
  const bool complete = content.is_object() && has("labels", is_list) && has("thresholds", all_numbers) &&
                        has("score", is_text) && has("template", is_text) &&
                        has("topk", [](const ordered_json& value) { return value.is_number_integer(); }) &&
                        std::all_of(content["labels"].begin(), content["labels"].end(), is_text) &&
                        content["labels"].size() == content["thresholds"].size();
  TORCH_CHECK(complete, path,
              ": expected thresholds fitted by eval, got another file. Fit some with eval, or name another.");
  return content;
}

template <typename Value>
void check_same(const char* name, const Value& fitted, const Value& given, const std::string& path) {
  TORCH_CHECK_VALUE(fitted == given, name, ": expected ", fitted, ", which the thresholds of ", path,
                    " were fitted to, got ", given, ". Use ", fitted,
                    " (for an exported model: in prepare export), or fit other thresholds.");
}

void check_labels(const std::vector<std::string>& fitted, const std::vector<std::string>& given,
                  const std::string& path) {
  const auto [theirs, ours] = std::mismatch(fitted.begin(), fitted.end(), given.begin(), given.end());
  const auto shown = [](const auto& place, const std::vector<std::string>& labels) {
    return place == labels.end() ? std::string("no further label") : "'" + *place + "'";
  };
  TORCH_CHECK(
      theirs == fitted.end() && ours == given.end(), path, ": expected thresholds for the labels given, ",
      shown(ours, given), " as number ", ours - given.begin() + 1, ", got ", shown(theirs, fitted),
      ". Use the labels that the thresholds were fitted to, in the same order, or fit other thresholds.");
}

}  // namespace

torch::Tensor load_thresholds(const std::string& path, const std::vector<std::string>& labels,
                              const ThresholdScores& scores) {
  const ordered_json json = parse_file(path);
  check_labels(json["labels"].get<std::vector<std::string>>(), labels, path);
  check_same("score", json["score"].get<std::string>(), enum_name(scores.kind), path);
  check_same("topk", json["topk"].get<std::int64_t>(), scores.topk, path);
  check_same("template", json["template"].get<std::string>(), scores.prompt_template, path);
  return torch::tensor(json["thresholds"].get<std::vector<double>>(), torch::kFloat64);
}

}  // namespace mkt::artifact
