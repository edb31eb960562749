#include "io/file_checks.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/text.h"
#include "support/command.h"
#include "support/message.h"

namespace mkt::io {
namespace {

namespace fs = std::filesystem;

std::string file_message(const std::string& path) {
  return test::message_of([&] { require_file("ckpt-path", path); });
}

std::string write_message(const std::string& path) {
  return test::message_of([&] { require_writable("json", path); });
}

TEST(RequireFile, NamesOptionAndPath) {
  const std::string folder = test::scratch_folder("files");
  std::ofstream(folder + "/a") << "a";
  EXPECT_EQ(file_message(folder + "/a"), "");
  EXPECT_EQ(file_message(""), "");
  EXPECT_NE(file_message(folder).find(
                fmt::format("ckpt-path: expected a file, got '{}', which is not a file. ", folder)),
            std::string::npos);
  EXPECT_NE(file_message("/nowhere").find("'/nowhere', which does not exist. Check the path."),
            std::string::npos);
}

TEST(RequireWritable, ChangesNothing) {
  const std::string folder = test::scratch_folder("files");
  std::ofstream(folder + "/old") << "old";
  EXPECT_EQ(write_message(folder + "/old"), "");
  EXPECT_EQ(write_message(folder + "/new"), "");
  EXPECT_EQ(write_message(""), "");
  EXPECT_EQ(write_message("/dev/null"), "");
  EXPECT_EQ(test::file_text(folder + "/old"), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder), fs::directory_iterator()), 1);
}

TEST(RequireWritable, ReportsTheReason) {
  const std::string folder = test::scratch_folder("files");
  EXPECT_NE(write_message(folder).find("which is a folder. Name a file."), std::string::npos);
  EXPECT_NE(write_message(folder + "/none/a").find("/none/a cannot be written: No such file or directory"),
            std::string::npos);
  EXPECT_NE(write_message(folder + "/" + std::string(300, 'a')).find("File name too long"),
            std::string::npos);
}

std::string folder_message(const std::string& path) {
  return test::message_of([&] { require_writable_folder("report", path); });
}

TEST(RequireWritableFolder, CreatesItAndLeavesItEmpty) {
  const std::string folder = test::scratch_folder("files") + "/new/deep";
  EXPECT_EQ(folder_message(folder), "");
  EXPECT_EQ(folder_message(folder), "");
  EXPECT_EQ(folder_message(""), "");
  EXPECT_TRUE(fs::is_empty(folder));
}

TEST(RequireWritableFolder, ReportsTheReason) {
  const std::string file = test::scratch_folder("files") + "/file";
  std::ofstream(file) << "old";
  EXPECT_EQ(folder_message(file), "report: expected a folder to write to, got '" + file +
                                      "', which is not a folder. Name another.");
  EXPECT_EQ(folder_message(file + "/in"),
            "report: expected a folder to write to, got '" + file +
                "/in', which cannot be created: Not a directory. Name another.");
  EXPECT_EQ(folder_message("/proc"),
            "report: files cannot be created in /proc: No such file or directory. Name another folder.");
}

}  // namespace
}  // namespace mkt::io
