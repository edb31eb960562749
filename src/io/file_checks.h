#pragma once
// Checks user-supplied paths before a long run starts. `name`: the option's name without dashes; every error
// message begins with it.

#include <string>

namespace mkt::io {

/// Throws c10::Error if `path` is not an existing file. An empty path passes.
void require_file(const std::string& name, const std::string& path);

/// Throws c10::Error with the system's error message if no file can be written at `path`: its folder does not
/// exist or is not writable, or `path` is a folder. An existing file is not changed. An empty path passes,
/// and so do writable pipes and devices.
void require_writable(const std::string& name, const std::string& path);

/// Creates the folder `path` if it does not exist. Throws c10::Error with the system's error message if that
/// fails or no file can be created in the folder. An empty path passes.
void require_writable_folder(const std::string& name, const std::string& path);

}  // namespace mkt::io
