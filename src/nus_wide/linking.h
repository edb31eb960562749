#pragma once
// Links images into a data set, so that they need not be stored twice.

#include <string>
#include <vector>

#include "nus_wide/nus_wide_options.h"

namespace mkt::nus_wide {

/// Ending of a link that is not complete; a killed run may leave such files.
inline constexpr const char* kHalfLink = ".part";

/// An image file and its place in the data set.
struct Link {
  std::string source;  ///< absolute path
  std::string target;
};

/// Makes all targets on `workers` threads; correct existing ones stay.
/// Throws c10::Error, beginning with "link", if the system refuses.
void make_links(const std::vector<Link>& links, LinkKind kind, int workers);

}  // namespace mkt::nus_wide
