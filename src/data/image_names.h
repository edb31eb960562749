#pragma once
// Names of image files, and lists of them as the NUS-WIDE layout has them.

#include <string>
#include <vector>

namespace mkt::data {

/// Whether a file's name ends as those of pictures that can be read: .jpg, .jpeg or .png, in any case.
bool is_picture_name(const std::string& path);

/// The names in a pickle of {"img_names": names} or of the names alone; names are a list or tuple of strings,
/// or a NumPy array of strings. Pickle protocols 0 to 5. Throws c10::Error naming the file where it holds
/// anything else, or asks for anything beyond plain data.
std::vector<std::string> load_image_names(const std::string& path);

/// Writes a pickle of {"img_names": names}, protocol 2. Atomic (write_atomically). Same names, same bytes.
void save_image_names(const std::string& path, const std::vector<std::string>& names);

}  // namespace mkt::data
