#pragma once
// Options shared by the commands that write a manifest.

#include "commands/shared_options.h"
#include "imports/manifest_options.h"

namespace mkt::commands {

inline constexpr const char* kOutHelp = "File to write, ending in .toml; the others are written beside it";
inline constexpr const char* kUnlistedHelp = "State of a label that an image does not name";
inline constexpr const char* kFindersHelp = "Threads that look for images; 0: only the main thread";

struct DrawnLabels {
  cli::OptionList& list;
  Group group{list, "Manifest"};
  Text out{list, "out", kRequired, kOutHelp};
  Text seen{list, "seen", "File of seen labels, one per line; default: those that are not unseen"};
  Text unseen{list, "unseen", "File of unseen labels, one per line; default: a share, drawn at random"};
  Number unseen_share{list, "unseen-share", 0.2, cli::between(0, 1),
                      "Share of the labels, if no file names them"};
};

struct DrawnImages {
  cli::OptionList& list;
  Number test_share{list, "test-share", 0.2, cli::between(0, 1),
                    "Share of the images to test on, if the source does not say"};
};

struct ManifestRest {
  ManifestRest(cli::OptionList& options, data::Unlisted unlisted_preset)
      : list(options), preset(unlisted_preset) {}

  cli::OptionList& list;
  data::Unlisted preset;
  Integer seed{list, "seed", 1, cli::between(0, 9e15), "Seed of what is drawn"};
  cli::Option<data::Unlisted> unlisted{list, "unlisted", preset, kUnlistedHelp};
  Integer workers{list, "workers", 8, kThreads, kFindersHelp};
};

inline imports::ManifestOptions manifest_options(const DrawnLabels& labels, const ManifestRest& rest) {
  return {labels.out, labels.seen, labels.unseen, labels.unseen_share,
          0,          rest.seed,   rest.unlisted, rest.workers};
}

inline imports::ManifestOptions manifest_options(const DrawnLabels& labels, const DrawnImages& images,
                                                 const ManifestRest& rest) {
  imports::ManifestOptions options = manifest_options(labels, rest);
  options.test_share = images.test_share;
  return options;
}

}  // namespace mkt::commands
