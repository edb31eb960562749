#include "commands/prepare_bindings.h"

#include "commands/bounds.h"

namespace mkt::commands {

cli::OptionList bind(nus_wide::NusWideImportOptions& options) {
  cli::OptionList list;
  const cli::Bounds rule = one_of({"keep", "drop", "error"});
  list.group("Data")
      .require("raw", &options.raw, "Folder that the release's archives were unpacked in")
      .require("out", &options.out, "Data set to write: new, empty, or of an earlier run")
      .add("pictures", &options.pictures, "Folder of the pictures; without it: Flickr or images in --raw")
      .add("link", &options.link, "How pictures get into --out", one_of({"symbolic", "hard", "copy"}))
      .add("test-labels", &options.test_labels, "Whose word a test picture's concepts are",
           one_of({"human", "tags"}))
      .add("workers", &options.workers, kDecodersHelp, kThreads);
  list.group("What becomes of pictures")
      .add("missing", &options.missing, "Without a file", one_of({"drop", "error"}))
      .add("broken", &options.broken, "That cannot be decoded", rule)
      .add("unavailable", &options.unavailable, "Flickr's grey notice in place of a photo", rule)
      .add("unavailable-like", &options.unavailable_like, "Files whose bytes are such a notice too")
      .add("cut-short", &options.cut_short, "That end early; training reads them as far as they go", rule)
      .add("unlabelled", &options.unlabelled, "Without a label", rule);
  return list;
}

cli::OptionList bind(check::CheckOptions& options) {
  cli::OptionList list;
  list.group("Data")
      .require("data-path", &options.data_path, kDataPathHelp)
      .add("workers", &options.workers, kDecodersHelp, kThreads);
  list.group("Results")
      .add("report", &options.report, "HTML page to write")
      .add("json", &options.json, "File for the findings");
  return list;
}

}  // namespace mkt::commands
