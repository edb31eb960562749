#include <algorithm>
#include <array>
#include <iomanip>
#include <sstream>

#include "check/check.h"
#include "core/text.h"

namespace mkt::check {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kExamples = 3;
constexpr std::array<PictureState, 4> kFaulty = {PictureState::kMissing, PictureState::kBroken,
                                                 PictureState::kUnavailable, PictureState::kCutShort};

std::vector<std::string> names_of(const SplitQuality& split, PictureState state) {
  std::vector<std::string> names;
  for (const PictureFault& fault : split.faults) {
    if (fault.state == state) names.push_back(fault.name);
  }
  return names;
}

std::vector<std::string> without_pictures(const SplitQuality& split) {
  std::vector<std::string> labels;
  for (const LabelCount& one : split.labels) {
    if (one.images == 0) labels.push_back(one.label);
  }
  return labels;
}

ordered_json json_of(const SplitQuality& split) {
  ordered_json json = {{"pictures", split.pictures}};
  for (const PictureState state : kFaulty) json[state_name(state)] = names_of(split, state).size();
  json["unlabelled"] = split.unlabelled;
  json["repeated"] = split.repeated;
  json["labels_without_pictures"] = without_pictures(split);
  json["faults"] = ordered_json::array();
  for (const PictureFault& fault : split.faults) {
    ordered_json record = {{"name", fault.name}, {"state", state_name(fault.state)}};
    if (!fault.reason.empty()) record["reason"] = fault.reason;
    json["faults"].push_back(std::move(record));
  }
  json["labels"] = ordered_json::array();
  for (const LabelCount& one : split.labels)
    json["labels"].push_back(
        {{"label", one.label}, {"kind", one.unseen ? "unseen" : "seen"}, {"images", one.images}});
  return json;
}

/// "  missing 2: a.jpg, b.jpg" and the like, nothing where there are none.
std::string finding(const std::string& what, const std::vector<std::string>& examples) {
  if (examples.empty()) return "";
  return cat("  ", what, " ", examples.size(), ": ", join(examples, ", ", kExamples), "\n");
}

std::string text_of(const std::string& name, const SplitQuality& split) {
  std::string text = cat(name, ": ", split.pictures, " pictures, ", split.labels.size(), " labels\n");
  for (const PictureState state : kFaulty) {
    std::string what = state_name(state);
    std::replace(what.begin(), what.end(), '_', ' ');
    text += finding(what, names_of(split, state));
  }
  if (split.unlabelled > 0) text += cat("  without a label ", split.unlabelled, "\n");
  if (split.repeated > 0) text += cat("  same bytes as an earlier picture ", split.repeated, "\n");
  return text + finding("labels without a picture", without_pictures(split));
}

}  // namespace

ordered_json to_json(const DataQuality& quality) {
  ordered_json json = {{"sound", quality.sound()}};
  if (quality.train) json["train"] = json_of(*quality.train);
  if (quality.test) json["test"] = json_of(*quality.test);
  json["shared"] = ordered_json::array();
  for (const SharedContent& one : quality.shared)
    json["shared"].push_back({{"train", one.train}, {"test", one.test}});
  return json;
}

std::string to_text(const DataQuality& quality) {
  std::string text;
  if (quality.train) text += text_of("train", *quality.train);
  if (quality.test) text += text_of("test", *quality.test);
  std::vector<std::string> shared;
  for (const SharedContent& one : quality.shared)
    shared.push_back(cat(one.train.front(), " = ", one.test.front()));
  if (!shared.empty())
    text += cat("both to train and to test on, byte for byte: ", shared.size(), " (",
                join(shared, ", ", kExamples), ")\n");
  return text + (quality.sound() ? "every picture can be read\n"
                                 : "some pictures cannot be read: training would stop there\n");
}

}  // namespace mkt::check
