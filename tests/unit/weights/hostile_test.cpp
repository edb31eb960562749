#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>

#include "data/label_file.h"
#include "lists/image_names.h"
#include "mkt/core/random.h"
#include "mkt/weights/checkpoint.h"
#include "support/files.h"
#include "support/formula.h"
#include "support/message.h"
#include "weights/pickle.h"

// Damaged and malicious files either cause an error that names the file or load as plain data. With the asan
// preset, these tests also prove that no byte outside the file is accessed.
namespace mkt::weights {

using namespace test;
namespace {

namespace fs = std::filesystem;
using test::message_of;

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : fs::directory_iterator(test::golden(folder))) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// Makes 1 to 4 random edits within `reach` bytes of either end: flips a bit, or replaces, removes or
/// duplicates bytes.
std::string damaged(std::string bytes, std::size_t reach, KeyedRandom* random) {
  const std::size_t edits = 1 + random->below(4);
  for (std::size_t i = 0; i < edits && !bytes.empty(); ++i) {
    const std::size_t offset = random->below(std::min(reach, bytes.size()));
    const std::size_t at = random->below(2) == 0 ? offset : bytes.size() - 1 - offset;
    switch (random->below(4)) {
      case 0:
        bytes[at] = static_cast<char>(random->bits());
        break;
      case 1:
        bytes.erase(at, 1 + random->below(8));
        break;
      case 2:
        bytes.insert(at, bytes.substr(at, 1 + random->below(8)));
        break;
      default:
        bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ 1U << random->below(8));
    }
  }
  return bytes;
}

/// Loads a file and reads every value; returns whether it is rejected. The error must name the file.
bool refused(const std::string& path) {
  double total = 0;
  const std::string message = message_of([&] {
    for (const auto& [name, tensor] : load_tensors(path))
      total += tensor.to(torch::kFloat64).sum().item<double>();
  });
  EXPECT_TRUE(message.empty() || message.rfind(path + ": ", 0) == 0) << message;
  return !message.empty();
}

TEST(Hostile, RejectsEveryGoldenFileByName) {
  int files = 0;
  for (const std::string folder : {"formats/hostile", "bad"}) {
    for (const std::string& path : files_in(folder)) {
      EXPECT_TRUE(refused(path)) << path;
      EXPECT_EQ(message_of([&] { load_tensor(path); }).rfind(path + ": ", 0), 0U) << path;
      EXPECT_EQ(message_of([&] { data::load_image_names(path); }).rfind(path + ": ", 0), 0U) << path;
      EXPECT_EQ(message_of([&] { data::LabelFile file(path); }).rfind(path + ": ", 0), 0U) << path;
      ++files;
    }
  }
  EXPECT_EQ(files, 14);
}

TEST(Hostile, ExecutesNothingFromAPickle) {
  const fs::path before = fs::current_path();
  const std::string folder = temporary("empty_folder");
  fs::create_directories(folder);
  fs::current_path(folder);
  const std::string names = test::golden("formats/hostile/reduce_os_system.pkl");
  const std::string weights = test::golden("formats/hostile/reduce_os_system.pth");
  EXPECT_NE(message_of([&] { data::load_image_names(names); }).find("names 'posix.system'"),
            std::string::npos);
  EXPECT_NE(message_of([&] { load_tensors(weights); }).find("names 'posix.system'"), std::string::npos);
  fs::current_path(before);
  EXPECT_TRUE(fs::is_empty(folder));
}

TEST(Hostile, RejectsAPipeWithoutWaiting) {
  const std::string path = temporary("pipe.pt");
  fs::remove(path);
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(message_of([&] { load_tensors(path); }),
            path + ": expected a file, got a folder, a pipe or a device. Name a file.");
  fs::remove(path);
}

TEST(Hostile, RejectsFilesTruncatedAtAnyLength) {
  constexpr std::size_t kEach = 64;  // number of lengths near each end, and in between
  for (const char* name : {"adamw.pth", "formats/state_dict.pth", "formats/state_dict_legacy.pth",
                           "formats/openai_archive.pt", "formats/state_dict.safetensors"}) {
    const std::string bytes = file_text(test::golden(name));
    for (std::size_t i = 0; i < 3 * kEach; ++i) {
      const std::size_t length = i < kEach       ? i
                                 : i < 2 * kEach ? bytes.size() - 1 - (i - kEach)
                                                 : (i - 2 * kEach) * bytes.size() / kEach;
      const std::string path = write_file(temporary("cut"), bytes.substr(0, length));
      EXPECT_TRUE(refused(path)) << name << " cut at " << length;
    }
  }
}

