#pragma once
// The progress line at the bottom of a terminal. It is overwritten in place; other output clears it first.

#include <string>

namespace mkt::status_line {

/// Shows `text` in place of the current line. Standard error must be a terminal.
void show(const std::string& text);

/// Removes the line, if one is shown.
void clear();

}  // namespace mkt::status_line
