#pragma once
// Files that are whole or not there.

#include <functional>
#include <ostream>
#include <string>

namespace mkt::io {

/// Calls `write` with a binary stream, and puts what it wrote at `path` in one step: written beside, fsync,
/// rename, fsync of the folder. Whatever goes wrong (disk full, no permission, an exception of `write`), a
/// file that was at `path` stays as it was and nothing is left beside it. Throws c10::Error with the path and
/// the system's reason.
void write_atomically(const std::string& path, const std::function<void(std::ostream&)>& write);

}  // namespace mkt::io
