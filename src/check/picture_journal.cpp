#include "check/picture_journal.h"
#include "io/json.h"

#include <sys/stat.h>

#include <fstream>
#include <unordered_set>

#include "core/log.h"
#include "core/text.h"
#include "io/atomic_file.h"

namespace mkt::check {
namespace {

using nlohmann::ordered_json;

bool status_of(const std::string& picture, std::int64_t* bytes, std::int64_t* modified) {
  struct stat status = {};
  if (picture.empty() || stat(picture.c_str(), &status) != 0) return false;
  *bytes = status.st_size;
  *modified = std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
  return true;
}

PictureState parse_state(const std::string& name) {
  for (const PictureState state :
       {PictureState::kWhole, PictureState::kCutShort, PictureState::kUnavailable, PictureState::kBroken}) {
    if (name == state_name(state)) return state;
  }
  return PictureState::kMissing;
}

/// No object where the picture is missing.
ordered_json record_of(const std::string& picture, const PictureFacts& facts) {
  std::int64_t bytes = 0;
  std::int64_t modified = 0;
  if (facts.state == PictureState::kMissing || !status_of(picture, &bytes, &modified)) return nullptr;
  ordered_json record = {{"picture", picture},
                         {"bytes", bytes},
                         {"modified", modified},
                         {"state", state_name(facts.state)},
                         {"sha256", facts.sha256}};
  if (!facts.reason.empty()) record["reason"] = facts.reason;
  return record;
}

std::string line_of(const ordered_json& record) {
  return io::json_text(record) + "\n";
}

}  // namespace

PictureJournal::PictureJournal(const std::string& path) : path_(path) {
  if (path_.empty()) return;
  read();
  writer_ = std::make_unique<io::RecordWriter>(path_);
}

void PictureJournal::read() {
  std::ifstream file(path_);
  for (std::string line; std::getline(file, line);) {
    const auto record = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!record.is_object()) continue;  // a crash cut it off
    Entry entry;
    entry.bytes = record.value("bytes", std::int64_t{-1});
    entry.modified = record.value("modified", std::int64_t{-1});
    entry.facts = {parse_state(record.value("state", "")), record.value("sha256", ""),
                   record.value("reason", "")};
    if (entry.facts.state != PictureState::kMissing) known_[record.value("picture", "")] = std::move(entry);
  }
}

bool PictureJournal::find(const std::string& picture, PictureFacts* facts) const {
  const auto found = known_.find(picture);
  std::int64_t bytes = 0;
  std::int64_t modified = 0;
  if (found == known_.end() || !status_of(picture, &bytes, &modified)) return false;
  if (bytes != found->second.bytes || modified != found->second.modified) return false;
  *facts = found->second.facts;
  return true;
}

void PictureJournal::add(const std::string& picture, const PictureFacts& facts) {
  if (!writer_) return;
  const ordered_json record = record_of(picture, facts);
  if (record.is_object()) writer_->write(record);
}

void PictureJournal::log_known(std::size_t known) const {
  if (known > 0) log::info(cat(known, " pictures are known from ", path_));
}

void PictureJournal::finish(const std::vector<std::string>& pictures,
                            const std::vector<PictureFacts>& facts) {
  if (!writer_) return;
  writer_.reset();
  std::unordered_set<std::string> written;
  io::write_atomically(path_, [&](std::ostream& out) {
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      if (!written.insert(pictures[i]).second) continue;
      const ordered_json record = record_of(pictures[i], facts[i]);
      if (record.is_object()) out << line_of(record);
    }
  });
}

}  // namespace mkt::check
