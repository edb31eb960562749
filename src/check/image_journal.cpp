#include "check/image_journal.h"

#include <sys/stat.h>

#include <fstream>
#include <unordered_set>

#include "core/log.h"
#include "io/atomic_file.h"
#include "io/json.h"

namespace mkt::check {
namespace {

using nlohmann::ordered_json;

bool status_of(const std::string& image, std::int64_t* bytes, std::int64_t* modified) {
  struct stat status = {};
  if (image.empty() || stat(image.c_str(), &status) != 0) return false;
  *bytes = status.st_size;
  *modified = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  return true;
}

/// Builds the journal record for an image; null if the file is missing.
ordered_json record_of(const std::string& image, const ImageFacts& facts) {
  std::int64_t bytes = 0;
  std::int64_t modified = 0;
  if (facts.state == ImageState::kMissing || !status_of(image, &bytes, &modified)) return nullptr;
  ordered_json record = {{"picture", image},
                         {"bytes", bytes},
                         {"modified", modified},
                         {"state", enum_name(facts.state)},
                         {"sha256", facts.sha256}};
  if (!facts.reason.empty()) record["reason"] = facts.reason;
  return record;
}

std::string line_of(const ordered_json& record) {
  return io::json_text(record) + "\n";
}

}  // namespace

ImageJournal::ImageJournal(const std::string& path) : path_(path) {
  if (path_.empty()) return;
  read();
  writer_ = std::make_unique<io::RecordWriter>(path_);
}

void ImageJournal::read() {
  std::ifstream file(path_);
  for (std::string line; std::getline(file, line);) {
    const auto record = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!record.is_object()) continue;  // incomplete after a crash
    Entry entry;
    entry.bytes = record.value("bytes", std::int64_t{-1});
    entry.modified = record.value("modified", std::int64_t{-1});
    entry.facts = {enum_value<ImageState>(record.value("state", "")).value_or(ImageState::kMissing),
                   record.value("sha256", ""), record.value("reason", "")};
    if (entry.facts.state != ImageState::kMissing) known_[record.value("picture", "")] = std::move(entry);
  }
}

bool ImageJournal::find(const std::string& image, ImageFacts* facts) const {
  const auto found = known_.find(image);
  std::int64_t bytes = 0;
  std::int64_t modified = 0;
  if (found == known_.end() || !status_of(image, &bytes, &modified)) return false;
  if (bytes != found->second.bytes || modified != found->second.modified) return false;
  *facts = found->second.facts;
  return true;
}

void ImageJournal::add(const std::string& image, const ImageFacts& facts) {
  if (!writer_) return;
  const ordered_json record = record_of(image, facts);
  if (record.is_object()) writer_->write(record);
}

void ImageJournal::log_known(std::size_t known) const {
  if (known > 0) log::info("{} images are known from {}", known, path_);
}

void ImageJournal::finish(const std::vector<std::string>& images, const std::vector<ImageFacts>& facts) {
  if (!writer_) return;
  writer_.reset();
  std::unordered_set<std::string> written;
  io::write_atomically(path_, [&](std::ostream& out) {
    for (std::size_t i = 0; i < images.size(); ++i) {
      if (!written.insert(images[i]).second) continue;
      const ordered_json record = record_of(images[i], facts[i]);
      if (record.is_object()) out << line_of(record);
    }
  });
}

}  // namespace mkt::check
