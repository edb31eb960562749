#include "data/nus_wide.h"

#include <hdf5.h>

#include "core/stopwatch.h"
#include "core/text.h"
#include "data/nus_wide_layout.h"
#include "io/numbered_lines.h"
#include "support/images.h"

namespace mkt::data {
namespace {

using namespace test;
namespace fs = std::filesystem;

/// A copy of nus-mini for tests that damage its files.
class NusWide : public testing::Test {
 protected:
  void SetUp() override {
    root_ = testing::TempDir() + "/nus_wide_" + testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(root_);
    fs::copy(mkt::test::golden("nus-mini/NUS-WIDE"), root_, fs::copy_options::recursive);
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string path(const std::string& relative) const { return root_ + "/" + relative; }

  void drop_last_line(const std::string& relative) const {
    auto lines = io::read_lines(path(relative));
    lines.pop_back();
    std::ofstream(path(relative)) << join(lines, "\n") << "\n";
  }

  void drop_label_set(const std::string& relative, const std::string& key) const {
    const hid_t file = H5Fopen(path(relative).c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    ASSERT_GE(file, 0);
    EXPECT_GE(H5Ldelete(file, key.c_str(), H5P_DEFAULT), 0);
    H5Fclose(file);
  }

  /// Returns the error message of load_nus_wide(), which must fail within two seconds.
  std::string report() const {
    const Stopwatch stopwatch;
    std::string message = message_of([&] { load_nus_wide(root_); });
    EXPECT_LT(stopwatch.seconds(), 2);
    return message;
  }

  std::string root_;
};

TEST(NusWideImagePath, UsesTheLastTwoPartsAsTheFile) {
  EXPECT_EQ(nus_wide_image_path("a_b_0001_99.jpg"), "Flickr/a_b/0001_99.jpg");
  EXPECT_EQ(nus_wide_image_path("sea_0001_1.jpg"), "Flickr/sea/0001_1.jpg");
  for (const std::string name : {"", "x.jpg", "0001_1.jpg", "_0001_1.jpg", "../a_b_c"}) {
    expect_part(message_of([&] { nus_wide_image_path(name); }), "image name " + name + ": expected <class>_");
  }
}

TEST_F(NusWide, ReadsTheTrainingSplit) {
  const Dataset set = load_nus_wide(root_, Split::kTrain);
  EXPECT_EQ(set.names.size(), 8U);
  EXPECT_EQ(set.names[2], "person_at_work_0002_2.jpg");
  EXPECT_EQ(set.paths[2], root_ + "/Flickr/person_at_work/0002_2.jpg");
  EXPECT_EQ(set.labels.dense().sizes(), (std::vector<std::int64_t>{8, 24}));
  EXPECT_EQ(set.labels.dense().scalar_type(), torch::kInt8);
  EXPECT_TRUE(set.labels.dense().abs().eq(1).all().item<bool>());
  EXPECT_EQ(set.seen.size(), 24U);
}

TEST_F(NusWide, ReadsTheTestSplit) {
  const Dataset set = load_nus_wide(root_, Split::kTest);
  EXPECT_EQ(set.names.size(), 6U);
  EXPECT_EQ(set.labels.dense().sizes(), (std::vector<std::int64_t>{6, 32}));
  EXPECT_EQ(set.labels_unseen.dense().sizes(), (std::vector<std::int64_t>{6, 8}));
  EXPECT_EQ(set.unseen.size(), 8U);
}

TEST_F(NusWide, OpensOnlyWhatASplitNeeds) {
  fs::remove(path("features/nus_wide_train.h5"));
  fs::remove(path("img_names.pkl"));
  EXPECT_EQ(load_nus_wide(root_, Split::kTest).names.size(), 6U);
  expect_part(report(),
              "img_names.pkl (or .txt) is missing; features/nus_wide_train.h5 is missing. Complete");
}

TEST_F(NusWide, ReadsImageListsAsText) {
  const auto names = load_nus_wide(root_, Split::kTest).names;
  fs::remove(path("test_img_names.pkl"));
  std::ofstream(path("test_img_names.txt")) << join(names, "\r\n") << "\n";
  EXPECT_EQ(load_nus_wide(root_, Split::kTest).names, names);
}

TEST_F(NusWide, ReadsListsOfNumPyStrings) {
  const auto names = load_nus_wide(root_, Split::kTest).names;
  fs::rename(path("test_img_names_numpy.pkl"), path("test_img_names.pkl"));
  EXPECT_EQ(load_nus_wide(root_, Split::kTest).names, names);
}

TEST_F(NusWide, ReadsAsManyTestImagesAsTheLimitAllows) {
  ReadingOptions options;
  options.limit = 2;
  const auto [train, test] = load_nus_wide(root_, options);
  EXPECT_EQ(train.names.size(), 8U);
  EXPECT_EQ(test.names, (std::vector<std::string>{"fire_truck_0000_1000.jpg", "sea_0001_1001.jpg"}));
  EXPECT_EQ(test.labels.rows(), 2);
}

TEST_F(NusWide, NamesADeletedImage) {
  fs::remove(path("Flickr/sea/0004_4.jpg"));
  expect_part(report(), "data-path: expected NUS-WIDE in " + root_ +
                            ", got an incomplete folder: "
                            "1 of 8 images is missing: Flickr/sea/0004_4.jpg. Complete or correct it.");
}

TEST_F(NusWide, CountsManyDeletedImages) {
  fs::remove_all(path("Flickr/sea"));
  const std::string message = report();
  expect_part(message, "3 of 8 images are missing, e.g. Flickr/sea/0001_1.jpg, Flickr/sea/0004_4.jpg");
  expect_part(message, "2 of 6 images are missing, e.g. Flickr/sea/0001_1001.jpg");
}

TEST_F(NusWide, NamesADeletedLabelSet) {
  drop_label_set("features/nus_wide_train.h5", "sea_0001_1.jpg-labels");
  drop_label_set("features/nus_wide_test.h5", "sea_0004_1004.jpg-labels_81");
  const std::string message = report();
  expect_part(message, "1 of 8 label sets in features/nus_wide_train.h5 is missing: sea_0001_1.jpg-labels");
  expect_part(message,
              "1 of 6 label sets in features/nus_wide_test.h5 is missing: sea_0004_1004.jpg-labels_81");
}

TEST_F(NusWide, NamesAShortenedListOfSeenLabels) {
  drop_last_line("Concepts925.txt");
  const std::string message = report();
  expect_part(
      message,
      "features/nus_wide_train.h5 has 24 labels in fire_truck_0000_0.jpg-labels, but Concepts925.txt has 23");
  expect_part(message,
              "features/nus_wide_test.h5 has 32 labels in fire_truck_0000_1000.jpg-labels, but "
              "Concepts925.txt with Concepts81.txt has 31");
}

TEST_F(NusWide, NamesAShortenedListOfUnseenLabels) {
  drop_last_line("Concepts81.txt");
  expect_part(report(),
              "features/nus_wide_test.h5 has 8 labels in fire_truck_0000_1000.jpg-labels_81, but "
              "Concepts81.txt has 7");
}

TEST_F(NusWide, NamesAMissingOrEmptyListOfLabels) {
  fs::remove(path("Concepts81.txt"));
  std::ofstream(path("Concepts925.txt")) << "\n";
  const std::string message = report();
  expect_part(message,
              "incomplete folder: Concepts925.txt has no labels; Concepts81.txt is missing. Complete");
}

TEST_F(NusWide, NamesOnlyTheListOfLabelsThatIsMissing) {
  fs::remove(path("Concepts81.txt"));
  expect_part(report(), "incomplete folder: Concepts81.txt is missing. Complete");
}

TEST_F(NusWide, NamesAnEmptyImageList) {
  fs::remove(path("test_img_names.pkl"));
  std::ofstream(path("test_img_names.txt")) << "\n";
  expect_part(report(), "incomplete folder: test_img_names.txt has no image names. Complete");
}

TEST_F(NusWide, NamesFilesOfTheWrongKind) {
  std::ofstream(path("features/nus_wide_test.h5")) << "not HDF5";
  std::ofstream(path("img_names.pkl")) << "not a pickle";
  const std::string message = report();
  expect_part(message, "img_names.pkl");
  expect_part(message, "nus_wide_test.h5");
}

TEST_F(NusWide, NamesAMalformedImageName) {
  fs::remove(path("img_names.pkl"));
  std::ofstream(path("img_names.txt")) << "sea_0001_1.jpg\nphoto.jpg\n";
  expect_part(report(), "image name photo.jpg: expected <class>_");
}

TEST_F(NusWide, NamesAMissingFolder) {
  expect_part(message_of([] { load_nus_wide("/nowhere", Split::kTest); }),
              "data-path: expected the NUS-WIDE folder, got nothing at /nowhere");
}

}  // namespace
}  // namespace mkt::data
