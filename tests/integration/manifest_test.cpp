// Tests the path from a user's own images to a trained and evaluated model.

#include <gtest/gtest.h>

#include <fstream>

#include "integration/usable.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string mini_images() {
  return mini_nus_wide() + "/Flickr";
}

TEST(Manifest, OfOneFolderPerLabelTrainsAndEvaluates) {
  const std::string folder = scratch_folder("folders");
  const auto made = run_command({program("prepare"), "folders", "--folders", mini_images(), "--out",
                                 folder + "/own.toml", "--unseen-share", "0.34", "--test-share", "0.1"});
  ASSERT_EQ(made.exit_code, 0) << made.error;
  EXPECT_NE(made.output.find("2 seen labels, 1 unseen\n"), std::string::npos) << made.output;
  const json result = trained_and_evaluated(folder + "/own.toml");
  EXPECT_TRUE(fs::exists(folder + "/own.label_emb.pt"));
  EXPECT_EQ(result["zsl"]["classes"].size(), 1U);
  EXPECT_EQ(result["gzsl"]["classes"].size(), 3U);
}

TEST(Manifest, OfATableTrainsEvaluatesInfersAndIsExported) {
  const std::string folder = scratch_folder("csv");
  std::ofstream table(folder + "/own.csv");
  table << "Path,Tags\n";
  const Arguments labels = {"cat", "fire truck", "red barn", "sky", "zebra"};
  std::size_t row = 0;
  for (const auto& entry : fs::recursive_directory_iterator(mini_images())) {
    if (!entry.is_regular_file()) continue;
    table << fs::relative(entry.path(), mini_images()).string() << "," << labels[row % 4] << "|"
          << labels[row % 4 + 1] << "\n";
    ++row;
  }
  table.close();
  std::ofstream(folder + "/unseen.txt") << "sky\nzebra\n";
  const auto made =
      run_command({program("prepare"), "csv", "--csv", folder + "/own.csv", "--images", mini_images(),
                   "--image-column", "Path", "--labels-column", "Tags", "--separator", "|", "--unseen",
                   folder + "/unseen.txt", "--out", folder + "/own.toml"});
  ASSERT_EQ(made.exit_code, 0) << made.error;
  const json result = trained_and_evaluated(folder + "/own.toml");
  EXPECT_EQ(result["zsl"]["classes"].size(), 2U);
  EXPECT_EQ(result["gzsl"]["classes"].size(), 5U);
  const auto inferred = run_command({program("infer"), "--data-path", folder + "/own.toml", "--clip-path",
                                     clip_file("tiny"), "--img-ckpt", student_file(), "--topk", "5",
                                     "--image-path", mini_images() + "/sea/0001_1.jpg", "--json"});
  ASSERT_EQ(inferred.exit_code, 0) << inferred.error;
  EXPECT_TRUE(inferred.output.find("fire truck") != std::string::npos ||
              inferred.output.find("zebra") != std::string::npos)
      << inferred.output;
  const auto exported = run_command({program("prepare"), "to-csv", "--data-path", folder + "/own.toml",
                                     "--out", folder + "/out.csv", "--separator", "|"});
  ASSERT_EQ(exported.exit_code, 0) << exported.error;
  EXPECT_EQ(file_text(folder + "/out.csv").rfind("image,split,labels,absent\n", 0), 0U);
}

}  // namespace
}  // namespace mkt::test
