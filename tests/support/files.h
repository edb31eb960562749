#pragma once
// Files that tests make.

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "core/text.h"

namespace mkt::test {

/// A path of this process's own in the folder for temporary files.
inline std::string temporary(const std::string& name) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / cat("mkt_io_", getpid());
  std::filesystem::create_directories(folder);
  return folder / name;
}

inline std::string read_file(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path, std::ios::binary).rdbuf();
  return out.str();
}

inline std::string write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

}  // namespace mkt::test
