#pragma once
// Converts NUS-WIDE's raw release to the layout that training reads.

#include <string>

#include "nus_wide/nus_wide_options.h"

namespace mkt::nus_wide {

/// Reads the release, examines all images, drops those that the options exclude, and writes `options.out`:
///   Flickr/<class>/<photo>                        links to the images (or copies)
///   Concepts925.txt Concepts81.txt                seen and unseen labels
///   img_names.txt/.pkl test_img_names.txt/.pkl    the kept images, in the order of the release
///   features/nus_wide_train.h5 nus_wide_test.h5   labels in {-1, 1}
///   summary.json                                  numbers of images found and dropped, per rule
///   left_out.jsonl                                {"name", "split", "rule", "reason"} per dropped image
///   pictures.jsonl                                examination results per image file (image_facts.h)
/// A second run, also after a crash, reuses pictures.jsonl and writes the same files. Returns a summary for
/// the terminal. Throws ValueError naming an invalid option, c10::Error naming file and line of invalid data.
std::string import_nus_wide(const NusWideImportOptions& options);

}  // namespace mkt::nus_wide
