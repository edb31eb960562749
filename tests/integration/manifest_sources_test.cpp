// Tests import, training and evaluation on miniatures of Open Images, Pascal VOC and COCO with the quirks of
// the real files.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "integration/releases.h"
#include "integration/usable.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Returns the path of an image in the miniature NUS-WIDE by index.
fs::path some_image(std::size_t number) {
  static const std::vector<fs::path> images = [] {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(mini_nus_wide() + "/Flickr"))
      if (entry.is_regular_file()) found.push_back(entry.path());
    std::sort(found.begin(), found.end());
    return found;
  }();
  return images[number % images.size()];
}

/// Copies the image with index `number` to `path`.
void put_image(const std::string& path, std::size_t number) {
  fs::create_directories(fs::path(path).parent_path());
  fs::copy_file(some_image(number), path);
}

constexpr std::size_t kMissing = 4;  // index of the image without a file

/// Writes the label rows and images for a split of Open Images. Image i has its own label present (in two
/// rows) and the next label absent; if i is even, it has contradictory rows for a third label.
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
      put_image(fmt::format("{}/{}/{}{}", root, split, open_images_id(i), i % 3 == 0 ? ".JPG" : ".jpg"), i);
  }
  put_text(fmt::format("{}/{}-annotations-human-imagelabels.csv", root, split), rows);
}

TEST(ManifestSources, OpenImagesTrainsAndEvaluatesSetsOfLabels) {
  const std::string root = scratch_folder("open-images");
  put_text(root + "/class-descriptions.csv",  // two classes are called Cat
           "/g/122hxq,Fir\r\n/m/0c7r0j,\"Ship, old\"\r\n/m/01bjv,Cat \r\n/m/01yrx,Cat\r\n/m/0bt9lr,Dog\r\n"
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
          "train: 50 rows, 15 repeated, 5 labels set by the last row because rows differ; skipped: 1 images "
          "without a file, 0 without a seen or unseen label\n"
          "test: 30 rows, 9 repeated, 3 labels set by the last row because rows differ; skipped: 0 images "
          "without a file, 0 without a seen or unseen label\n"
          "unseen classes: not the published 400 (SHA-256 of the ids "
          "f0d96b679dbcb56ffc1f0037beb2bc7c4cc826772d2f2d650fe95f215084c710)\n");
  EXPECT_NE(made.error.find("oi.toml: 1 labels have the text of an earlier label with another id"),
            std::string::npos)
      << made.error;
  std::ofstream(root + "/oi.toml", std::ios::app)
      << "[sets]\nunseen_again = \"oi.unseen-ids.txt\"\n\"things that float\" = [\"Ship, old\", \"Tree\"]\n";
  const json result = trained_and_evaluated(root + "/oi.toml");
  EXPECT_EQ(result["zsl"]["classes"].size(), 3U);
  EXPECT_EQ(result["gzsl"]["classes"].size(), 6U);
  const auto with_id = [&](const json& classes, const std::string& id) {
    return *std::find_if(classes.begin(), classes.end(), [&](const json& one) { return one["id"] == id; });
  };
  for (const char* cat : {"/m/01yrx", "/m/01bjv"})
    EXPECT_EQ(with_id(result["gzsl"]["classes"], cat)["label"], "Cat") << cat;
  EXPECT_EQ(with_id(result["gzsl"]["classes"], "/m/01yrx")["positives"], 0) << "no test image shows it";
  EXPECT_EQ(with_id(result["gzsl"]["classes"], "/m/01bjv")["positives"], 2);
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

/// Writes a VOC image set: in image i, class i is present, the next class is difficult, and all others are
/// absent.
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

TEST(ManifestSources, VocTrainsAndEvaluates) {
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
      put_image(release + "/JPEGImages/" + id + (number % 2 == 0 ? ".jpg" : ".JPG"), number);
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

/// Writes COCO's instances for a split: image i has two annotations with category i, one of them a crowd; the
/// last image has no annotations.
void put_coco(const std::string& root, const std::string& split, int first, int count) {
  json instances = {{"info", {{"year", 2017}}}, {"licenses", json::array()}};
  const std::vector<std::pair<int, const char*>> categories = {
      {1, "person"}, {17, "cat"}, {44, "bottle"}, {90, "hair drier"}};
  for (const auto& [id, name] : categories)
    instances["categories"].push_back({{"id", id}, {"name", name}, {"supercategory", "thing"}});
  for (int i = first; i < first + count; ++i) {
    const std::string file = fmt::format("{:012}{}", i, i % 2 == 0 ? ".jpg" : ".JPG");
    instances["images"].push_back({{"id", i}, {"file_name", file}, {"height", 10}, {"width", 10}});
    put_image(fmt::format("{}/{}/{}", root, split, file), static_cast<std::size_t>(i));
    if (i + 1 == first + count) continue;
    const int category = categories[static_cast<std::size_t>(i) % categories.size()].first;
    for (const int crowd : {0, 1}) {
      instances["annotations"].push_back(
          {{"id", 2 * i + crowd}, {"image_id", i}, {"category_id", category}, {"iscrowd", crowd}});
    }
  }
  put_text(fmt::format("{}/annotations/instances_{}.json", root, split), instances.dump());
}

TEST(ManifestSources, CocoTrainsAndEvaluates) {
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

}  // namespace
}  // namespace mkt::test
