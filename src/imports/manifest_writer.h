#pragma once
// Writes the files of a manifest from images with named labels.

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "imports/manifest_options.h"

namespace mkt::imports {

struct LabelledImage {
  std::string image;  ///< path relative to the image folder
  std::vector<std::string> present;
  std::vector<std::string> absent;
  std::string split;  ///< "train", "test", or "" to draw it
  std::string where;  ///< place in the source, for messages
};

/// Throws ValueError if `options.out` does not end in .toml, c10::Error if it cannot be written.
void check_out(const ManifestOptions& options);

/// An image as a JSON line of the manifest, without the line end. Throws c10::Error naming `where` if a text
/// is not UTF-8.
std::string manifest_line(const std::string& image, const std::vector<std::string>& present,
                          const std::vector<std::string>& absent, const std::string& where);

/// The content of a manifest's files.
struct ManifestContent {
  std::string images;  ///< image folder
  std::vector<std::string> seen;
  std::vector<std::string> unseen;
  std::function<void(std::ostream&)> train;  ///< writes the lines of the training split
  std::function<void(std::ostream&)> test;   ///< writes the lines of the test split
};

/// Writes the files (manifest_import.h). All are complete before the first is put in place. The TOML file of
/// an earlier run is removed first and the new one is put in place last, so that a killed process leaves the
/// old data set, none, or the new one.
void write_manifest_files(const ManifestOptions& options, const ManifestContent& content);

/// Chooses seen labels and splits as the options say and writes the files; `folder` is the image folder.
/// Returns the counts on one line. Throws c10::Error naming the place of an image that does not exist, or of
/// a label that is duplicated or in neither list.
std::string write_manifest(const ManifestOptions& options, const std::string& folder,
                           std::vector<LabelledImage> images);

/// "<out>: 32 images for training, 18 for test; 4 seen labels, 1 unseen" and a line end.
std::string counts_line(const std::string& out, std::int64_t train, std::int64_t test, std::size_t seen,
                        std::size_t unseen);

}  // namespace mkt::imports
