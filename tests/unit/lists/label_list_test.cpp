#include "lists/label_list.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/command.h"
#include "support/message.h"

namespace mkt::data {
namespace {

TEST(LabelList, KeepsLabelsWithTheirLines) {
  const std::string path = test::scratch_folder("list") + "/labels.txt";
  std::ofstream(path) << "\xEF\xBB\xBF"
                         "cat\r\n\r\ndog\r\nCat\r\n dog \r\nfire truck\r\n\r\n";
  const LabelList list = read_label_list(path);
  EXPECT_EQ(list.labels, (std::vector<std::string>{"cat", "dog", "Cat", "dog", "fire truck"}));
  EXPECT_EQ(list.lines, (std::vector<std::int64_t>{1, 3, 4, 5, 6}));
  EXPECT_EQ(list.where(1), path + ":3");
  EXPECT_EQ(label_list_problems(list),
            (std::vector<std::string>{
                path + ":2: expected a label, got an empty line, which is skipped. Remove it.",
                path + ":4: expected each label once, got 'Cat' as 'cat' in line 1. Remove one of them.",
                path + ":5: expected each label once, got 'dog' as in line 3. Remove one of them."}));
  std::ofstream(path) << "cat\ndog\n\n";
  EXPECT_EQ(label_list_problems(read_label_list(path)), std::vector<std::string>{});
}

TEST(LabelList, FindsTheFirstDifference) {
  const auto words = [](const std::vector<std::string>& expected, const std::vector<std::string>& found) {
    const auto difference = first_difference(expected, found);
    return difference
               ? std::to_string(difference->number) + " " + difference->expected + " " + difference->found
               : "";
  };
  EXPECT_EQ(words({"a", "b"}, {"a", "b"}), "");
  EXPECT_EQ(words({}, {}), "");
  EXPECT_EQ(words({"a", "b", "c"}, {"a", "c", "b"}), "2 'b' 'c'");
  EXPECT_EQ(words({"a", "b"}, {"a"}), "2 'b' no further label");
  EXPECT_EQ(words({"a"}, {"a", ""}), "2 no further label ''");
}

TEST(LabelList, DistinctLabelsRefuseDuplicatesAndEmptyLists) {
  const std::string path = test::scratch_folder("distinct") + "/labels.txt";
  std::ofstream(path) << "cat\n\nCat\n";
  EXPECT_EQ(read_distinct_labels(path), (std::vector<std::string>{"cat", "Cat"}));
  std::ofstream(path) << "cat\ndog\n\ncat\n";
  EXPECT_EQ(
      test::message_of([&] { read_distinct_labels(path); }),
      path + ":4: expected each label once, got 'cat' again, after " + path + ":1. Remove one of the two.");
  std::ofstream(path) << "\n";
  EXPECT_EQ(test::message_of([&] { read_distinct_labels(path); }),
            path + ": expected one label per line, got none. Add labels.");
}

}  // namespace
}  // namespace mkt::data
