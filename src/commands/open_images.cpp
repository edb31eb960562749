// prepare open-images: writes a manifest from Open Images' human-verified labels.

#include <iostream>

#include "commands/commands.h"
#include "commands/manifest_group.h"
#include "core/interrupt.h"
#include "core/log.h"
#include "imports/manifest_import.h"
#include "mkt/core/error.h"

namespace mkt::commands {
namespace {

struct OpenImagesOptions {
  cli::OptionList list;
  Group source{list, "Source"};
  Text train{list, "train", kRequired, "train-annotations-human-imagelabels.csv"};
  Text test{list, "test", kRequired, "test-annotations-human-imagelabels.csv"};
  Text validation{list, "validation",
                  "validation-annotations-human-imagelabels.csv, to train on as well; default: none"};
  Text classes{list, "classes", kRequired, "class-descriptions.csv of the release"};
  Text trainable{list, "trainable", "classes-trainable.txt: the seen labels, unless --seen names them"};
  Text images{list, "images", kRequired, "Folder of the image folders train, validation and test"};
  cli::Option<imports::MissingFile> missing{list, "missing", imports::MissingFile::kDrop,
                                            "Action for an image without a file"};
  cli::Option<imports::Contradictory> contradictory{
      list, "contradictory", imports::Contradictory::kLast,
      "State of a label whose rows differ: the last row's, as published, or unknown"};
  Integer max_positives{list, "max-positives", 0, kNotNegative,
                        "Leave out training images with more seen labels (published: 40); 0: no limit"};
  Group manifest{list, "Manifest"};
  Text out{list, "out", kRequired, kOutHelp};
  Text seen{list, "seen", "File of seen labels, an id or name per line; default: --trainable"};
  Text unseen{
      list, "unseen",
      "File of unseen labels, an id or name per line; default: the others that most test images show"};
  Text unseen_places{list, "unseen-places",
                     "BiAM's top_400_unseen.csv: places of the unseen labels in --unseen-pool, from 0"};
  Text unseen_pool{list, "unseen-pool", "BiAM's unseen_labels.pkl: a pickled list of ids"};
  Integer unseen_count{list, "unseen-count", 400, kPositive,
                       "Number of unseen labels, if no file names them"};
  cli::Option<data::Unlisted> unlisted{list, "unlisted", data::Unlisted::kUnknown, kUnlistedHelp};
  Integer workers{list, "workers", 8, kThreads, kFindersHelp};
};

int run_open_images(const OpenImagesOptions& options) {
  end_on_signals("prepare open-images");
  if (options.unseen_count.given() && !(options.unseen->empty() && options.unseen_places->empty()))
    log::warning("unseen-count: has no effect, because a file names the unseen labels");
  imports::ManifestOptions manifest{};
  manifest.out = options.out;
  manifest.seen = options.seen;
  manifest.unseen = options.unseen;
  manifest.unlisted = options.unlisted;
  manifest.workers = options.workers;
  std::cout << imports::import_open_images(
      {options.train, options.test, options.validation, options.classes, options.trainable, options.images,
       options.unseen_count, options.missing, manifest, options.unseen_places, options.unseen_pool,
       options.contradictory, options.max_positives});
  return kExitDone;
}

}  // namespace

Command open_images() {
  return {"prepare open-images", "Makes a manifest of Open Images' labels that people verified.",
          "--train train-annotations-human-imagelabels.csv --test test-annotations-human-imagelabels.csv "
          "--classes class-descriptions.csv --trainable classes-trainable.txt --images open-images "
          "--out open-images.toml",
          calls(run_open_images)};
}

}  // namespace mkt::commands
