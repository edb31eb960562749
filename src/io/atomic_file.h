#pragma once
// Atomic writing of files: readers see the old file or the complete new one.

#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace mkt::io {

/// Calls `write` with a binary stream and makes the result the file at `path` in one step: it is written to a
/// temporary file in the same folder, flushed (fsync) and renamed; then the folder is flushed. If anything
/// fails (disk full, no permission, an exception of `write`), an existing file at `path` is unchanged and no
/// temporary file remains. If `path` is a symbolic link, the file that it leads to is replaced and the link
/// is kept.
///
/// If `path` is a pipe, a device or a descriptor of this process (/dev/stdout, /dev/fd/3), there is no file
/// to replace: the stream is written directly to it, after the buffered output of this process.
///
/// A signal that ends the process (core/interrupt.h) is delayed until the file is complete.
///
/// Throws c10::Error with the path and the system's reason.
void write_atomically(const std::string& path, const std::function<void(std::ostream&)>& write);

/// The same for lines of text; each gets a line end.
void write_lines(const std::string& path, const std::vector<std::string>& lines);

/// Removes from `folder` the temporary files of processes that were killed in write_atomically, if their
/// names begin with `start`.
void remove_unfinished(const std::string& folder, const std::string& start = "");

}  // namespace mkt::io
