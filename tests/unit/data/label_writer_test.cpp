#include "data/label_writer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "data/label_file.h"
#include "support/files.h"
#include "support/message.h"

namespace mkt::data {

using namespace test;
namespace {

using test::message_of;

TEST(LabelWriter, WritesWhatLabelFileReads) {
  const std::string path = temporary("written.h5");
  LabelWriter writer;
  const torch::Tensor labels = torch::tensor({{1, -1, 0}, {-1, -1, 1}}, torch::kInt8);
  writer.add("a_b_1.png-labels", labels[0]);
  writer.add("a_b_2.png-labels", labels[1]);
  writer.add("a_b_1.png-labels_81", labels.select(1, 0));
  writer.write(path);
  const LabelFile file(path);
  EXPECT_TRUE(torch::equal(file.read({"a_b_1.png-labels", "a_b_2.png-labels"}), labels));
  EXPECT_EQ(file.width("a_b_1.png-labels_81"), 2);
  EXPECT_FALSE(file.contains("a_b_2.png-labels_81"));
}

TEST(LabelWriter, WritesManyVectorsReproducibly) {
  const auto write = [](const std::string& path) {
    LabelWriter writer;
    for (int i = 0; i < 3000; ++i)
      writer.add(fmt::format("image_{}", i), torch::full({90}, i % 3 - 1, torch::kInt8));
    writer.write(path);
  };
  write(temporary("many_1.h5"));
  write(temporary("many_2.h5"));
  EXPECT_TRUE(file_text(temporary("many_1.h5")) == file_text(temporary("many_2.h5")));
  EXPECT_EQ(LabelFile(temporary("many_1.h5")).read({"image_2999"}).sum().item<std::int64_t>(), 90);
}

TEST(LabelWriter, RefusesDuplicateNamesAndOtherTensors) {
  LabelWriter writer;
  const torch::Tensor labels = torch::ones({2}, torch::kInt8);
  writer.add("a", labels);
  EXPECT_EQ(message_of([&] { writer.add("a", labels); }),
            "label writer: 'a': expected a new name and few enough labels for one data set, got 2 "
            "labels. Add each image once.");
  EXPECT_EQ(message_of([&] { writer.add("a/b", labels); }),
            "label writer: 'a/b': expected a name without slashes. Rename the image.");
  EXPECT_EQ(message_of([&] { writer.add("b", labels.to(torch::kInt)); }),
            "label writer: 'b': expected a vector of int8, got Int [2].");
}

}  // namespace
}  // namespace mkt::data
