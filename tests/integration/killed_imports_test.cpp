// Tests that an import that is killed and repeated writes the same files as an uninterrupted import.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/text.h"
#include "integration/releases.h"
#include "integration/world.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;

/// Creates 200,100 image paths from 300 files: one folder, and 666 links to it.
void put_many_images(const std::string& folder) {
  fs::create_directories(folder + "/0");
  for (int file = 0; file < 300; ++file) std::ofstream(fmt::format("{}/0/{}.jpg", folder, file)) << "";
  for (int name = 1; name < 667; ++name)
    fs::create_directory_symlink("0", fmt::format("{}/{}", folder, name));
}

/// Reads the files written by an import.
std::vector<std::string> manifest_files(const std::string& folder) {
  std::vector<std::string> texts;
  for (const char* ending :
       {"toml", "train.jsonl", "test.jsonl", "seen.txt", "unseen.txt", "seen-ids.txt", "unseen-ids.txt"})
    texts.push_back(file_text(fmt::format("{}/own.{}", folder, ending)));
  return texts;
}

/// Returns whether a file in `folder` whose name begins with `start` reaches `size` bytes within a minute.
bool grows(const std::string& folder, const std::string& start, std::uintmax_t size) {
  for (int round = 0; round < 60'000; ++round) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (starts_with(entry.path().filename().string(), start) && entry.file_size(error) >= size && !error)
        return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

/// Starts `command`, which writes own.toml into `folder`, and kills it while it writes the training images.
void kill_midway(const Arguments& command, const std::string& folder) {
  const pid_t pid = start_command(command, scratch_folder("log"));
  const bool begun = grows(folder, "own.train.jsonl.tmp-", 100'000);
  kill(pid, SIGKILL);
  const int status = wait_for_end(pid);
  ASSERT_TRUE(begun);
  ASSERT_TRUE(WIFSIGNALED(status)) << "it ended before it was killed";
}

/// Imports once without interruption, and once into another folder with a kill midway and a repeated import;
/// expects the same files.
void expect_same_after_kill(const Arguments& command, const std::string& root) {
  const auto into = [&](const std::string& folder) {
    fs::create_directories(root + "/" + folder);
    return command + Arguments{"--out", root + "/" + folder + "/own.toml"};
  };
  const auto whole = run_command(into("whole"));
  ASSERT_EQ(whole.exit_code, 0) << whole.error;
  kill_midway(into("killed"), root + "/killed");
  EXPECT_FALSE(fs::exists(root + "/killed/own.toml"));
  EXPECT_FALSE(fs::exists(root + "/killed/own.train.jsonl"));
  const auto again = run_command(into("killed"));
  ASSERT_EQ(again.exit_code, 0) << again.error;
  EXPECT_EQ(manifest_files(root + "/killed"), manifest_files(root + "/whole"));
  EXPECT_EQ(files_in(root + "/killed").size(), files_in(root + "/whole").size())
      << "temporary files are left";
}

TEST(KilledImports, OfATableOf200000RowsCanBeRepeated) {
  const std::string root = scratch_folder("killed-csv");
  put_many_images(root + "/images");
  std::ofstream table(root + "/own.csv");
  table << "image,labels\n";
  for (int i = 0; i < 200'000; ++i)
    table << i / 300 << "/" << i % 300 << ".jpg,label " << i % 97 << ";label " << 97 + i % 89 << "\n";
  table.close();
  expect_same_after_kill(
      {program("prepare"), "csv", "--csv", root + "/own.csv", "--images", root + "/images"}, root);
}

TEST(KilledImports, OfOpenImagesCanBeRepeated) {
  const std::string root = scratch_folder("killed-open-images");
  put_text(root + "/classes.csv", "/m/01,Cat\n/m/02,Dog\n");
  put_text(root + "/trainable.txt", "/m/01\n");
  put_text(root + "/test.csv", kOpenImagesHeader + open_images_id(1) + ",verification,/m/02,1\n");
  std::ofstream rows(root + "/train.csv");
  rows << kOpenImagesHeader;
  for (std::size_t i = 0; i < 200'000; ++i) {
    rows << open_images_id(i) << ",verification,/m/01," << i % 2 << "\n";
    if (i < 4000 || i > 198'000) put_text(fmt::format("{}/images/{}.jpg", root, open_images_id(i)), "");
  }
  rows.close();
  expect_same_after_kill({program("prepare"), "open-images", "--train", root + "/train.csv", "--test",
                          root + "/test.csv", "--classes", root + "/classes.csv", "--trainable",
                          root + "/trainable.txt", "--images", root + "/images", "--unseen-count", "1"},
                         root);
}

}  // namespace
}  // namespace mkt::test
