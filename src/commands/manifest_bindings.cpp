#include "commands/manifest_bindings.h"

#include "commands/bounds.h"

namespace mkt::commands {
namespace {

constexpr const char* kOutHelp = "File to write, ending in .toml; the others lie beside it";
constexpr const char* kUnlistedHelp = "What a label is that a picture does not name";
constexpr const char* kFindersHelp = "Threads that look for pictures; 0: none but the main one";

/// `pictures_drawn` is false where the source says which are to test on.
void add_manifest(cli::OptionList& list, imports::ManifestOptions& options, bool pictures_drawn = true) {
  list.group("Manifest")
      .require("out", &options.out, kOutHelp)
      .add("seen", &options.seen, "File of seen labels, one a line; without it: those that are not unseen")
      .add("unseen", &options.unseen, "File of unseen labels, one a line; without it: a share, drawn")
      .add("unseen-share", &options.unseen_share, "Share of the labels, where no file names them", {0, 1});
  if (pictures_drawn) {
    list.add("test-share", &options.test_share, "Share of the pictures to test on, where nothing says which",
             {0, 1});
  }
  list.add("seed", &options.seed, "Of what is drawn", {0, 9e15})
      .add("unlisted", &options.unlisted, kUnlistedHelp, one_of({"absent", "unknown"}))
      .add("workers", &options.workers, kFindersHelp, kThreads);
}

}  // namespace

cli::OptionList bind(imports::FoldersOptions& options) {
  cli::OptionList list;
  list.group("Source").require("folders", &options.folders, "Folder that holds a folder of pictures a label");
  add_manifest(list, options.manifest);
  return list;
}

cli::OptionList bind(imports::CsvOptions& options) {
  cli::OptionList list;
  list.group("Source")
      .require("csv", &options.csv, "File with a first line of column names, then a picture a line")
      .require("images", &options.images, "Folder that pictures are named from")
      .add("image-column", &options.image_column, "Column of the pictures' paths")
      .add("labels-column", &options.labels_column, "Column of the labels that a picture shows")
      .add("absent-column", &options.absent_column, "Column of the labels that it does not show")
      .add("split-column", &options.split_column, "Column of train or test; without it: drawn")
      .add("delimiter", &options.delimiter, "What stands between columns; auto: what the first line has",
           one_of({"auto", "comma", "semicolon", "tab"}))
      .add("separator", &options.separator, "What stands between labels");
  add_manifest(list, options.manifest);
  return list;
}

cli::OptionList bind(imports::CocoOptions& options) {
  cli::OptionList list;
  list.group("Source")
      .require("instances", &options.instances, "Instances JSON of the pictures to train on, or of all")
      .add("test-instances", &options.test_instances, "Instances JSON of those to test on; without it: drawn")
      .require("images", &options.images, "Folder of the pictures, or of train2017 and the like");
  add_manifest(list, options.manifest);
  return list;
}

cli::OptionList bind(imports::OpenImagesOptions& options) {
  cli::OptionList list;
  list.group("Source")
      .require("train", &options.train, "train-annotations-human-imagelabels.csv")
      .require("test", &options.test, "test-annotations-human-imagelabels.csv")
      .add("validation", &options.validation,
           "validation-annotations-human-imagelabels.csv, to train on too; without it: none")
      .require("classes", &options.classes, "class-descriptions.csv of the release")
      .add("trainable", &options.trainable,
           "classes-trainable.txt: the seen labels, unless --seen names them")
      .require("images", &options.images, "Folder of the pictures' folders train, validation and test")
      .add("missing", &options.missing, "What becomes of a picture without a file",
           one_of({"drop", "error"}));
  list.group("Manifest")
      .require("out", &options.manifest.out, kOutHelp)
      .add("seen", &options.manifest.seen,
           "File of seen labels, an id or name a line; without it: --trainable")
      .add("unseen", &options.manifest.unseen,
           "File of unseen labels, an id or name a line; without it: those that most test pictures show")
      .add("unseen-count", &options.unseen_count, "How many of these", kPositive)
      .add("unlisted", &options.manifest.unlisted, kUnlistedHelp, one_of({"absent", "unknown"}))
      .add("workers", &options.manifest.workers, kFindersHelp, kThreads);
  return list;
}

cli::OptionList bind(imports::VocOptions& options) {
  cli::OptionList list;
  list.group("Source")
      .require("voc", &options.voc, "Folder of the releases: VOCdevkit")
      .add("train", &options.train, "Sets to train on, with their release")
      .add("test", &options.test, "Sets to test on, with their release")
      .add("difficult", &options.difficult, "What a class is of which all objects are difficult",
           one_of({"unknown", "present"}));
  add_manifest(list, options.manifest, /*pictures_drawn=*/false);
  return list;
}

cli::OptionList bind(imports::ToCsvOptions& options) {
  cli::OptionList list;
  list.group("Data")
      .require("data-path", &options.data_path, "Manifest (.toml)")
      .require("out", &options.out, "CSV file to write; lists of the labels lie beside it")
      .add("separator", &options.separator, "What stands between labels");
  return list;
}

}  // namespace mkt::commands
