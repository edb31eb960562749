#pragma once
// Pictures into a data set without taking their place twice.

#include <string>
#include <vector>

namespace mkt::nus_wide {

/// Behind a target's name while it is made; a run that is killed may leave such.
inline constexpr const char* kHalfLink = ".part";

/// A picture and where it is to be.
struct Link {
  std::string source;  ///< absolute
  std::string target;
};

/// Makes every target, on `workers` threads: "symbolic", "hard" or "copy". What is there already and right
/// stays. Throws c10::Error naming --link where the system refuses.
void make_links(const std::vector<Link>& links, const std::string& kind, int workers);

}  // namespace mkt::nus_wide
