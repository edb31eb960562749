#pragma once
// Links images into a data set, so that they are not stored twice.

#include <string>
#include <vector>

#include "nus_wide/nus_wide_options.h"

namespace mkt::nus_wide {

/// File name suffix of an incomplete link; a killed run may leave files with this suffix.
inline constexpr const char* kHalfLink = ".part";

/// An image file and its path in the data set.
struct Link {
  std::string source;  ///< absolute path of the image file
  std::string target;
};

/// Creates all links (or copies) on `workers` threads; correct existing targets are kept. Throws c10::Error
/// with a message that begins with "link" if a system call fails.
void make_links(const std::vector<Link>& links, LinkKind kind, int workers);

}  // namespace mkt::nus_wide
