#include "data/label_list.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/command.h"

namespace mkt::data {
namespace {

TEST(LabelList, NamesTheLineOfWhatIsOdd) {
  const std::string path = test::scratch_folder("list") + "/labels.txt";
  std::ofstream(path) << "\xEF\xBB\xBF"
                         "cat\r\n\r\ndog\r\nCat\r\n dog \r\nfire truck\r\n\r\n";
  EXPECT_EQ(label_list_problems(path),
            (std::vector<std::string>{
                path + ":2: expected a label, got an empty line, which is left out. Remove it.",
                path + ":4: expected each label once, got 'Cat' as 'cat' in line 1. Remove one of them.",
                path + ":5: expected each label once, got 'dog' as in line 3. Remove one of them."}));
  std::ofstream(path) << "cat\ndog\n\n";
  EXPECT_EQ(label_list_problems(path), std::vector<std::string>{});
}

}  // namespace
}  // namespace mkt::data
