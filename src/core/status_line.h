#pragma once
// The line at the bottom of a terminal that progress writes over; whatever else is printed clears it first.

#include <string>

namespace mkt::status_line {

/// Replaces the line. Standard error must be a terminal.
void show(const std::string& text);

/// Removes it, where one is shown.
void clear();

}  // namespace mkt::status_line
