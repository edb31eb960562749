#pragma once
// Chooses the seen and unseen classes of Open Images.

#include <cstdint>
#include <string>
#include <vector>

#include "imports/manifest_options.h"
#include "imports/open_images_classes.h"

namespace mkt::imports {

/// Numbers of the classes chosen for the manifest.
struct OpenImagesChoice {
  std::vector<std::int32_t> seen;
  std::vector<std::int32_t> unseen;
};

/// Chooses the seen classes (trainable, or the list given) and the unseen ones: the list given, or the places
/// given in the pool, or the most frequent other classes of the test images. Throws c10::Error naming file
/// and line if a list is invalid, or if an unseen class is also seen.
OpenImagesChoice choose_classes(const OpenImagesOptions& options, const OpenImagesClasses& classes);

/// Reads BiAM's description of its unseen classes: `places` lists one position per line, from 0, in the list
/// of ids that `pool` pickles. Returns the classes' numbers in the order of the places. Throws c10::Error
/// naming the file, and the line for a place that is not a number, out of range or repeated, or whose class
/// is unknown; naming the pool if it is not a list of strings or holds an id twice.
std::vector<std::int32_t> classes_at_places(const std::string& places, const std::string& pool,
                                            const OpenImagesClasses& classes);

/// Says whether `ids` are the 400 unseen classes of the published tables, by the SHA-256 of the ids, one per
/// line: "unseen classes: the published 400" or "unseen classes: not the published 400 (SHA-256 …)". Source
/// of the digest: the two files in the repositories of BiAM and LESA (docs/open-images.md).
std::string published_line(std::vector<std::string> ids);

}  // namespace mkt::imports
