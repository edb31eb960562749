#include "nus_wide/nus_wide_summary.h"
#include "io/json.h"

#include <iomanip>
#include <sstream>

#include "core/text.h"
#include "io/atomic_file.h"

namespace mkt::nus_wide {
namespace {

using nlohmann::ordered_json;

std::size_t at(Fault fault) {
  return static_cast<std::size_t>(fault);
}

ordered_json json_of(const RawSplit& split, const Selection& selection) {
  ordered_json json = {{"listed", split.pictures.size()}};
  for (const Fault fault : kFaults) {
    const FaultCount& count = selection.counts[at(fault)];
    json[fault_name(fault)] = {{"found", count.found}, {"left_out", count.left_out}};
  }
  json["kept"] = selection.kept.size();
  return json;
}

ordered_json json_of(const NusWideImportOptions& options, const RawNusWide& raw, std::size_t files,
                     const Selection& train, const Selection& test) {
  ordered_json json = {{"seen", raw.seen.size()}, {"unseen", raw.unseen.size()},
                       {"tags", raw.tags},        {"unseen_without_tag", raw.without_tag},
                       {"sources", raw.sources},  {"test_labels", options.test_labels},
                       {"picture_files", files},  {"in_no_split", raw.in_no_split}};
  json["train"] = json_of(raw.train, train);
  json["test"] = json_of(raw.test, test);
  return json;
}

std::string text_of(const NusWideImportOptions& options, const RawNusWide& raw, const Selection& train,
                    const Selection& test) {
  std::ostringstream out;
  out << options.out << ": " << train.kept.size() << " pictures to train, " << test.kept.size()
      << " to test\n"
      << raw.seen.size() << " seen labels (" << raw.tags << " tags without the " << raw.tags - raw.seen.size()
      << " that are concepts), " << raw.unseen.size() << " unseen ones";
  if (!raw.without_tag.empty())
    out << "; " << raw.without_tag.size() << " are no tag: " << join(raw.without_tag, ", ", 8);
  out << "\n\n"
      << std::left << std::setw(14) << "" << std::right << std::setw(10) << "train" << std::setw(10)
      << "left out" << std::setw(10) << "test" << std::setw(10) << "left out"
      << "\n";
  const auto row = [&](const std::string& name, std::size_t a, std::size_t b, std::size_t c, std::size_t d) {
    out << std::left << std::setw(14) << name << std::right << std::setw(10) << a << std::setw(10) << b
        << std::setw(10) << c << std::setw(10) << d << "\n";
  };
  row("listed", raw.train.pictures.size(), 0, raw.test.pictures.size(), 0);
  for (const Fault fault : kFaults) {
    const FaultCount& one = train.counts[at(fault)];
    const FaultCount& other = test.counts[at(fault)];
    row(fault_name(fault), one.found, one.left_out, other.found, other.left_out);
  }
  row("kept", train.kept.size(), train.left_out.size(), test.kept.size(), test.left_out.size());
  return out.str();
}

}  // namespace

std::string write_summary(const NusWideImportOptions& options, const RawNusWide& raw, std::size_t files,
                          const Selection& train, const Selection& test) {
  std::vector<std::string> lines;
  for (const Selection* selection : {&train, &test}) {
    for (const ordered_json& record : selection->left_out) lines.push_back(io::json_text(record));
  }
  io::write_lines(options.out + "/left_out.jsonl", lines);
  io::write_lines(options.out + "/summary.json",
                  {io::json_text(json_of(options, raw, files, train, test), 2)});
  return text_of(options, raw, train, test);
}

}  // namespace mkt::nus_wide
