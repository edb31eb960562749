#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <unordered_map>

#include "core/log.h"
#include "core/text.h"
#include "data/manifest.h"
#include "imports/manifest_import.h"
#include "imports/manifest_writer.h"
#include "io/atomic_file.h"
#include "io/csv.h"
#include "io/file_checks.h"

namespace mkt::imports {
namespace {

std::vector<std::string> split_text(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(separator, begin), text.size());
    const std::string part = trim(text.substr(begin, end - begin));
    if (!part.empty()) parts.push_back(part);
    begin = end + separator.size();
  }
  return parts;
}

void check_separator(const std::string& separator) {
  TORCH_CHECK_VALUE(!trim(separator).empty(), "separator: expected a text between labels, got '", separator,
                    "'. Give one, such as ;");
}

/// Reads the images and labels from a table, row by row.
class TableReader {
 public:
  TableReader(const CsvOptions& options, io::Delimiter delimiter)
      : options_(options),
        table_(options.csv, delimiter),
        image_(column("image", options.image_column)),
        labels_(column("labels", options.labels_column)),
        absent_(optional_column("absent", options.absent_column)),
        split_(optional_column("split", options.split_column)) {}

  std::vector<LabelledImage> read() {
    std::vector<LabelledImage> images;
    while (table_.next()) images.push_back(read_row());
    TORCH_CHECK(!images.empty(), options_.csv, ": expected one image per line, got none. Add images.");
    return images;
  }

 private:
  std::size_t column(const char* purpose, const std::string& name) const {
    return table_.column(name, fmt::format("Choose one of these as the {} column.", purpose));
  }
  std::optional<std::size_t> optional_column(const char* purpose, const std::string& name) const {
    return name.empty() ? std::nullopt : std::optional<std::size_t>(column(purpose, name));
  }

  LabelledImage read_row() {
    LabelledImage image;
    image.where = table_.where();
    image.image = table_.field(image_);
    TORCH_CHECK(!image.image.empty(), image.where, ": expected an image in column '", options_.image_column,
                "', got nothing. Correct or remove the line.");
    const auto [known, added] = lines_.emplace(image.image, table_.line());
    TORCH_CHECK(added, image.where, ": expected each image once, got ", image.image, " again, after ",
                options_.csv, ":", known->second, ". Put its labels on one line.");
    image.present = split_text(table_.field(labels_), options_.separator);
    if (absent_) image.absent = split_text(table_.field(*absent_), options_.separator);
    if (split_) image.split = split_of(image.where);
    return image;
  }

  data::Split split_of(const std::string& where) const {
    const std::string name = table_.field(*split_);
    const std::optional<data::Split> split = enum_value<data::Split>(name);
    TORCH_CHECK(split, where, ": expected ", join(enum_names<data::Split>(), " or "), " in column '",
                options_.split_column, "', got '", name, "'. Correct the line.");
    return *split;
  }

  const CsvOptions& options_;
  io::CsvTable table_;
  std::size_t image_;
  std::size_t labels_;
  std::optional<std::size_t> absent_;
  std::optional<std::size_t> split_;
  std::unordered_map<std::string, std::int64_t> lines_;  // line number per image
};

std::vector<LabelledImage> read_table(const CsvOptions& options) {
  const io::Delimiter delimiter =
      options.delimiter ? *options.delimiter : io::frequent_delimiter(options.csv);
  if (!options.delimiter && delimiter != io::Delimiter::kComma)
    log::info("{}: columns are separated by the {}", options.csv, enum_name(delimiter));
  return TableReader(options, delimiter).read();
}

/// Writes the splits of a manifest as CSV, one record at a time.
class Export {
 public:
  Export(const data::ManifestSet& set, std::string separator, std::ostream& out)
      : set_(set), keys_(data::label_keys(set)), separator_(std::move(separator)), out_(out) {
    out_ << "image,split,labels,absent\n";
  }

  void add(const std::string& file, data::Split split) {
    data::each_manifest_record(set_, file, /*limit=*/0, [&](const data::ManifestRecord& record) {
      const std::string where = fmt::format("{}:{}", file, record.line);
      TORCH_CHECK(trim(record.image) == record.image, where,
                  ": expected an image path without space around it, got '", record.image,
                  "', which CSV cannot keep. Rename the image.");
      out_ << io::csv_field(record.image) << "," << enum_name(split) << ","
           << io::csv_field(joined(record.present, where)) << ","
           << io::csv_field(joined(record.absent, where)) << "\n";
    });
  }

 private:
  std::string joined(const std::vector<std::int32_t>& labels, const std::string& where) const {
    std::vector<std::string> names;
    for (const std::int32_t label : labels) {
      names.push_back(keys_[static_cast<std::size_t>(label)]);
      TORCH_CHECK(names.back().find(separator_) == std::string::npos, where, ": expected labels without '",
                  separator_, "', got '", names.back(), "'. Choose another separator.");
    }
    return join(names, separator_);
  }

  const data::ManifestSet& set_;
  std::vector<std::string> keys_;  // names or ids of the labels
  std::string separator_;
  std::ostream& out_;
};

}  // namespace

std::string import_csv(const CsvOptions& options) {
  check_separator(options.separator);
  return write_manifest(options.manifest, options.images, read_table(options));
}

std::string export_csv(const ToCsvOptions& options) {
  check_separator(options.separator);
  TORCH_CHECK_VALUE(data::is_manifest(options.data_path), "data-path: expected a manifest (.toml), got '",
                    options.data_path, "'. Give one.");
  io::require_writable("out", options.out);
  const data::ManifestSet set = data::read_manifest_set(options.data_path);
  if (set.unlisted == data::Unlisted::kUnknown) {
    log::warning(
        "{}: labels that an image does not list are unknown, which a table cannot store. When importing the "
        "table, set unlisted to unknown.",
        options.data_path);
  }
  if (!set.sets.empty()) {
    log::warning("{}: a table cannot store named sets. Copy [sets] to the TOML file of the imported table.",
                 options.data_path);
  }
  const std::string stem = std::filesystem::path(options.out).replace_extension().string();
  io::write_atomically(options.out, [&](std::ostream& out) {
    Export table(set, options.separator, out);
    table.add(set.train, data::Split::kTrain);
    table.add(set.test, data::Split::kTest);
    io::write_lines(stem + ".seen.txt", set.seen);
    io::write_lines(stem + ".unseen.txt", set.unseen);
    if (set.seen_ids.empty()) return;
    io::write_lines(stem + ".seen-ids.txt", set.seen_ids);
    io::write_lines(stem + ".unseen-ids.txt", set.unseen_ids);
  });
  return options.out;
}

}  // namespace mkt::imports
