#pragma once
// Names of image files, and image lists in the NUS-WIDE layout.

#include <string>
#include <vector>

namespace mkt::data {

/// The endings of readable image files, for messages.
inline constexpr const char* kImageEndings = ".jpg, .jpeg or .png";

/// Whether a file name ends in one of kImageEndings, in upper or lower case.
bool is_image_name(const std::string& path);

/// Name of the first existing file `stem` + .jpg, .JPG, .jpeg or .JPEG in `folder`, relative to it; "" if
/// there is none. Thread-safe.
std::string find_jpeg(const std::string& folder, const std::string& stem);

/// Reads the names from a pickle of {"img_names": names} or of the names only; names are a list or tuple of
/// strings, or a NumPy array of strings. Pickle protocols 0 to 5. Throws c10::Error naming the file if it
/// contains anything else, or asks for anything beyond plain data.
std::vector<std::string> load_image_names(const std::string& path);

/// Writes a pickle of {"img_names": names}, protocol 2. Atomic (write_atomically); equal names give equal
/// bytes.
void save_image_names(const std::string& path, const std::vector<std::string>& names);

}  // namespace mkt::data
