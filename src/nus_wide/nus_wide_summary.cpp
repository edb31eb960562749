#include "nus_wide/nus_wide_summary.h"

#include <fmt/format.h>

#include "core/text.h"
#include "io/atomic_file.h"
#include "io/json.h"

namespace mkt::nus_wide {
namespace {

using nlohmann::ordered_json;

std::size_t at(Fault fault) {
  return static_cast<std::size_t>(fault);
}

ordered_json json_of(const RawSplit& split, const Selection& selection) {
  ordered_json json = {{"listed", split.images.size()}};
  for (const Fault fault : kFaults) {
    const FaultCount& count = selection.counts[at(fault)];
    json[enum_name(fault)] = {{"found", count.found}, {"left_out", count.left_out}};
  }
  json["kept"] = selection.kept.size();
  return json;
}

ordered_json json_of(const NusWideImportOptions& options, const RawNusWide& raw, std::size_t files,
                     const Selection& train, const Selection& test) {
  ordered_json json = {{"seen", raw.seen.size()}, {"unseen", raw.unseen.size()},
                       {"tags", raw.tags},        {"unseen_without_tag", raw.without_tag},
                       {"sources", raw.sources},  {"test_labels", enum_name(options.test_labels)},
                       {"picture_files", files},  {"in_no_split", raw.in_no_split}};
  json["train"] = json_of(raw.train, train);
  json["test"] = json_of(raw.test, test);
  return json;
}

std::string text_of(const NusWideImportOptions& options, const RawNusWide& raw, const Selection& train,
                    const Selection& test) {
  std::string text = fmt::format(
      "{}: {} images for training, {} for test\n{} seen labels ({} tags without the {} that are concepts), "
      "{} unseen labels",
      options.out, train.kept.size(), test.kept.size(), raw.seen.size(), raw.tags, raw.tags - raw.seen.size(),
      raw.unseen.size());
  if (!raw.without_tag.empty())
    text += fmt::format("; {} of them not tags: {}", raw.without_tag.size(), join(raw.without_tag, ", ", 8));
  text += fmt::format("\n\n{:<14}{:>10}{:>10}{:>10}{:>10}\n", "", "train", "left out", "test", "left out");
  const auto row = [&](const std::string& name, std::size_t a, std::size_t b, std::size_t c, std::size_t d) {
    text += fmt::format("{:<14}{:>10}{:>10}{:>10}{:>10}\n", name, a, b, c, d);
  };
  row("listed", raw.train.images.size(), 0, raw.test.images.size(), 0);
  for (const Fault fault : kFaults) {
    const FaultCount& one = train.counts[at(fault)];
    const FaultCount& other = test.counts[at(fault)];
    row(enum_name(fault), one.found, one.left_out, other.found, other.left_out);
  }
  row("kept", train.kept.size(), train.left_out.size(), test.kept.size(), test.left_out.size());
  return text;
}

}  // namespace

std::string write_summary(const NusWideImportOptions& options, const RawNusWide& raw, std::size_t files,
                          const Selection& train, const Selection& test) {
  std::vector<std::string> lines;
  for (const Selection* selection : {&train, &test}) {
    for (const ordered_json& record : selection->left_out) lines.push_back(io::json_text(record));
  }
  io::write_lines(options.out + "/left_out.jsonl", lines);
  io::write_json(options.out + "/summary.json", json_of(options, raw, files, train, test), 2);
  return text_of(options, raw, train, test);
}

}  // namespace mkt::nus_wide
