#pragma once
// Recognises names of image files; reads and writes image lists in the NUS-WIDE layout.

#include <filesystem>
#include <string>
#include <vector>

namespace mkt::data {

/// File extensions of supported images, for messages.
inline constexpr const char* kImageEndings = ".jpg, .png, .webp, .tif, .bmp, .gif, .heic or .avif";

/// Whether `path` has the extension of a supported image: .jpg, .jpeg, .jpe, .jfif, .png, .webp, .tif, .tiff,
/// .bmp, .dib, .gif, .heic, .heif, .hif, .avif; case is ignored.
bool is_image_name(const std::string& path);

/// Whether a folder search skips `path`: its last part begins with a dot, as AppleDouble files ("._x.jpg")
/// do.
bool is_hidden(const std::filesystem::path& path);

/// Whether a recursive search skips the entry `at`, which is hidden; keeps the search out of hidden folders.
bool skips_hidden(std::filesystem::recursive_directory_iterator& at);

/// Searches `folder` for `stem` + .jpg, .JPG, .jpeg or .JPEG, in this order. Returns the name of the first
/// existing file relative to `folder`, or "" if there is none. Thread-safe.
std::string find_jpeg(const std::string& folder, const std::string& stem);

/// Reads image names from a pickle (protocols 0 to 5) of {"img_names": names} or of the names alone. Names
/// are a list or tuple of strings, or a NumPy array of strings. Throws c10::Error naming the file if it
/// contains anything else or requests anything beyond plain data types.
std::vector<std::string> load_image_names(const std::string& path);

/// Writes {"img_names": names} as a pickle, protocol 2. Atomic (write_atomically); equal names produce equal
/// bytes.
void save_image_names(const std::string& path, const std::vector<std::string>& names);

}  // namespace mkt::data
