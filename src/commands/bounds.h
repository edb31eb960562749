#pragma once
// What several programs' options have in common.

#include <string>
#include <utility>
#include <vector>

#include "cli/option_list.h"

namespace mkt::commands {

inline const cli::Bounds kPositive{1};
inline const cli::Bounds kNotNegative{0};
inline const cli::Bounds kThreads{0, 1024};
inline constexpr const char* kDataPathHelp = "Data set: folder in the NUS-WIDE layout, or manifest (.toml)";
inline constexpr const char* kMergesHelp = "Tokenizer's merges file; without it: beside the executables";
inline constexpr const char* kDecodersHelp = "Threads that decode pictures; 0: none but the main one";

inline cli::Bounds one_of(std::vector<std::string> choices) {
  cli::Bounds bounds;
  bounds.choices = std::move(choices);
  return bounds;
}

}  // namespace mkt::commands
