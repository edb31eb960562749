#include "labels/cache_folder.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "support/command.h"

namespace mkt::labels {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFileBytes = 10'000;

/// A cache folder whose limit is three files with kFileBytes each.
struct TrimmedFolder : testing::Test {
  std::string path = test::scratch_folder("cache");
  CacheFolder folder{path, 3 * kFileBytes};

  std::string add(char digit, int hours_old, std::uint64_t bytes = kFileBytes) {
    std::string file = folder.file(std::string(64, digit), "safetensors");
    std::ofstream(file) << std::string(bytes, 'x');
    fs::last_write_time(file, fs::file_time_type::clock::now() - std::chrono::hours(hours_old));
    return file;
  }
};

TEST_F(TrimmedFolder, RemovesTheLeastRecentlyUsedFilesBeyondItsLimit) {
  const auto old = add('a', 4);
  const auto older = add('b', 5);
  const auto young = add('c', 1);
  const auto middle = add('d', 2);
  const auto recent = add('e', 0);
  folder.trim();
  EXPECT_FALSE(fs::exists(old));
  EXPECT_FALSE(fs::exists(older));
  for (const auto& file : {young, middle, recent}) EXPECT_TRUE(fs::exists(file)) << file;
}

TEST_F(TrimmedFolder, KeepsAnOldFileThatWasJustUsed) {
  const auto used = add('a', 100);
  const auto unused = add('b', 3);
  add('c', 2);
  add('d', 1);
  folder.note_use(used);
  folder.trim();
  EXPECT_TRUE(fs::exists(used));
  EXPECT_FALSE(fs::exists(unused));
}

TEST_F(TrimmedFolder, KeepsAllFilesWithinItsLimit) {
  const std::vector<std::string> files = {add('a', 9), add('b', 8), add('c', 7)};
  folder.trim();
  for (const auto& file : files) EXPECT_TRUE(fs::exists(file)) << file;
}

TEST_F(TrimmedFolder, CountsASmallFileAsABlockOnDisk) {
  std::vector<std::string> files;
  for (char digit = '0'; digit <= '8'; ++digit) files.push_back(add(digit, '9' - digit, 1));
  folder.trim();  // each of the nine files counts as 4096 bytes: seven fit in 30,000 bytes
  EXPECT_FALSE(fs::exists(files[0]));
  EXPECT_FALSE(fs::exists(files[1]));
  for (std::size_t i = 2; i < files.size(); ++i) EXPECT_TRUE(fs::exists(files[i])) << files[i];
}

TEST_F(TrimmedFolder, LeavesForeignFilesAlone) {
  const std::string foreign = path + "/notes.txt";
  std::ofstream(foreign) << std::string(10 * kFileBytes, 'x');
  fs::last_write_time(foreign, fs::file_time_type::clock::now() - std::chrono::hours(1000));
  const auto own = add('a', 1);
  folder.trim();
  EXPECT_TRUE(fs::exists(foreign));
  EXPECT_TRUE(fs::exists(own));
}

TEST(FileIdentity, ChangesWithEveryWriteEvenIfSizeAndTimeAreRestored) {
  const std::string file = test::scratch_folder("identity") + "/weights.pt";
  std::ofstream(file) << "abc";
  const auto time = fs::last_write_time(file);
  const FileIdentity before = identify(file);
  EXPECT_TRUE(identify(file) == before);
  EXPECT_FALSE(before.settled());  // another write in the same clock tick would not be detected
  std::ofstream(file) << "xyz";
  fs::last_write_time(file, time);
  FileIdentity after = identify(file);
  EXPECT_EQ(after.size, before.size);
  EXPECT_EQ(after.modified_ns, before.modified_ns);
  EXPECT_FALSE(after == before);
}

}  // namespace
}  // namespace mkt::labels
