// prepare voc: writes a manifest from Pascal VOC's image sets.

#include <iostream>

#include "commands/commands.h"
#include "commands/manifest_group.h"
#include "core/interrupt.h"
#include "imports/manifest_import.h"
#include "mkt/core/error.h"

namespace mkt::commands {
namespace {

struct VocOptions {
  cli::OptionList list;
  Group source{list, "Source"};
  Text voc{list, "voc", kRequired, "Folder of the releases: VOCdevkit"};
  Texts train{list, "train", {"VOC2007/trainval"}, "Sets to train on, with their release"};
  Texts test{list, "test", {"VOC2007/test"}, "Sets to test on, with their release"};
  cli::Option<imports::Difficult> difficult{list, "difficult", imports::Difficult::kUnknown,
                                            "State of a class whose objects are all difficult"};
  DrawnLabels labels{list};
  ManifestRest rest{list, data::Unlisted::kUnknown};
};

int run_voc(const VocOptions& options) {
  end_on_signals("prepare voc");
  std::cout << imports::import_voc({options.voc, options.train, options.test, options.difficult,
                                    manifest_options(options.labels, options.rest)});
  return kExitDone;
}

}  // namespace

Command voc() {
  return {"prepare voc", "Makes a manifest of Pascal VOC's image sets.",
          "--voc VOCdevkit --unseen data/voc/unseen-4.txt --out voc.toml", calls(run_voc)};
}

}  // namespace mkt::commands
