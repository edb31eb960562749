#include "io/csv.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/command.h"
#include "support/files.h"
#include "support/message.h"

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

TEST(CsvTable, RefusesTwoColumnsOfTheNameAskedFor) {
  const std::string path = test::write_file(test::temporary("twice.csv"), "image,labels,note,labels,note\n");
  const CsvTable table(path);
  EXPECT_EQ(table.column("image", ""), 0U);
  EXPECT_EQ(test::message_of([&] { table.column("labels", ""); }),
            path + ":1: expected one column 'labels', got several. Rename or remove the others.");
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
