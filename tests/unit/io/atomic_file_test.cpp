#include "io/atomic_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "io/descriptor.h"
#include "support/files.h"
#include "support/message.h"

namespace mkt::io {

using namespace test;
namespace {

namespace fs = std::filesystem;
using test::message_of;

/// Creates an empty folder for a test; returns its path.
std::string folder(const std::string& name) {
  std::string path = temporary(name);
  fs::remove_all(path);
  fs::create_directories(path);
  return path;
}

std::size_t count_files(const std::string& path) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(path), fs::directory_iterator()));
}

TEST(AtomicFile, ReplacesAFile) {
  const std::string path = folder("replace") + "/f";
  write_file(path, "old");
  const std::string big(300'000, 'x');
  write_atomically(path, [&](std::ostream& out) {
    out << "new " << 7;
    out.put('\n');
    out << big;
  });
  EXPECT_EQ(file_text(path), "new 7\n" + big);
  EXPECT_EQ(count_files(fs::path(path).parent_path()), 1U);
}

TEST(AtomicFile, KeepsTheOldFileWhenTheWriterThrows) {
  const std::string path = folder("throws") + "/f";
  write_file(path, "old");
  const auto write = [](std::ostream& out) {
    out << std::string(300'000, 'x');
    throw std::runtime_error("stopped");
  };
  EXPECT_EQ(message_of([&] { write_atomically(path, write); }), "stopped");
  EXPECT_EQ(file_text(path), "old");
  EXPECT_EQ(count_files(fs::path(path).parent_path()), 1U);
}

TEST(AtomicFile, KeepsTheOldFileWhenTheDiskIsFull) {
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
  EXPECT_EQ(file_text(path), "old");
  EXPECT_EQ(count_files(fs::path(path).parent_path()), 1U);
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

TEST(AtomicFile, NamesAFolderWithoutWritePermission) {
  if (geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  const std::string path = folder("read_only");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_exec);
  EXPECT_NE(message_of([&] {
              write_atomically(path + "/f", [](std::ostream& out) { out << "x"; });
            }).find("Permission denied"),
            std::string::npos);
  fs::permissions(path, fs::perms::owner_all);
}

const auto kWriteNew = [](std::ostream& out) { out << "new"; };

TEST(AtomicFile, ReplacesTheTargetOfALinkAndKeepsTheLink) {
  const std::string here = folder("link");
  fs::create_directories(here + "/store");
  write_file(here + "/store/f", "old");
  fs::create_symlink("store/f", here + "/inner");
  fs::create_symlink(here + "/inner", here + "/outer");
  write_atomically(here + "/outer", kWriteNew);
  EXPECT_EQ(fs::read_symlink(here + "/outer"), here + "/inner");
  EXPECT_EQ(fs::read_symlink(here + "/inner"), "store/f");
  EXPECT_FALSE(fs::is_symlink(here + "/store/f"));
  EXPECT_EQ(file_text(here + "/store/f"), "new");
  EXPECT_EQ(count_files(here + "/store"), 1U);
  EXPECT_EQ(count_files(here), 3U);
}

TEST(AtomicFile, CreatesTheTargetOfADanglingLink) {
  const std::string here = folder("dangling");
  fs::create_symlink("f", here + "/link");
  write_atomically(here + "/link", kWriteNew);
  EXPECT_EQ(fs::read_symlink(here + "/link"), "f");
  EXPECT_EQ(file_text(here + "/f"), "new");
}

TEST(AtomicFile, RejectsACircleOfLinks) {
  const std::string here = folder("circle");
  fs::create_symlink("b", here + "/a");
  fs::create_symlink("a", here + "/b");
  EXPECT_EQ(message_of([&] { write_atomically(here + "/a", kWriteNew); }),
            here + "/a: cannot be written: Too many levels of symbolic links. Name the file itself.");
}

TEST(AtomicFile, WritesDirectlyToAPipe) {
  const std::string path = folder("fifo") + "/pipe";
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  const Descriptor reader(open(path.c_str(), O_RDONLY | O_NONBLOCK));
  ASSERT_GE(reader.fd(), 0);
  write_atomically(path, kWriteNew);
  EXPECT_TRUE(fs::is_fifo(path));
  std::string got(16, '\0');
  EXPECT_EQ(read(reader.fd(), got.data(), got.size()), 3);
  EXPECT_EQ(got.substr(0, 3), "new");
}

// The paths are symbolic links, so that a failing test cannot remove the device.
TEST(AtomicFile, WritesDirectlyToADevice) {
  const std::string path = folder("device") + "/null";
  fs::create_symlink("/dev/null", path);
  write_atomically(path, kWriteNew);
  EXPECT_TRUE(fs::is_character_file(path));
  fs::remove(path);
  fs::create_symlink("/dev/full", path);
  EXPECT_EQ(message_of([&] { write_atomically(path, kWriteNew); }),
            path +
                ": cannot be written: No space left on device. Part of the data may have been written. Check "
                "its reader.");
}

TEST(AtomicFile, ContinuesADescriptorOfThisProcess) {
  const std::string path = folder("stdout") + "/stdout";
  fs::create_symlink("/dev/stdout", path);
  testing::internal::CaptureStdout();
  std::printf("before, ");
  write_atomically(path, kWriteNew);
  std::printf(", after");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "before, new, after");
  EXPECT_TRUE(fs::is_symlink(path));
}

TEST(AtomicFile, WritesToADescriptorThatIsAPipe) {
  int ends[2] = {-1, -1};
  ASSERT_EQ(pipe(ends), 0);
  const Descriptor reader(ends[0]);
  const Descriptor writer(ends[1]);
  write_atomically(fmt::format("/dev/fd/{}", writer.fd()), kWriteNew);
  std::string got(16, '\0');
  EXPECT_EQ(read(reader.fd(), got.data(), got.size()), 3);
  EXPECT_EQ(got.substr(0, 3), "new");
}

TEST(RemoveUnfinished, RemovesOnlyTemporaryFiles) {
  const std::string here = folder("unfinished");
  for (const char* name : {"f", "f.tmp-12", "g.tmp-1x", "h.tmp-", "tmp-3"})
    write_file(here + "/" + name, "x");
  remove_unfinished(here);
  EXPECT_EQ(count_files(here), 4U);
  EXPECT_FALSE(fs::exists(here + "/f.tmp-12"));
}

}  // namespace
}  // namespace mkt::io