TEST(Hostile, RejectsImageListsTruncatedAtAnyLength) {
  for (const char* name : {"img_names.pkl", "test_img_names.pkl", "test_img_names_numpy.pkl"}) {
    const std::string bytes = file_text(test::golden(std::string("nus-mini/NUS-WIDE/") + name));
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      const std::string path = write_file(temporary("cut.pkl"), bytes.substr(0, length));
      EXPECT_EQ(message_of([&] { data::load_image_names(path); }).rfind(path + ": ", 0), 0U) << length;
    }
  }
}

struct Damage {
  const char* name;
  std::size_t reach;  ///< The file's structure is within this many bytes of either end.
  int rounds;
};

class Damaged : public testing::TestWithParam<Damage> {};

TEST_P(Damaged, CheckpointIsRejectedOrReadAsData) {
  const std::string bytes = file_text(test::golden(GetParam().name));
  KeyedRandom random({2026, static_cast<std::uint64_t>(GetParam().reach)});
  int refusals = 0;
  for (int round = 0; round < GetParam().rounds; ++round) {
    refusals += refused(write_file(temporary("damaged"), damaged(bytes, GetParam().reach, &random))) ? 1 : 0;
  }
  EXPECT_GT(refusals, GetParam().rounds / 10);
  EXPECT_LE(refusals, GetParam().rounds);
}

INSTANTIATE_TEST_SUITE_P(Hostile, Damaged,
                         testing::Values(Damage{"adamw.pth", 1300, 1500},
                                         Damage{"ranking_loss.pth", 5100, 800},
                                         Damage{"formats/state_dict.pth", 6000, 150},
                                         Damage{"formats/state_dict_legacy.pth", 5400, 150},
                                         Damage{"formats/openai_archive.pt", 24000, 150},
                                         Damage{"formats/hugging_face.safetensors", 5500, 150}),
                         [](const auto& parameter) { return "File" + std::to_string(parameter.index); });

TEST(Hostile, RejectsDamagedPicklesOrReadsThemAsData) {
  KeyedRandom random({7});
  int refusals = 0;
  int rounds = 0;
  for (const auto& entry : fs::directory_iterator(std::string(MKT_TEST_DATA) + "/pickles")) {
    if (entry.path().extension() != ".pkl") continue;
    const std::string bytes = file_text(entry.path());
    for (int round = 0; round < 60; ++round, ++rounds) {
      const std::string path = write_file(temporary("damaged.pkl"), damaged(bytes, bytes.size(), &random));
      const std::string message = message_of([&] { data::load_image_names(path); });
      EXPECT_TRUE(message.empty() || message.rfind(path + ": ", 0) == 0) << message;
      refusals += message.empty() ? 0 : 1;
    }
  }
  EXPECT_GT(refusals, rounds / 2);
}

TEST(Hostile, RejectsRandomOpcodesOrReadsThemAsData) {
  const std::string opcodes =
      "(.012FIJKLMNPQRSTUVXabcdeghijlopqrstu})]GBC\x80\x81\x85\x86\x87\x88\x89\x8a\x8c\x93\x94\n\x01";
  KeyedRandom random({8});
  int refusals = 0;
  for (int round = 0; round < 8000; ++round) {
    std::string pickle;
    for (std::size_t i = random.below(60); i > 0; --i)
      pickle.push_back(opcodes[random.below(opcodes.size())]);
    const std::string message = message_of([&] { parse_pickle(pickle + "N.", "f"); });
    EXPECT_TRUE(message.empty() || message.rfind("f: ", 0) == 0) << message;
    refusals += message.empty() ? 0 : 1;
  }
  EXPECT_GT(refusals, 4000);
}

TEST(Hostile, RejectsOrReadsDamagedLabelFiles) {
  const std::string bytes = file_text(test::golden("nus-mini/NUS-WIDE/features/nus_wide_train.h5"));
  const std::vector<std::string> names =
      data::load_image_names(test::golden("nus-mini/NUS-WIDE/img_names.pkl"));
  std::vector<std::string> keys;
  for (const std::string& name : names) keys.push_back(name + "-labels");
  KeyedRandom random({9});
  int refusals = 0;
  for (int round = 0; round < 300; ++round) {
    const std::string path = write_file(temporary("damaged.h5"), damaged(bytes, bytes.size(), &random));
    const std::string message = message_of([&] { data::LabelFile(path).read(keys); });
    EXPECT_TRUE(message.empty() || message.rfind(path + ": ", 0) == 0) << message;
    refusals += message.empty() ? 0 : 1;
  }
  EXPECT_GT(refusals, 10);
}

}  // namespace
}  // namespace mkt::weights
