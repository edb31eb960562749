#include <c10/util/Exception.h>

#include <filesystem>
#include <optional>
#include <unordered_map>

#include "core/log.h"
#include "core/text.h"
#include "imports/csv.h"
#include "imports/manifest_import.h"
#include "imports/manifest_writer.h"
#include "io/atomic_file.h"
#include "io/file_checks.h"
#include "mkt/data/manifest.h"

namespace mkt::imports {
namespace {

std::vector<std::string> split(const std::string& text, const std::string& separator) {
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
  TORCH_CHECK_VALUE(!trim(separator).empty(), "--separator: expected a sign between labels, got '", separator,
                    "'. Give one, such as ;");
}

std::vector<LabelledPicture> read_table(const CsvOptions& options) {
  const char delimiter = delimiter_of(options.delimiter, options.csv);
  if (options.delimiter == "auto" && delimiter != ',')
    log::info(cat(options.csv, ": reading columns with a ", delimiter_name(delimiter), " between them"));
  CsvTable table(options.csv, delimiter);
  const auto column = [&](const char* flag, const std::string& name) {
    return table.column(name, cat("Name one of these with --", flag, "."));
  };
  const auto optional_column = [&](const char* flag, const std::string& name) {
    return name.empty() ? std::nullopt : std::optional<std::size_t>(column(flag, name));
  };
  const std::size_t image = column("image-column", options.image_column);
  const std::size_t labels = column("labels-column", options.labels_column);
  const auto absent = optional_column("absent-column", options.absent_column);
  const auto part = optional_column("split-column", options.split_column);
  std::vector<LabelledPicture> pictures;
  std::unordered_map<std::string, std::int64_t> lines;
  while (table.next()) {
    LabelledPicture picture;
    picture.where = table.where();
    picture.image = table.field(image);
    TORCH_CHECK(!picture.image.empty(), picture.where, ": expected a picture in column '",
                options.image_column, "', got nothing. Correct or drop the line.");
    const auto [known, added] = lines.emplace(picture.image, table.line());
    TORCH_CHECK(added, picture.where, ": expected each picture once, got ", picture.image, " again, after ",
                options.csv, ":", known->second, ". Put its labels on one line.");
    picture.present = split(table.field(labels), options.separator);
    if (absent) picture.absent = split(table.field(*absent), options.separator);
    if (part) {
      picture.split = table.field(*part);
      TORCH_CHECK(picture.split == "train" || picture.split == "test", picture.where,
                  ": expected train or test in column '", options.split_column, "', got '", picture.split,
                  "'. Correct the line.");
    }
    pictures.push_back(std::move(picture));
  }
  TORCH_CHECK(!pictures.empty(), options.csv, ": expected a picture a line, got none. Add pictures.");
  return pictures;
}

/// Writes splits as lines of CSV, a record at a time.
class Export {
 public:
  Export(const data::ManifestSet& set, std::string separator, std::ostream& out)
      : set_(set), separator_(std::move(separator)), out_(out) {
    out_ << "image,split,labels,absent\n";
  }

  void add(const std::string& file, const char* split) {
    data::each_manifest_record(set_, file, /*limit=*/0, [&](const data::ManifestRecord& record) {
      const std::string where = cat(file, ":", record.line);
      TORCH_CHECK(trim(record.image) == record.image, where,
                  ": expected a picture's path without space around it, got '", record.image,
                  "', which CSV cannot keep. Rename the picture.");
      out_ << csv_field(record.image) << "," << split << "," << csv_field(joined(record.present, where))
           << "," << csv_field(joined(record.absent, where)) << "\n";
    });
  }

 private:
  std::string joined(const std::vector<std::int32_t>& labels, const std::string& where) const {
    std::vector<std::string> names;
    for (const std::int32_t label : labels) {
      const auto at = static_cast<std::size_t>(label);
      names.push_back(at < set_.seen.size() ? set_.seen[at] : set_.unseen[at - set_.seen.size()]);
      TORCH_CHECK(names.back().find(separator_) == std::string::npos, where, ": expected labels without '",
                  separator_, "', got '", names.back(), "'. Give another --separator.");
    }
    return join(names, separator_);
  }

  const data::ManifestSet& set_;
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
  TORCH_CHECK_VALUE(data::is_manifest(options.data_path), "--data-path: expected a manifest (.toml), got '",
                    options.data_path, "'. Name one.");
  io::require_writable("out", options.out);
  const data::ManifestSet set = data::read_manifest_set(options.data_path);
  if (!set.unlisted_absent) {
    log::warning(cat(options.data_path,
                     ": labels that a picture does not name are unknown, for which a table has no ",
                     "place. Give prepare csv --unlisted unknown."));
  }
  if (!set.sets.empty()) {
    log::warning(cat(options.data_path,
                     ": its named sets have no place in a table. Copy [sets] to the TOML file that ",
                     "comes of it."));
  }
  const std::string stem = std::filesystem::path(options.out).replace_extension().string();
  io::write_atomically(options.out, [&](std::ostream& out) {
    Export table(set, options.separator, out);
    table.add(set.train, "train");
    table.add(set.test, "test");
    io::write_lines(stem + ".seen.txt", set.seen);
    io::write_lines(stem + ".unseen.txt", set.unseen);
  });
  return options.out;
}

}  // namespace mkt::imports
