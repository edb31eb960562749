// Miniatures of what others release, in its layout and with its quirks, from the raw files to an evaluation;
// and imports that are killed.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <iomanip>
#include <thread>

#include "integration/usable.h"
#include "integration/world.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Pictures that can be decoded, by number.
fs::path some_picture(std::size_t number) {
  static const std::vector<fs::path> pictures = [] {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(mini_nus_wide() + "/Flickr"))
      if (entry.is_regular_file()) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
  }();
  return pictures[number % pictures.size()];
}

void put_picture(const std::string& path, std::size_t number) {
  fs::create_directories(fs::path(path).parent_path());
  fs::copy_file(some_picture(number), path);
}

void put_text(const std::string& path, const std::string& text) {
  fs::create_directories(fs::path(path).parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

/// Open Images V4's ids.
std::string open_images_id(std::size_t number) {
  std::ostringstream text;
  text << std::hex << std::setfill('0') << std::setw(16) << 0x9f00000000000000ULL + number;
  return text.str();
}

constexpr const char* kOpenImagesHeader = "ImageID,Source,LabelName,Confidence\r\n";
constexpr std::size_t kMissing = 4;  // a picture that is not on disk

/// Writes a split: picture i shows its label, does not show the next one, and of one label rows differ.
void put_open_images(const std::string& root, const std::string& split, std::size_t first, std::size_t count,
                     const std::vector<std::string>& shown) {
  std::string rows = kOpenImagesHeader;
  for (std::size_t i = first; i < first + count; ++i) {
    const auto row = [&](const std::string& label, const char* confidence) {
      rows += open_images_id(i) + ",verification ," + label + "," + confidence + "\r\n";
    };
    row(shown[i % shown.size()], "1");
    row(shown[(i + 1) % shown.size()], "0");
    row(shown[i % shown.size()], "1");
    row("/g/122hxq", i % 2 == 0 ? "0" : "1");
    row("/g/122hxq", "1");
    if (i != kMissing)
      put_picture(fmt::format("{}/{}/{}{}", root, split, open_images_id(i), i % 3 == 0 ? ".JPG" : ".jpg"), i);
  }
  put_text(fmt::format("{}/{}-annotations-human-imagelabels.csv", root, split), rows);
}

TEST(ManifestSources, GoFromOpenImagesToEvaluationWithSetsOfLabels) {
  const std::string root = scratch_folder("open-images");
  put_text(root + "/class-descriptions.csv",
           "/g/122hxq,Fir\r\n/m/0c7r0j,\"Ship, old\"\r\n/m/01bjv,Bus \r\n/m/01yrx,Cat\r\n/m/0bt9lr,Dog\r\n"
           "/m/07j7r,Tree\r\n");
  put_text(root + "/classes-trainable.txt", "/m/01yrx\r\n/m/0bt9lr\r\n/m/07j7r\r\n");
  put_open_images(root, "train", 0, 10, {"/m/01yrx", "/m/0bt9lr", "/m/07j7r"});
  put_open_images(root, "test", 20, 6, {"/m/0c7r0j", "/m/01bjv", "/m/07j7r"});
  const auto made = run_command(
      {program("prepare"), "open-images", "--train", root + "/train-annotations-human-imagelabels.csv",
       "--test", root + "/test-annotations-human-imagelabels.csv", "--classes",
       root + "/class-descriptions.csv", "--trainable", root + "/classes-trainable.txt", "--images", root,
       "--unseen-count", "3", "--out", root + "/oi.toml"});
  ASSERT_EQ(made.exit_code, 0) << made.error;
  EXPECT_EQ(
      made.output,
      root +
          "/oi.toml: 9 images for training, 6 for test; 3 seen labels, 3 unseen\n"
          "train: 50 rows, 15 repeated, 5 labels unknown because rows differ; skipped: 1 images without a "
          "file, 0 without a seen or unseen label\n"
          "test: 30 rows, 9 repeated, 3 labels unknown because rows differ; skipped: 0 images without a "
          "file, 0 without a seen or unseen label\n");
  std::ofstream(root + "/oi.toml", std::ios::app)
      << "[sets]\nunseen_again = \"oi.unseen.txt\"\n\"things that float\" = [\"Ship, old\", \"Tree\"]\n";
  const json result = trained_and_evaluated(root + "/oi.toml");
  EXPECT_EQ(result["zsl"]["classes"].size(), 3U);
  EXPECT_EQ(result["gzsl"]["classes"].size(), 6U);
  ASSERT_EQ(result["sets"].size(), 2U) << result;
  EXPECT_EQ(result["sets"]["unseen_again"], result["zsl"]);
  const json& floating = result["sets"]["things that float"]["classes"];
  ASSERT_EQ(floating.size(), 2U);
  const auto positives = [&](const json& classes, const std::string& label) {
    const auto found =
        std::find_if(classes.begin(), classes.end(), [&](const json& one) { return one["label"] == label; });
    return found == classes.end() ? json() : (*found)["positives"];
  };
  for (const char* label : {"Ship, old", "Tree"})
    EXPECT_EQ(positives(floating, label), positives(result["gzsl"]["classes"], label)) << label;
  EXPECT_EQ(floating[0]["label"], "Ship, old");
  EXPECT_EQ(floating[1]["label"], "Tree");
}

/// Writes VOC's image sets: picture i shows class i, is difficult for the next, and shows nothing else.
void put_voc(const std::string& main, const std::string& set, const std::vector<std::string>& ids,
             const std::vector<std::string>& classes) {
  for (std::size_t c = 0; c < classes.size(); ++c) {
    std::string lines;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const std::size_t turn = (c + classes.size() - i % classes.size()) % classes.size();
      lines += ids[i] + (turn == 0 ? "  1" : turn == 1 ? "  0 " : " -1") + "\r\n";
    }
    put_text(main + "/" + classes[c] + "_" + set + ".txt", lines);
  }
}

TEST(ManifestSources, GoFromVocToEvaluation) {
  const std::string root = scratch_folder("voc");
  const std::string release = root + "/VOCdevkit/VOC2007";
  const std::vector<std::string> train = {"000005", "000007", "000009", "000012",
                                          "000016", "000017", "000019", "000020"};
  const std::vector<std::string> test = {"000001", "000002", "000003", "000004"};
  const std::vector<std::string> classes = {"bird", "cat", "dog", "sofa"};
  put_voc(release + "/ImageSets/Main", "trainval", train, classes);
  put_voc(release + "/ImageSets/Main", "test", test, classes);
  put_text(release + "/ImageSets/Main/trainval.txt", "000005\n");
  std::size_t number = 0;
  for (const auto* ids : {&train, &test}) {
    for (const std::string& id : *ids) {
      put_picture(release + "/JPEGImages/" + id + (number % 2 == 0 ? ".jpg" : ".JPG"), number);
      ++number;
    }
  }
  put_text(root + "/unseen.txt", "dog\r\nsofa\r\n");
  const auto made = run_command({program("prepare"), "voc", "--voc", root + "/VOCdevkit", "--unseen",
                                 root + "/unseen.txt", "--out", root + "/voc.toml"});
  ASSERT_EQ(made.exit_code, 0) << made.error;
  EXPECT_EQ(made.output, root + "/voc.toml: 8 images for training, 4 for test; 2 seen labels, 2 unseen\n");
  const json result = trained_and_evaluated(root + "/voc.toml");
  EXPECT_EQ(result["zsl"]["classes"].size(), 2U);
  EXPECT_EQ(result["gzsl"]["classes"].size(), 4U);
}

/// Writes COCO's instances of a split: picture i shows category i twice, once in a crowd; the last one shows
/// none.
void put_coco(const std::string& root, const std::string& split, int first, int count) {
  json instances = {{"info", {{"year", 2017}}}, {"licenses", json::array()}};
  const std::vector<std::pair<int, const char*>> categories = {
      {1, "person"}, {17, "cat"}, {44, "bottle"}, {90, "hair drier"}};
  for (const auto& [id, name] : categories)
    instances["categories"].push_back({{"id", id}, {"name", name}, {"supercategory", "thing"}});
  for (int i = first; i < first + count; ++i) {
    const std::string file = fmt::format("{:012}{}", i, i % 2 == 0 ? ".jpg" : ".JPG");
    instances["images"].push_back({{"id", i}, {"file_name", file}, {"height", 10}, {"width", 10}});
    put_picture(fmt::format("{}/{}/{}", root, split, file), static_cast<std::size_t>(i));
    if (i + 1 == first + count) continue;
    const int category = categories[static_cast<std::size_t>(i) % categories.size()].first;
    for (const int crowd : {0, 1}) {
      instances["annotations"].push_back(
          {{"id", 2 * i + crowd}, {"image_id", i}, {"category_id", category}, {"iscrowd", crowd}});
    }
  }
  put_text(fmt::format("{}/annotations/instances_{}.json", root, split), instances.dump());
}

TEST(ManifestSources, GoFromCocoToEvaluation) {
  const std::string root = scratch_folder("coco");
  put_coco(root, "train2017", 0, 9);
  put_coco(root, "val2017", 100, 5);
  put_text(root + "/unseen.txt", "bottle \r\nhair drier\r\n");
  const auto made =
      run_command({program("prepare"), "coco", "--instances", root + "/annotations/instances_train2017.json",
                   "--test-instances", root + "/annotations/instances_val2017.json", "--images", root,
                   "--unseen", root + "/unseen.txt", "--out", root + "/coco.toml"});
  ASSERT_EQ(made.exit_code, 0) << made.error;
  EXPECT_EQ(made.output, root + "/coco.toml: 9 images for training, 5 for test; 2 seen labels, 2 unseen\n");
  const json result = trained_and_evaluated(root + "/coco.toml");
  EXPECT_EQ(result["zsl"]["classes"].size(), 2U);
  EXPECT_EQ(result["gzsl"]["classes"].size(), 4U);
}

/// 200,100 paths to 300 files: a folder under many names.
void put_many_pictures(const std::string& folder) {
  fs::create_directories(folder + "/0");
  for (int file = 0; file < 300; ++file) std::ofstream(fmt::format("{}/0/{}.jpg", folder, file)) << "";
  for (int name = 1; name < 667; ++name)
    fs::create_directory_symlink("0", fmt::format("{}/{}", folder, name));
}

std::vector<std::string> manifest_files(const std::string& folder) {
  std::vector<std::string> texts;
  for (const char* ending : {"toml", "train.jsonl", "test.jsonl", "seen.txt", "unseen.txt"})
    texts.push_back(file_text(fmt::format("{}/own.{}", folder, ending)));
  return texts;
}

/// Whether a file under `folder` whose name begins so has grown to `size` before long.
bool grows(const std::string& folder, const std::string& start, std::uintmax_t size) {
  for (int round = 0; round < 60'000; ++round) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder)) {
      if (starts_with(entry.path().filename().string(), start) && entry.file_size(none) >= size && !none)
        return true;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

/// Kills `command`, which writes own.toml into `folder`, half-way through the pictures to train on.
void kill_half_way(const Arguments& command, const std::string& folder) {
  const pid_t pid = start_command(command, scratch_folder("log"));
  const bool begun = grows(folder, "own.train.jsonl.tmp-", 100'000);
  kill(pid, SIGKILL);
  int status = 0;
  waitpid(pid, &status, 0);
  ASSERT_TRUE(begun);
  ASSERT_TRUE(WIFSIGNALED(status)) << "it had ended before it was killed";
}

/// Imports into one folder, and into another with a kill half-way: same bytes, nothing left over.
void expect_same_after_kill(const Arguments& command, const std::string& root) {
  const auto into = [&](const std::string& folder) {
    fs::create_directories(root + "/" + folder);
    return command + Arguments{"--out", root + "/" + folder + "/own.toml"};
  };
  const auto whole = run_command(into("whole"));
  ASSERT_EQ(whole.exit_code, 0) << whole.error;
  kill_half_way(into("killed"), root + "/killed");
  EXPECT_FALSE(fs::exists(root + "/killed/own.toml"));
  EXPECT_FALSE(fs::exists(root + "/killed/own.train.jsonl"));
  const auto again = run_command(into("killed"));
  ASSERT_EQ(again.exit_code, 0) << again.error;
  EXPECT_EQ(manifest_files(root + "/killed"), manifest_files(root + "/whole"));
  EXPECT_EQ(std::distance(fs::directory_iterator(root + "/killed"), {}), 5) << "something was left over";
}

TEST(ManifestSources, AnImportOf200000RecordsThatIsKilledGivesTheSameInTheEnd) {
  const std::string root = scratch_folder("killed-csv");
  put_many_pictures(root + "/pictures");
  std::ofstream table(root + "/own.csv");
  table << "image,labels\n";
  for (int i = 0; i < 200'000; ++i)
    table << i / 300 << "/" << i % 300 << ".jpg,label " << i % 97 << ";label " << 97 + i % 89 << "\n";
  table.close();
  expect_same_after_kill(
      {program("prepare"), "csv", "--csv", root + "/own.csv", "--images", root + "/pictures"}, root);
}

TEST(ManifestSources, AnImportOfOpenImagesThatIsKilledGivesTheSameInTheEnd) {
  const std::string root = scratch_folder("killed-open-images");
  put_text(root + "/classes.csv", "/m/01,Cat\n/m/02,Dog\n");
  put_text(root + "/trainable.txt", "/m/01\n");
  put_text(root + "/test.csv", kOpenImagesHeader + open_images_id(1) + ",verification,/m/02,1\n");
  std::ofstream rows(root + "/train.csv");
  rows << kOpenImagesHeader;
  for (std::size_t i = 0; i < 200'000; ++i) {
    rows << open_images_id(i) << ",verification,/m/01," << i % 2 << "\n";
    if (i < 4000 || i > 198'000) put_text(fmt::format("{}/pictures/{}.jpg", root, open_images_id(i)), "");
  }
  rows.close();
  expect_same_after_kill({program("prepare"), "open-images", "--train", root + "/train.csv", "--test",
                          root + "/test.csv", "--classes", root + "/classes.csv", "--trainable",
                          root + "/trainable.txt", "--images", root + "/pictures", "--unseen-count", "1"},
                         root);
}

}  // namespace
}  // namespace mkt::test
