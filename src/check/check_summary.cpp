#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "check/check.h"
#include "core/text.h"

namespace mkt::check {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kExamples = 3;
constexpr std::array<ImageState, 4> kFaulty = {ImageState::kMissing, ImageState::kBroken,
                                               ImageState::kUnavailable, ImageState::kCutShort};

std::vector<std::string> names_of(const SplitQuality& split, ImageState state) {
  std::vector<std::string> names;
  for (const ImageFault& fault : split.faults) {
    if (fault.state == state) names.push_back(fault.name);
  }
  return names;
}

std::vector<std::string> without_images(const SplitQuality& split) {
  std::vector<std::string> labels;
  for (const LabelCount& one : split.labels) {
    if (one.images == 0) labels.push_back(one.label);
  }
  return labels;
}

ordered_json json_of(const SplitQuality& split) {
  ordered_json json = {{"pictures", split.images}};
  for (const ImageState state : kFaulty) json[enum_name(state)] = names_of(split, state).size();
  json["unlabelled"] = split.unlabelled;
  json["repeated"] = split.repeated;
  json["labels_without_pictures"] = without_images(split);
  json["faults"] = ordered_json::array();
  for (const ImageFault& fault : split.faults) {
    ordered_json record = {{"name", fault.name}, {"state", enum_name(fault.state)}};
    if (!fault.reason.empty()) record["reason"] = fault.reason;
    json["faults"].push_back(std::move(record));
  }
  json["labels"] = ordered_json::array();
  for (const LabelCount& one : split.labels) {
    json["labels"].push_back(
        {{"label", one.label}, {"kind", one.unseen ? "unseen" : "seen"}, {"images", one.images}});
    if (!one.id.empty()) json["labels"].back()["id"] = one.id;
  }
  return json;
}

/// Formats a line such as "  missing 2: a.jpg, b.jpg"; returns "" if there are no examples.
std::string finding(const std::string& what, const std::vector<std::string>& examples) {
  if (examples.empty()) return "";
  return fmt::format("  {} {}: {}\n", what, examples.size(), join(examples, ", ", kExamples));
}

std::string text_of(const std::string& name, const SplitQuality& split) {
  std::string text = fmt::format("{}: {} images, {} labels\n", name, split.images, split.labels.size());
  for (const ImageState state : kFaulty) {
    std::string what = enum_name(state);
    std::replace(what.begin(), what.end(), '_', ' ');
    text += finding(what, names_of(split, state));
  }
  if (split.unlabelled > 0) text += fmt::format("  without a label {}\n", split.unlabelled);
  if (split.repeated > 0) text += fmt::format("  same bytes as an earlier image {}\n", split.repeated);
  return text + finding("labels without an image", without_images(split));
}

}  // namespace

ordered_json to_json(const DataQuality& quality) {
  ordered_json json = {{"sound", quality.sound()}};
  if (quality.train) json["train"] = json_of(*quality.train);
  if (quality.test) json["test"] = json_of(*quality.test);
  json["shared"] = ordered_json::array();
  for (const SharedContent& one : quality.shared)
    json["shared"].push_back({{"train", one.train}, {"test", one.test}});
  if (quality.fingerprint) json["positives_per_image"] = to_json(*quality.fingerprint);
  return json;
}

std::string to_text(const DataQuality& quality) {
  std::string text;
  if (quality.train) text += text_of("train", *quality.train);
  if (quality.test) text += text_of("test", *quality.test);
  if (quality.fingerprint) text += to_text(*quality.fingerprint);
  std::vector<std::string> shared;
  for (const SharedContent& one : quality.shared)
    shared.push_back(one.train.front() + " = " + one.test.front());
  if (!shared.empty())
    text += fmt::format("in both training and test, byte for byte: {} ({})\n", shared.size(),
                        join(shared, ", ", kExamples));
  return text + (quality.sound() ? "all images can be read\n"
                                 : "some images cannot be read: training would stop at them\n");
}

}  // namespace mkt::check
