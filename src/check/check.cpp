#include "check/check.h"

#include <map>
#include <unordered_set>

#include "core/log.h"
#include "core/stopwatch.h"
#include "core/text.h"
#include "data/manifest.h"
#include "data/nus_wide_layout.h"
#include "io/atomic_file.h"
#include "io/file_checks.h"
#include "io/json.h"
#include "mkt/data/dataset.h"
#include "mkt/torch.h"

namespace mkt::check {
namespace {

using Facts = std::vector<ImageFacts>;

SplitQuality quality_of(const data::Dataset& set, const Facts& facts) {
  SplitQuality quality;
  quality.images = static_cast<std::int64_t>(set.names.size());
  std::unordered_set<std::string> contents;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    if (facts[i].state != ImageState::kWhole)
      quality.faults.push_back({set.names[i], facts[i].state, facts[i].reason});
    if (!facts[i].sha256.empty() && !contents.insert(facts[i].sha256).second) ++quality.repeated;
  }
  const torch::Tensor images = set.labels.count(1);  // images per label, (C)
  quality.unlabelled = quality.images - set.labels.rows_with(1);
  const std::vector<std::string> labels = data::all_labels(set);
  const std::vector<std::string> ids = data::all_ids(set);
  for (std::size_t c = 0; c < labels.size(); ++c) {
    quality.labels.push_back({labels[c], c >= set.seen.size(),
                              images[static_cast<std::int64_t>(c)].item<std::int64_t>(),
                              ids.empty() ? "" : ids[c]});
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

/// Loads a split. Returns nullopt if the data set has an image list for the other split only, as the demo's
/// single-object folder does.
std::optional<data::Dataset> load(const CheckOptions& options, data::Split split) {
  const data::Split other = split == data::Split::kTrain ? data::Split::kTest : data::Split::kTrain;
  const bool absent =
      !data::has_image_list(options.data_path, split) && data::has_image_list(options.data_path, other);
  if (!data::is_manifest(options.data_path) && absent) return std::nullopt;
  data::ReadingOptions reading;
  reading.workers = static_cast<int>(options.workers);
  reading.look_for_images = false;
  return data::load_dataset(options.data_path, split, reading);
}

}  // namespace

bool DataQuality::sound() const {
  for (const auto* split : {&train, &test}) {
    if (!split->has_value()) continue;
    for (const ImageFault& fault : (*split)->faults) {
      if (fault.state == ImageState::kMissing || fault.state == ImageState::kBroken) return false;
    }
  }
  return true;
}

DataQuality examine_data(const data::Dataset* train, const data::Dataset* test, int workers) {
  DataQuality quality;
  Facts train_facts;
  Facts test_facts;
  if (train != nullptr) {
    train_facts = examine_images(train->paths, "", workers);
    quality.train = quality_of(*train, train_facts);
  }
  if (test != nullptr) {
    test_facts = examine_images(test->paths, "", workers);
    quality.test = quality_of(*test, test_facts);
    if (test->labels.rows() > 0) quality.fingerprint = fingerprint_of(*test);
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
  DataQuality quality =
      examine_data(train ? &*train : nullptr, test ? &*test : nullptr, static_cast<int>(options.workers));
  if (quality.fingerprint) quality.fingerprint->published = published_figures(options.data_path);
  log::info("decoded all images in {}", duration_text(watch.seconds()));
  if (!options.report.empty()) {
    const std::string page = to_page(quality, options.data_path);
    io::write_atomically(options.report, [&](std::ostream& out) { out << page; });
  }
  if (!options.json.empty()) io::write_json(options.json, to_json(quality), 2);
  return {to_text(quality), quality.sound()};
}

}  // namespace mkt::check
