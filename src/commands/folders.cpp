// prepare folders: writes a manifest from a folder with one subfolder per label.

#include <iostream>

#include "commands/commands.h"
#include "commands/manifest_group.h"
#include "core/interrupt.h"
#include "imports/manifest_import.h"
#include "mkt/core/error.h"

namespace mkt::commands {
namespace {

struct FoldersOptions {
  cli::OptionList list;
  Group source{list, "Source"};
  Text folders{list, "folders", kRequired, "Folder that holds a folder of images per label"};
  DrawnLabels labels{list};
  DrawnImages images{list};
  ManifestRest rest{list, data::Unlisted::kAbsent};
};

int run_folders(const FoldersOptions& options) {
  end_on_signals("prepare folders");
  std::cout << imports::import_folders(
      {options.folders, manifest_options(options.labels, options.images, options.rest)});
  return kExitDone;
}

}  // namespace

Command folders() {
  return {"prepare folders", "Makes a manifest of a folder of images per label.",
          "--folders pictures --out pets.toml", calls(run_folders)};
}

}  // namespace mkt::commands
