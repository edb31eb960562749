#pragma once
// Files that are whole or not there.

#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace mkt::io {

/// Calls `write` with a binary stream, and puts what it wrote at `path` in one step: written beside, fsync,
/// rename, fsync of the folder. Whatever goes wrong (disk full, no permission, an exception of `write`), a
/// file that was at `path` stays as it was and nothing is left beside it. Where `path` is a symbolic link,
/// all this is done to what it leads to, and the link stays.
///
/// A pipe, a device or a descriptor of this process (/dev/stdout, /dev/fd/3) has no file to put in its place:
/// the stream goes straight into it, behind what this process printed before.
///
/// A signal that ends the process (core/interrupt.h) waits until it is done.
///
/// Throws c10::Error with the path and the system's reason.
void write_atomically(const std::string& path, const std::function<void(std::ostream&)>& write);

/// The same for lines of text, each with a line end.
void write_lines(const std::string& path, const std::vector<std::string>& lines);

/// Removes from `folder` what write_atomically had not put in its place when its process was killed; of files
/// whose names begin with `start` alone.
void remove_unfinished(const std::string& folder, const std::string& start = "");

}  // namespace mkt::io
