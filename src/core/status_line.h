#pragma once
// The progress line at the bottom of a terminal. It is updated in place and must be cleared before other
// output.

#include <string>

namespace mkt::status_line {

/// Replaces the current line with `text`. Standard error must be a terminal.
void show(const std::string& text);

/// Removes the line, if one is shown.
void clear();

}  // namespace mkt::status_line
