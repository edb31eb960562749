#pragma once
// What is odd in a list of labels, one a line.

#include <string>
#include <vector>

namespace mkt::data {

/// One line each, with file and line number: a label that is there twice, or but for upper and lower case
/// (of ASCII letters); an empty line before the last label. Nothing here keeps the list from being used.
/// Throws c10::Error naming the file where it cannot be read.
std::vector<std::string> label_list_problems(const std::string& path);

}  // namespace mkt::data
