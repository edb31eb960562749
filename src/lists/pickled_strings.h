#pragma once
// Reads lists of strings from pickles.

#include <string>
#include <vector>

namespace mkt::data {

/// Contents that a pickle of strings must have, and their names in messages.
struct PickledList {
  std::string one;       ///< a string: "image"
  std::string many;      ///< the strings: "image names"
  std::string remedy;    ///< end of every message
  std::string key;       ///< key of the list if the pickle holds a dict; empty: a dict is refused
  bool ordered = false;  ///< whether the order matters, so that a set is refused
};

/// Reads strings from a pickle (protocols 0 to 5): a list, tuple or set of str or bytes, or a NumPy array of
/// fixed-width strings or of objects. Throws c10::Error naming the file if it contains anything else or
/// requests anything beyond plain data types.
std::vector<std::string> load_strings(const std::string& path, const PickledList& wanted);

}  // namespace mkt::data
