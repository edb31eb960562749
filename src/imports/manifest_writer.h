#pragma once
// Writes the files of a manifest from images with named labels.

#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "imports/manifest_options.h"
#include "lists/label_names.h"

namespace mkt::imports {

struct LabelledImage {
  std::string image;                 ///< path relative to the image folder
  std::vector<std::string> present;  ///< labels, or their ids if labels have ids
  std::vector<std::string> absent;
  std::optional<data::Split> split;  ///< nullopt: drawn at random
  std::string where;                 ///< position in the source, such as "<file>:<line>", for error messages
};

/// Checks the output path. Throws ValueError if `options.out` does not end in .toml, c10::Error if it cannot
/// be written.
void check_out(const ManifestOptions& options);

/// Formats an image as a JSON line of the manifest, without the line end. Throws c10::Error naming `where` if
/// a string is not UTF-8.
std::string manifest_line(const std::string& image, const std::vector<std::string>& present,
                          const std::vector<std::string>& absent, const std::string& where);

/// Contents of a manifest's files.
struct ManifestContent {
  std::string images;  ///< image folder
  std::vector<std::string> seen;
  std::vector<std::string> unseen;
  data::Classes classes = data::Classes::kNames;
  std::function<void(std::ostream&)> train;  ///< writes the lines of the training split
  std::function<void(std::ostream&)> test;   ///< writes the lines of the test split
  std::vector<std::string> seen_ids{};       ///< ids of the seen labels; empty: labels have no ids
  std::vector<std::string> unseen_ids{};     ///< ids of the unseen labels
  std::optional<data::Origin> origin = {};   ///< published data set that the source is
};

/// Checks the labels of a manifest that is written to `out`. Throws c10::Error if the data set's reader would
/// refuse them (lists/label_names.h); warns of labels that it would warn of.
void check_content(const ManifestContent& content, const std::string& out);

/// Writes the files listed in manifest_import.h. All files are written completely before the first is renamed
/// to its final name. The TOML file of an earlier run is removed first and the new one is renamed last, so
/// that a killed process leaves the old data set, no data set, or the new one.
void write_manifest_files(const ManifestOptions& options, const ManifestContent& content);

/// Chooses seen labels and splits according to the options and writes the files; `folder` is the image
/// folder. Returns the counts on one line. Throws c10::Error naming `where` if an image does not exist or a
/// label is duplicated or in neither list.
std::string write_manifest(const ManifestOptions& options, const std::string& folder,
                           std::vector<LabelledImage> images);

/// Formats the counts as "<out>: 32 images for training, 18 for test; 4 seen labels, 1 unseen" with a line
/// end.
std::string counts_line(const std::string& out, std::int64_t train, std::int64_t test, std::size_t seen,
                        std::size_t unseen);

}  // namespace mkt::imports
