// prepare coco: writes a manifest from COCO's instances files.

#include <iostream>

#include "commands/commands.h"
#include "commands/manifest_group.h"
#include "core/interrupt.h"
#include "imports/manifest_import.h"
#include "mkt/core/error.h"

namespace mkt::commands {
namespace {

struct CocoOptions {
  cli::OptionList list;
  Group source{list, "Source"};
  Text instances{list, "instances", kRequired, "Instances JSON of the images to train on, or of all"};
  Text test_instances{list, "test-instances",
                      "Instances JSON of the images to test on; default: drawn at random"};
  Text images{list, "images", kRequired, "Folder of the images, or of train2017 and the like"};
  DrawnLabels labels{list};
  DrawnImages drawn{list};
  ManifestRest rest{list, data::Unlisted::kAbsent};
};

int run_coco(const CocoOptions& options) {
  end_on_signals("prepare coco");
  std::cout << imports::import_coco({options.instances, options.test_instances, options.images,
                                     manifest_options(options.labels, options.drawn, options.rest)});
  return kExitDone;
}

}  // namespace

Command coco() {
  return {"prepare coco", "Makes a manifest of COCO's instances.",
          "--instances instances_train2017.json --test-instances instances_val2017.json --images coco "
          "--unseen data/coco/unseen-15.txt --out coco.toml",
          calls(run_coco)};
}

}  // namespace mkt::commands
