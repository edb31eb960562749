#pragma once
// Temporary files for tests.

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "support/command.h"

namespace mkt::test {

/// Returns a path for `name` in a temporary folder that only this process uses.
inline std::string temporary(const std::string& name) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / fmt::format("mkt_io_{}", getpid());
  std::filesystem::create_directories(folder);
  return folder / name;
}

/// Writes `bytes` to `path`; returns the path.
inline std::string write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

}  // namespace mkt::test
