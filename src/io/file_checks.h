#pragma once
// Checks of paths that a user has named, made before any long work. `name` is the option's name without
// dashes; every message begins with it.

#include <string>

namespace mkt::io {

/// Throws c10::Error if `path` is not an existing file. An empty path passes.
void require_file(const std::string& name, const std::string& path);

/// Throws c10::Error with the system's reason if no file can be written at `path`: its folder does not exist
/// or cannot be written, or `path` is a folder. An existing file is not changed. An empty path passes, and so
/// do pipes and devices that can be written.
void require_writable(const std::string& name, const std::string& path);

/// Creates the folder `path` if it does not exist. Throws c10::Error with the system's reason if that fails
/// or no file can be created in it. An empty path passes.
void require_writable_folder(const std::string& name, const std::string& path);

}  // namespace mkt::io
