#pragma once
// NUS-WIDE's raw release into the layout that training reads.

#include <string>

#include "nus_wide/nus_wide_options.h"

namespace mkt::nus_wide {

/// Reads the release, examines every picture, leaves out what the options say, and writes into `options.out`:
///   Flickr/<class>/<photo>                        links to the pictures (or copies)
///   Concepts925.txt Concepts81.txt                seen and unseen labels
///   img_names.txt/.pkl test_img_names.txt/.pkl    the pictures kept, in the order of the release's lists
///   features/nus_wide_train.h5 nus_wide_test.h5   labels in {-1, 1}
///   summary.json                                  what was found, and left out by which rule
///   left_out.jsonl                                {"name", "split", "rule", "reason"} a picture left out
///   pictures.jsonl                                what is known of the picture files (pictures.h)
/// A second run, also after a crash, takes from pictures.jsonl what it can, and gives the same files. Returns
/// the summary on a screen. Throws ValueError naming the flag, c10::Error naming file and line of what does
/// not fit.
std::string import_nus_wide(const NusWideImportOptions& options);

}  // namespace mkt::nus_wide
