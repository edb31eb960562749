#include "check/check.h"
#include "io/json.h"

#include <filesystem>
#include <map>
#include <unordered_set>

#include "core/log.h"
#include "core/stopwatch.h"
#include "core/text.h"
#include "io/atomic_file.h"
#include "io/file_checks.h"
#include "mkt/data/open_dataset.h"
#include "mkt/torch.h"

namespace mkt::check {
namespace {

namespace fs = std::filesystem;

using Facts = std::vector<PictureFacts>;

SplitQuality quality_of(const data::Dataset& set, const Facts& facts) {
  SplitQuality quality;
  quality.pictures = static_cast<std::int64_t>(set.names.size());
  std::unordered_set<std::string> contents;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (facts[i].state != PictureState::kWhole)
      quality.faults.push_back({set.names[i], facts[i].state, facts[i].reason});
    if (!facts[i].sha256.empty() && !contents.insert(facts[i].sha256).second) ++quality.repeated;
  }
  const torch::Tensor images = set.labels.count(1);  // (C)
  quality.unlabelled = quality.pictures - set.labels.rows_with(1);
  const std::vector<std::string> labels = data::all_labels(set);
  for (std::size_t c = 0; c < labels.size(); ++c) {
    quality.labels.push_back(
        {labels[c], c >= set.seen.size(), images[static_cast<std::int64_t>(c)].item<std::int64_t>()});
  }
  return quality;
}

std::vector<SharedContent> shared_content(const data::Dataset& train, const Facts& train_facts,
                                          const data::Dataset& test, const Facts& test_facts) {
  std::map<std::string, SharedContent> contents;
  for (std::size_t i = 0; i < test_facts.size(); ++i) {
    if (!test_facts[i].sha256.empty()) contents[test_facts[i].sha256].test.push_back(test.names[i]);
  }
  for (std::size_t i = 0; i < train_facts.size(); ++i) {
    const auto found = contents.find(train_facts[i].sha256);
    if (found != contents.end()) found->second.train.push_back(train.names[i]);
  }
  std::vector<SharedContent> shared;
  for (auto& [digest, content] : contents) {
    if (!content.train.empty()) shared.push_back(std::move(content));
  }
  return shared;
}

/// Nothing where the data set has no list of the split's pictures: a demo's validation set is to test alone.
std::optional<data::Dataset> load(const CheckOptions& options, data::Split split) {
  const std::string list =
      options.data_path + (split == data::Split::kTrain ? "/img_names" : "/test_img_names");
  const auto other = options.data_path + (split == data::Split::kTrain ? "/test_img_names" : "/img_names");
  const auto exists = [](const std::string& path) {
    return fs::exists(path + ".pkl") || fs::exists(path + ".txt");
  };
  if (!data::is_manifest(options.data_path) && !exists(list) && exists(other)) return std::nullopt;
  data::NusWideOptions nus_wide;
  nus_wide.workers = static_cast<int>(options.workers);
  nus_wide.look_for_images = false;
  return data::load_data_set(options.data_path, split, nus_wide);
}

void write_file(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  io::write_atomically(path, [&](std::ostream& out) { out << text; });
}

}  // namespace

bool DataQuality::sound() const {
  for (const auto* split : {&train, &test}) {
    if (!split->has_value()) continue;
    for (const PictureFault& fault : (*split)->faults) {
      if (fault.state == PictureState::kMissing || fault.state == PictureState::kBroken) return false;
    }
  }
  return true;
}

DataQuality examine_data(const data::Dataset* train, const data::Dataset* test, int workers) {
  DataQuality quality;
  Facts train_facts;
  Facts test_facts;
  if (train != nullptr) {
    train_facts = examine_pictures(train->paths, "", workers);
    quality.train = quality_of(*train, train_facts);
  }
  if (test != nullptr) {
    test_facts = examine_pictures(test->paths, "", workers);
    quality.test = quality_of(*test, test_facts);
  }
  if (train != nullptr && test != nullptr)
    quality.shared = shared_content(*train, train_facts, *test, test_facts);
  return quality;
}

CheckResult check_data(const CheckOptions& options) {
  io::require_writable("report", options.report);
  io::require_writable("json", options.json);
  const auto train = load(options, data::Split::kTrain);
  const auto test = load(options, data::Split::kTest);
  const Stopwatch watch;
  const DataQuality quality =
      examine_data(train ? &*train : nullptr, test ? &*test : nullptr, static_cast<int>(options.workers));
  log::info(cat("decoded every picture in ", duration_text(watch.seconds())));
  write_file(options.report, to_page(quality, options.data_path));
  write_file(options.json, io::json_text(to_json(quality), 2) + "\n");
  return {to_text(quality), quality.sound()};
}

}  // namespace mkt::check
