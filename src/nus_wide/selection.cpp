#include "nus_wide/selection.h"

#include <c10/util/Exception.h>

#include <algorithm>

#include "core/text.h"
#include "io/sha256.h"

namespace mkt::nus_wide {
namespace {

constexpr std::size_t kExamples = 3;

Rule rule_of(Fault fault, const NusWideImportOptions& options) {
  switch (fault) {
    case Fault::kMissing:
      return options.missing;
    case Fault::kBroken:
      return options.broken;
    case Fault::kUnavailable:
      return options.unavailable;
    case Fault::kCutShort:
      return options.cut_short;
    case Fault::kUnlabelled:
      break;
  }
  return options.unlabelled;
}

bool has_label(const LabelTable& table, std::size_t row) {
  const std::int8_t* labels = table.row(row);
  return std::any_of(labels, labels + table.columns, [](std::int8_t label) { return label == 1; });
}

class Selector {
 public:
  Selector(const RawSplit& split, const NusWideImportOptions& options) : split_(split), options_(options) {
    for (const std::string& path : options.unavailable_like) unavailable_.insert(io::sha256_file(path));
  }

  bool has(Fault fault, std::size_t row, const check::ImageFacts& facts) const {
    switch (fault) {
      case Fault::kMissing:
        return facts.state == check::ImageState::kMissing;
      case Fault::kBroken:
        return facts.state == check::ImageState::kBroken;
      case Fault::kUnavailable:
        return facts.state == check::ImageState::kUnavailable || unavailable_.count(facts.sha256) > 0;
      case Fault::kCutShort:
        return facts.state == check::ImageState::kCutShort;
      case Fault::kUnlabelled:
        break;
    }
    return !has_label(split_.seen, row) && !has_label(split_.unseen, row);
  }

  Selection run(data::Split which, const std::vector<check::ImageFacts>& facts) const {
    Selection selection;
    for (std::size_t row = 0; row < split_.images.size(); ++row) {
      bool kept = true;
      for (const Fault fault : kFaults) {
        if (!has(fault, row, facts[row])) continue;
        FaultCount& count = selection.counts[static_cast<std::size_t>(fault)];
        ++count.found;
        if (!kept || rule_of(fault, options_) != Rule::kDrop) continue;
        kept = false;
        ++count.left_out;
        nlohmann::ordered_json record = {
            {"name", split_.images[row].name()}, {"split", enum_name(which)}, {"rule", enum_name(fault)}};
        if (!facts[row].reason.empty()) record["reason"] = facts[row].reason;
        selection.left_out.push_back(std::move(record));
      }
      if (kept) selection.kept.push_back(row);
    }
    return selection;
  }

  void refuse_errors(const std::vector<check::ImageFacts>& facts) const {
    for (const Fault fault : kFaults) {
      if (rule_of(fault, options_) != Rule::kError) continue;
      std::vector<std::string> names;
      for (std::size_t row = 0; row < split_.images.size(); ++row) {
        if (has(fault, row, facts[row])) names.push_back(split_.images[row].name());
      }
      std::string option = enum_name(fault);
      std::replace(option.begin(), option.end(), '_', '-');
      TORCH_CHECK(names.empty(), option, ": expected no such image, got ", names.size(), " of ",
                  split_.images.size(), ": ", join(names, ", ", kExamples), ". Correct them, or drop them.");
    }
  }

 private:
  const RawSplit& split_;
  const NusWideImportOptions& options_;
  std::unordered_set<std::string> unavailable_;
};

}  // namespace

Selection select(const RawSplit& split, data::Split which, const std::vector<check::ImageFacts>& facts,
                 const NusWideImportOptions& options) {
  const Selector selector(split, options);
  selector.refuse_errors(facts);
  Selection selection = selector.run(which, facts);
  const auto missing = selection.counts[static_cast<std::size_t>(Fault::kMissing)].found;
  TORCH_CHECK(!selection.kept.empty(), "pictures: expected images of ", options.raw, " for ",
              which == data::Split::kTrain ? "training" : "test", ", got none of ", split.images.size(), " (",
              missing, " missing). Check the image folder.");
  return selection;
}

}  // namespace mkt::nus_wide
