#pragma once
// Writes files atomically: readers see either the old file or the complete new file.

#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace mkt::io {

/// Replaces the file at `path` atomically with the output of `write`, which is called with a binary stream:
/// writes a temporary file in the same folder, flushes it (fsync), renames it to `path` and flushes the
/// folder. After an error (disk full, no permission, an exception from `write`), an existing file at `path`
/// is unchanged and no temporary file remains. If `path` is a symbolic link, the link's target is replaced
/// and the link is kept.
///
/// If `path` is a pipe, a device or a file descriptor of this process (/dev/stdout, /dev/fd/3), there is no
/// file to replace: `write` writes directly to it, after this process's buffered output.
///
/// A signal that ends the process (core/interrupt.h) is delayed until the file is complete.
///
/// Throws c10::Error with the path and the system's error message.
void write_atomically(const std::string& path, const std::function<void(std::ostream&)>& write);

/// Writes lines of text atomically, each followed by a line end.
void write_lines(const std::string& path, const std::vector<std::string>& lines);

/// Removes from `folder` temporary files left by processes that were killed in write_atomically(), if the
/// file names begin with `start`.
void remove_unfinished(const std::string& folder, const std::string& start = "");

}  // namespace mkt::io
