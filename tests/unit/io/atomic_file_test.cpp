#include "mkt/io/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>

#include "files.h"
#include "messages.h"

namespace mkt::io {
namespace {

namespace fs = std::filesystem;

/// An empty folder of the test's own.
std::string folder(const std::string& name) {
  const std::string path = temporary(name);
  fs::remove_all(path);
  fs::create_directories(path);
  return path;
}

std::size_t files_in(const std::string& path) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
}

TEST(AtomicFile, ReplacesAFileByWhatWasWritten) {
  const std::string path = folder("replace") + "/f";
  write_file(path, "old");
  const std::string big(300'000, 'x');
  write_atomically(path, [&](std::ostream& out) {
    out << "new " << 7;
    out.put('\n');
    out << big;
  });
  EXPECT_EQ(read_file(path), "new 7\n" + big);
  EXPECT_EQ(files_in(fs::path(path).parent_path()), 1U);
}

TEST(AtomicFile, KeepsTheOldFileWhenTheWriterThrows) {
  const std::string path = folder("throws") + "/f";
  write_file(path, "old");
  const auto write = [](std::ostream& out) {
    out << std::string(300'000, 'x');
    throw std::runtime_error("stopped");
  };
  EXPECT_EQ(message_of([&] { write_atomically(path, write); }), "stopped");
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(files_in(fs::path(path).parent_path()), 1U);
}

TEST(AtomicFile, KeepsTheOldFileWhenTheDiskRefusesMore) {
  const std::string path = folder("limit") + "/f";
  write_file(path, "old");
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{100'000, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string message = message_of(
      [&] { write_atomically(path, [](std::ostream& out) { out << std::string(300'000, 'x'); }); });
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(message.rfind(path + ": cannot be written: File too large", 0), 0U) << message;
  EXPECT_EQ(read_file(path), "old");
  EXPECT_EQ(files_in(fs::path(path).parent_path()), 1U);
}

TEST(AtomicFile, NamesTheFileAndTheReason) {
  const auto nothing = [](std::ostream& out) { out << "x"; };
  EXPECT_EQ(message_of([&] {
              write_atomically("/nowhere/f", nothing);
            }).rfind("/nowhere/f: cannot be written: No such file or directory", 0),
            0U);
  const std::string target = folder("is_folder");
  EXPECT_EQ(message_of([&] {
              write_atomically(target, nothing);
            }).rfind(target + ": cannot be written: Is a directory", 0),
            0U);
  for (const auto& entry : fs::directory_iterator(fs::path(target).parent_path())) {
    EXPECT_EQ(entry.path().string().find(target + ".tmp"), std::string::npos) << entry.path();
  }
}

TEST(AtomicFile, FolderWithoutWritePermissionIsNamed) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  const std::string path = folder("read_only");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_NE(message_of([&] {
              write_atomically(path + "/f", [](std::ostream& out) { out << "x"; });
            }).find("Permission denied"),
            std::string::npos);
  fs::permissions(path, fs::perms::owner_all);
}

}  // namespace
}  // namespace mkt::io
