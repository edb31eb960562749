#include "mkt/config/manifest_bindings.h"

#include "bounds.h"

namespace mkt::config {
namespace {

void add_manifest(OptionList& list, prepare::ManifestOptions& options) {
  list.group("Manifest")
      .require("out", &options.out, "File to write, ending in .toml; the others lie beside it")
      .add("seen", &options.seen, "File of seen labels, one a line; without it: those that are not unseen")
      .add("unseen", &options.unseen, "File of unseen labels, one a line; without it: a share, drawn")
      .add("unseen-share", &options.unseen_share, "Share of the labels, where no file names them", {0, 1})
      .add("test-share", &options.test_share, "Share of the pictures to test on, where nothing says which",
           {0, 1})
      .add("seed", &options.seed, "Of what is drawn", {0, 9e15})
      .add("unlisted", &options.unlisted, "What a label is that a picture does not name",
           one_of({"absent", "unknown"}))
      .add("workers", &options.workers, "Threads that look for pictures; 0: none but the main one", kThreads);
}

}  // namespace

OptionList bind(prepare::FoldersOptions& options) {
  OptionList list;
  list.group("Source").require("folders", &options.folders, "Folder that holds a folder of pictures a label");
  add_manifest(list, options.manifest);
  return list;
}

OptionList bind(prepare::CsvOptions& options) {
  OptionList list;
  list.group("Source")
      .require("csv", &options.csv, "File with a first line of column names, then a picture a line")
      .require("images", &options.images, "Folder that pictures are named from")
      .add("image-column", &options.image_column, "Column of the pictures' paths")
      .add("labels-column", &options.labels_column, "Column of the labels that a picture shows")
      .add("absent-column", &options.absent_column, "Column of the labels that it does not show")
      .add("split-column", &options.split_column, "Column of train or test; without it: drawn")
      .add("separator", &options.separator, "What stands between labels");
  add_manifest(list, options.manifest);
  return list;
}

OptionList bind(prepare::CocoOptions& options) {
  OptionList list;
  list.group("Source")
      .require("instances", &options.instances, "Instances JSON of the pictures to train on, or of all")
      .add("test-instances", &options.test_instances, "Instances JSON of those to test on; without it: drawn")
      .require("images", &options.images, "Folder of the pictures, or of train2017 and the like");
  add_manifest(list, options.manifest);
  return list;
}

OptionList bind(prepare::ToCsvOptions& options) {
  OptionList list;
  list.group("Data")
      .require("data-path", &options.data_path, "Manifest (.toml)")
      .require("out", &options.out, "CSV file to write; lists of the labels lie beside it")
      .add("separator", &options.separator, "What stands between labels");
  return list;
}

}  // namespace mkt::config
