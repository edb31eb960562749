// prepare nus-wide: converts NUS-WIDE's raw release to a data set.

#include <iostream>

#include "commands/commands.h"
#include "commands/shared_options.h"
#include "core/interrupt.h"
#include "mkt/core/error.h"
#include "nus_wide/nus_wide_import.h"

namespace mkt::commands {
namespace {

using RuleOption = cli::Option<nus_wide::Rule>;
using nus_wide::Rule;

struct NusWideOptions {
  cli::OptionList list;
  Group data{list, "Data"};
  Text raw{list, "raw", kRequired, "Folder of the release's unpacked archives"};
  Text out{list, "out", kRequired, "Data set to write: new, empty, or from an earlier run"};
  Text pictures{list, "pictures", "Folder of the images; default: Flickr or images in --raw"};
  cli::Option<nus_wide::LinkKind> link{list, "link", nus_wide::LinkKind::kSymbolic,
                                       "How images get into --out"};
  cli::Option<nus_wide::TestLabels> test_labels{list, "test-labels", nus_wide::TestLabels::kHuman,
                                                "Source of a test image's concepts"};
  Integer workers{list, "workers", 8, kThreads, kDecodersHelp};
  Group rules{list, "Action for images"};
  RuleOption missing{list, "missing", Rule::kDrop, cli::among({Rule::kDrop, Rule::kError}), "Without a file"};
  RuleOption broken{list, "broken", Rule::kDrop, "That cannot be decoded"};
  RuleOption unavailable{list, "unavailable", Rule::kDrop, "Flickr's grey notice in place of a photo"};
  Texts unavailable_like{list, "unavailable-like", "Files with the same bytes as further such notices"};
  RuleOption cut_short{list, "cut-short", Rule::kKeep,
                       "That end early; training reads them as far as they go"};
  RuleOption unlabelled{list, "unlabelled", Rule::kKeep, "Without a label"};
};

int run_nus_wide(const NusWideOptions& options) {
  end_on_signals("prepare nus-wide");
  std::cout << nus_wide::import_nus_wide({options.raw, options.out, options.pictures, options.test_labels,
                                          options.missing, options.broken, options.unavailable,
                                          options.cut_short, options.unlabelled, options.unavailable_like,
                                          options.link, options.workers});
  return kExitDone;
}

}  // namespace

Command nus_wide() {
  return {"prepare nus-wide", "Makes a data set of NUS-WIDE's raw release.",
          "--raw nus-wide-raw --out NUS-WIDE", calls(run_nus_wide)};
}

}  // namespace mkt::commands
