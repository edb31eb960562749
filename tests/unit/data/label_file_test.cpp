#include "data/label_file.h"

#include <gtest/gtest.h>
#include <hdf5.h>

#include "lists/image_names.h"
#include "support/files.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::data {

using namespace test;
namespace {

using test::message_of;

/// A new HDF5 file, filled by the test.
class Written {
 public:
  explicit Written(const std::string& name)
      : path(temporary(name)), file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT)) {}
  ~Written() { close(); }
  Written(const Written&) = delete;
  Written& operator=(const Written&) = delete;

  void close() {
    if (file >= 0) H5Fclose(file);
    file = -1;
  }

  /// Adds a data set with this type and shape; HDF5 converts the 64-bit integers to `type`.
  void add(const std::string& key, hid_t type, const std::vector<hsize_t>& shape,
           const std::vector<std::int64_t>& values, hid_t creation = H5P_DEFAULT) const {
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t set = H5Dcreate2(file, key.c_str(), type, space, H5P_DEFAULT, creation, H5P_DEFAULT);
    EXPECT_GE(H5Dwrite(set, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
    H5Dclose(set);
    H5Sclose(space);
  }

  std::string path;
  hid_t file;
};

const std::vector<std::int64_t> kLabels{1, 0, -1};

std::string read_refusal(const std::string& path, const std::string& key) {
  std::string message = message_of([&] { LabelFile(path).read({key}); });
  EXPECT_EQ(message.rfind(path + ": '" + key + "': ", 0), 0U) << message;
  return message;
}

TEST(LabelFile, ReadsTheGoldenLabels) {
  const std::string folder = "nus-mini/NUS-WIDE/";
  const LabelFile train(test::golden(folder + "features/nus_wide_train.h5"));
  const LabelFile held_out(test::golden(folder + "features/nus_wide_test.h5"));
  std::vector<std::string> keys;
  for (const auto& name : load_image_names(test::golden(folder + "img_names.pkl")))
    keys.push_back(name + "-labels");
  const torch::Tensor labels = train.read(keys);
  EXPECT_EQ(labels.sizes().vec(), (std::vector<std::int64_t>{8, 24}));
  EXPECT_EQ(labels.scalar_type(), torch::kInt8);
  EXPECT_TRUE(labels.abs().eq(1).all().item<bool>());
  EXPECT_TRUE(labels.eq(1).any().item<bool>());
  EXPECT_EQ(held_out.width("sea_0001_1001.jpg-labels"), 32);
  EXPECT_EQ(held_out.width("sea_0001_1001.jpg-labels_81"), 8);
  EXPECT_TRUE(train.contains(keys[0]));
  EXPECT_FALSE(train.contains("sea_0001_1001.jpg-labels"));
}

TEST(LabelFile, ReadsEveryIntegerTypeAndChunkedData) {
  Written written("types.h5");
  const hid_t chunked = H5Pcreate(H5P_DATASET_CREATE);
  const hsize_t chunk = 2;
  H5Pset_chunk(chunked, 1, &chunk);
  H5Pset_deflate(chunked, 6);
  for (const hid_t type : {H5T_STD_I8LE, H5T_STD_I16LE, H5T_STD_I32BE, H5T_STD_I64LE}) {
    written.add(std::to_string(type), type, {3}, kLabels);
  }
  written.add("unsigned", H5T_STD_U8LE, {3}, {1, 0, 1});
  written.add("chunked", H5T_STD_I8LE, {3}, kLabels, chunked);
  written.close();
  H5Pclose(chunked);
  const LabelFile file(written.path);
  const torch::Tensor expected = torch::tensor({1, 0, -1}, torch::kInt8);
  for (const hid_t type : {H5T_STD_I8LE, H5T_STD_I16LE, H5T_STD_I32BE, H5T_STD_I64LE}) {
    EXPECT_TRUE(torch::equal(file.read({std::to_string(type)})[0], expected));
  }
  EXPECT_TRUE(torch::equal(file.read({"chunked", "unsigned"})[0], expected));
  EXPECT_TRUE(torch::equal(file.read({"unsigned"})[0], expected.abs()));
}

TEST(LabelFile, RefusesOtherDataByFileAndKey) {
  Written written("refused.h5");
  written.add("other", H5T_STD_I16LE, {3}, {1, 0, 7});
  written.add("wraps", H5T_STD_I64LE, {3}, {1, 0, 257});
  written.add("matrix", H5T_STD_I8LE, {1, 3}, kLabels);
  written.add("floats", H5T_IEEE_F32LE, {3}, kLabels);
  written.close();
  EXPECT_NE(read_refusal(written.path, "other").find("expected labels in {-1, 0, 1}, got 7"),
            std::string::npos);
  EXPECT_NE(read_refusal(written.path, "wraps").find("got 257"), std::string::npos);
  EXPECT_NE(read_refusal(written.path, "matrix").find("expected a vector"), std::string::npos);
  EXPECT_NE(read_refusal(written.path, "floats").find("expected integers"), std::string::npos);
  EXPECT_NE(read_refusal(written.path, "absent").find("expected a data set of this name, got none"),
            std::string::npos);
}

TEST(LabelFile, RefusesAnotherWidthByKey) {
  Written written("widths.h5");
  written.add("a", H5T_STD_I8LE, {3}, kLabels);
  written.add("b", H5T_STD_I8LE, {2}, {1, 0});
  written.close();
  EXPECT_EQ(message_of([&] {
              LabelFile(written.path).read({"a", "b"});
            }),
            written.path + ": 'b': expected 3 labels as in 'a', got 2. Check the feature file.");
  EXPECT_EQ(LabelFile(written.path).read({}).numel(), 0);
}

TEST(LabelFile, ReadsNothingOutsideTheFile) {
  Written other("other.h5");
  other.add("labels", H5T_STD_I8LE, {3}, kLabels);
  other.close();
  const std::string raw = write_file(temporary("raw"), "\1\0\1");
  Written written("outside.h5");
  const hid_t external = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_external(external, raw.c_str(), 0, 3);
  written.add("external", H5T_STD_I8LE, {3}, kLabels, external);
  H5Pclose(external);
  H5Lcreate_external(other.path.c_str(), "labels", written.file, "link", H5P_DEFAULT, H5P_DEFAULT);
  H5Lcreate_soft("external", written.file, "soft", H5P_DEFAULT, H5P_DEFAULT);
  written.close();
  EXPECT_NE(read_refusal(written.path, "external").find("got a reference to another file"),
            std::string::npos);
  EXPECT_NE(read_refusal(written.path, "link").find("got none"), std::string::npos);
  EXPECT_NE(read_refusal(written.path, "soft").find("got none"), std::string::npos);
}

TEST(LabelFile, NamesMissingAndForeignFiles) {
  EXPECT_EQ(message_of([] { LabelFile("/nowhere/l.h5"); }).rfind("/nowhere/l.h5: expected an HDF5 file", 0),
            0U);
  const std::string text = write_file(temporary("text.h5"), "hello");
  EXPECT_EQ(message_of([&] { LabelFile file(text); }).rfind(text + ": expected an HDF5 file", 0), 0U);
}

}  // namespace
}  // namespace mkt::data
