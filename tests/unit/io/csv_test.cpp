#include "io/csv.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/command.h"

namespace mkt::io {
namespace {

TEST(Csv, QuotesFieldsIfTheyNeedIt) {
  EXPECT_EQ(csv_field("fire truck"), "fire truck");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"hi\""), "\"say \"\"hi\"\"\"");
  EXPECT_EQ(csv_quoted("cat"), "\"cat\"");
}

TEST(Csv, ReadsBackTheFieldsItWrote) {
  const std::string path = test::scratch_folder("csv") + "/table.csv";
  const std::vector<std::string> fields = {"a,b", "say \"hi\"", "two\nlines", "", "plain"};
  std::ofstream file(path, std::ios::binary);
  for (const std::string& field : fields) file << csv_field(field) << (&field == &fields.back() ? "\n" : ",");
  file.close();
  CsvReader reader(path);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.fields(), fields);
  EXPECT_EQ(reader.where(), path + ":1");
  EXPECT_FALSE(reader.next());
}

TEST(Csv, FindsTheMostFrequentDelimiterOutsideQuotes) {
  const std::string path = test::scratch_folder("csv") + "/table.csv";
  std::ofstream(path) << "image;\"a,b,c,d\";labels\n";
  EXPECT_EQ(frequent_delimiter(path), Delimiter::kSemicolon);
  std::ofstream(path) << "image\n";
  EXPECT_EQ(frequent_delimiter(path), Delimiter::kComma);
}

}  // namespace
}  // namespace mkt::io
