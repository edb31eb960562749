// prepare csv: writes a manifest from a table with one image per line. prepare to-csv: the reverse.

#include <iostream>

#include "commands/commands.h"
#include "commands/manifest_group.h"
#include "core/interrupt.h"
#include "imports/manifest_import.h"
#include "mkt/core/error.h"

namespace mkt::commands {
namespace {

struct CsvOptions {
  cli::OptionList list;
  Group source{list, "Source"};
  Text csv{list, "csv", kRequired, "File with a line of column names, then one image per line"};
  Text images{list, "images", kRequired, "Folder that the images' paths start from"};
  Text image_column{list, "image-column", "image", "Column of the images' paths"};
  Text labels_column{list, "labels-column", "labels", "Column of the labels that an image shows"};
  Text absent_column{list, "absent-column", "Column of the labels that an image does not show"};
  Text split_column{list, "split-column", "Column of train or test; default: drawn at random"};
  cli::Option<std::optional<io::Delimiter>> delimiter{
      list, "delimiter", std::nullopt,
      "Character between columns; auto: the most frequent one of the first line"};
  Text separator{list, "separator", ";", "Text between labels"};
  DrawnLabels labels{list};
  Text seen_ids{list, "seen-ids",
                "File of the ids of --seen, one per line, which the table then names; with --unseen-ids"};
  Text unseen_ids{list, "unseen-ids", "File of the ids of --unseen, one per line"};
  DrawnImages drawn{list};
  ManifestRest rest{list, data::Unlisted::kAbsent};
};

int run_csv(const CsvOptions& options) {
  end_on_signals("prepare csv");
  imports::ManifestOptions manifest = manifest_options(options.labels, options.drawn, options.rest);
  manifest.seen_ids = options.seen_ids;
  manifest.unseen_ids = options.unseen_ids;
  std::cout << imports::import_csv({options.csv, options.images, options.image_column, options.labels_column,
                                    options.absent_column, options.split_column, options.delimiter,
                                    options.separator, manifest});
  return kExitDone;
}

struct ToCsvOptions {
  cli::OptionList list;
  Group data{list, "Data"};
  Text data_path{list, "data-path", kRequired, "Manifest (.toml)"};
  Text out{list, "out", kRequired, "CSV file to write; lists of the labels are written beside it"};
  Text separator{list, "separator", ";", "Text between labels"};
};

int run_to_csv(const ToCsvOptions& options) {
  end_on_signals("prepare to-csv");
  std::cout << imports::export_csv({options.data_path, options.out, options.separator}) << "\n";
  return kExitDone;
}

}  // namespace

Command csv() {
  return {"prepare csv", "Makes a manifest of a table with one image per line.",
          "--csv pets.csv --images pictures --out pets.toml", calls(run_csv)};
}

Command to_csv() {
  return {"prepare to-csv", "Writes a manifest as a table.", "--data-path pets.toml --out pets.csv",
          calls(run_to_csv)};
}

}  // namespace mkt::commands
