#pragma once
// Checks of the files that options name, made before any long work.

#include <string>

namespace mkt::io {

/// Throws c10::Error naming the flag where the file does not exist. An empty path passes.
void require_file(const std::string& flag, const std::string& path);

/// Throws c10::Error naming the flag and the system's reason where no file can be written at `path`: its
/// folder is missing or closed, or it is a folder itself. A file that is there stays as it is. An empty path
/// passes, and so do pipes and devices that may be written.
void require_writable(const std::string& flag, const std::string& path);

/// Makes the folder at `path` where there is none. Throws c10::Error naming the flag and the system's reason
/// where that fails or no file can be written in it. An empty path passes.
void require_writable_folder(const std::string& flag, const std::string& path);

}  // namespace mkt::io
