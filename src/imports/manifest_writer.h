#pragma once
// Pictures with labels by name into a manifest's files.

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "imports/manifest_options.h"

namespace mkt::imports {

struct LabelledPicture {
  std::string image;  ///< relative to the folder of the pictures
  std::vector<std::string> present;
  std::vector<std::string> absent;
  std::string split;  ///< "train", "test", or "": drawn
  std::string where;  ///< in the source, for messages
};

/// Throws ValueError where `options.out` is no manifest's name, c10::Error where it cannot be written.
void check_out(const ManifestOptions& options);

/// A picture as a line of the manifest, without its end. Throws c10::Error naming `where` of what is not
/// UTF-8.
std::string manifest_line(const std::string& image, const std::vector<std::string>& present,
                          const std::vector<std::string>& absent, const std::string& where);

/// What a manifest's files hold besides what the options say.
struct ManifestContent {
  std::string images;  ///< folder of the pictures
  std::vector<std::string> seen;
  std::vector<std::string> unseen;
  std::function<void(std::ostream&)> train;  ///< writes the split's lines
  std::function<void(std::ostream&)> test;
};

/// Writes the files (manifest_import.h). None takes its place before all are written whole; the TOML file
/// comes last, and one of an earlier run goes first, so that a process that is killed leaves the data set
/// before, none or the new one.
void write_manifest_files(const ManifestOptions& options, const ManifestContent& content);

/// Writes the manifest (manifest_import.h says which files); `images` is the folder of the pictures. Returns
/// the counts on one line. Throws c10::Error naming the place of what does not fit: a picture that is not
/// there, a label that is in no list or named twice.
std::string write_manifest(const ManifestOptions& options, const std::string& images,
                           std::vector<LabelledPicture> pictures);

}  // namespace mkt::imports
