#include "nus_wide/nus_wide_raw.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "support/message.h"
#include "support/raw_nus_wide.h"

namespace mkt::nus_wide {
namespace {

namespace fs = std::filesystem;
using Raw = test::RawNusWide;

RawNusWide read(const Raw& raw, bool human = true) {
  RawOptions options;
  options.root = raw.root();
  options.images = raw.path("Flickr");
  options.human = human;
  options.workers = 2;
  return read_raw_nus_wide(options);
}

/// Edits one file of a release with `change`; returns the error message, with RAW in place of the folder.
std::string refusal(const std::string& file, const std::function<void(std::string&)>& change,
                    Raw::Tables tables = Raw::Tables::kWhole) {
  Raw raw(Raw::Layout::kClassFolders, tables);
  raw.write();
  std::string text = test::file_text(raw.path(file));
  change(text);
  Raw::write_file(raw.path(file), text);
  std::string message = test::message_of([&] { read(raw); });
  for (auto at = message.find(raw.root()); at != std::string::npos; at = message.find(raw.root()))
    message.replace(at, raw.root().size(), "RAW");
  return message;
}

void replace(std::string& text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  ASSERT_NE(at, std::string::npos) << what;
  text.replace(at, what.size(), by);
}

/// Expects each row in a split's tables to match its image's labels in `raw`.
void expect_labels(const Raw& raw, char split, const RawNusWide& read_) {
  const RawSplit& part = split == 't' ? read_.train : read_.test;
  Raw copy = raw;
  std::size_t row = 0;
  for (std::size_t i = 0; i < copy.images().size(); ++i) {
    const auto& image = copy.images()[i];
    if (image.split != split) continue;
    ASSERT_LT(row, part.images.size());
    EXPECT_EQ(part.images[row].name(), image.folder + "_" + image.file);
    std::size_t column = 0;
    for (std::size_t c = 0; c < Raw::tags().size(); ++c) {
      const auto& concepts = Raw::concepts();
      if (std::find(concepts.begin(), concepts.end(), Raw::tags()[c]) != concepts.end()) continue;
      EXPECT_EQ(part.seen.row(row)[column++], raw.has_tag(i, c) ? 1 : -1) << image.file << " " << c;
    }
    for (std::size_t c = 0; c < part.unseen.columns; ++c)
      EXPECT_EQ(part.unseen.row(row)[c], raw.has_concept(i, c) ? 1 : -1) << image.file << " " << c;
    ++row;
  }
  EXPECT_EQ(row, part.images.size());
}

TEST(RawNusWide, SeenLabelsAreTheTagsThatAreNotConcepts) {
  Raw raw;
  raw.write();
  const RawNusWide release = read(raw);
  EXPECT_EQ(release.seen, (std::vector<std::string>{"nature", "blue", "water", "red"}));
  EXPECT_EQ(release.unseen, Raw::concepts());
  EXPECT_EQ(release.tags, 7U);
  EXPECT_EQ(release.without_tag, (std::vector<std::string>{"tattoo"}));
  EXPECT_EQ(release.in_no_split, 1U);
}

TEST(RawNusWide, ReadsWholeAndSplitTables) {
  for (const auto tables : {Raw::Tables::kWhole, Raw::Tables::kSplit}) {
    Raw raw(Raw::Layout::kClassFolders, tables);
    raw.write();
    const RawNusWide release = read(raw);
    expect_labels(raw, 't', release);
    expect_labels(raw, 'e', release);
    EXPECT_EQ(release.train.unseen.columns, 0U);
  }
}

TEST(RawNusWide, FindsFilesInAnyFolderAndCase) {
  Raw raw;
  raw.write();
  fs::create_directories(raw.path("deep/NUS_WID_Tags"));
  fs::rename(raw.path("NUS_WID_Tags"), raw.path("deep/tags"));
  fs::rename(raw.path("ConceptsList/Concepts81.txt"), raw.path("concepts81.TXT"));
  fs::rename(raw.path("ImageList/Imagelist.txt"), raw.path("ImageList.txt"));
  expect_labels(raw, 'e', read(raw));
}

TEST(RawNusWide, CanTakeTestLabelsFromTags) {
  for (const auto tables : {Raw::Tables::kWhole, Raw::Tables::kSplit}) {
    Raw raw(Raw::Layout::kClassFolders, tables);
    raw.write();
    const RawNusWide people = read(raw);
    const RawNusWide tags = read(raw, false);
    for (std::size_t row = 0; row < tags.test.images.size(); ++row) {
      for (std::size_t c = 0; c < tags.test.unseen.columns; ++c) {
        const int expected = c == 2 ? -1 : -people.test.unseen.row(row)[c];
        EXPECT_EQ(tags.test.unseen.row(row)[c], expected);
      }
    }
  }
}

TEST(RawNusWide, IgnoresFoldersBeforeTheClassFolder) {
  Raw raw;
  raw.write();
  std::string list = test::file_text(raw.path("ImageList/TestImagelist.txt"));
  replace(list, "fire_truck\\", "C:\\ImageData\\Flickr\\fire_truck\\");
  Raw::write_file(raw.path("ImageList/TestImagelist.txt"), list);
  expect_labels(raw, 'e', read(raw));
}

TEST(RawNusWide, NamesAMissingColumnByFileAndLine) {
  const auto shorten = [](std::string& text) { text.erase(0, 2); };
  EXPECT_EQ(
      refusal("NUS_WID_Tags/AllTags1k.txt", shorten),
      "RAW/NUS_WID_Tags/AllTags1k.txt:1: expected 7 values, one per label of TagList1k.txt, got 6. Unpack or "
      "download the archive again.");
}

TEST(RawNusWide, NamesATruncatedTableByFileAndLine) {
  EXPECT_EQ(
      refusal("NUS_WID_Tags/AllTags1k.txt", [](std::string& text) { text.resize(15 * 5 + 6); }),
      "RAW/NUS_WID_Tags/AllTags1k.txt:6: expected 7 values, one per label of TagList1k.txt, got 3. Unpack or "
      "download the archive again.");
  EXPECT_EQ(
      refusal("NUS_WID_Tags/AllTags1k.txt", [](std::string& text) { text.resize(15 * 5); }),
      "RAW/NUS_WID_Tags/AllTags1k.txt:5: expected 17 lines, one per image of RAW/ImageList/Imagelist.txt, "
      "got 5. Unpack or download the archive again.");
  EXPECT_EQ(refusal("Groundtruth/AllLabels/Labels_sky.txt", [](std::string& text) { text += "1\n"; }),
            "RAW/Groundtruth/AllLabels/Labels_sky.txt:18: expected 17 lines, one per image of "
            "RAW/ImageList/Imagelist.txt, got more. Unpack or download the archive again.");
}

TEST(RawNusWide, NamesAnInvalidValueByFileAndLine) {
  EXPECT_EQ(
      refusal(
          "NUS_WID_Tags/Test_Tags1k.dat", [](std::string& text) { text[15 + 4] = '7'; }, Raw::Tables::kSplit),
      "RAW/NUS_WID_Tags/Test_Tags1k.dat:2: expected 0 or 1 in column 3, got '7'. Unpack or download the "
      "archive again.");
  EXPECT_EQ(refusal("Groundtruth/AllLabels/Labels_sky.txt", [](std::string& text) { text.insert(3, " 1"); }),
            "RAW/Groundtruth/AllLabels/Labels_sky.txt:2: expected one value, 0 or 1, got '" +
                std::string(Raw().has_concept(1, 1) ? "1" : "0") +
                " 1'. Unpack or download the archive again.");
}

TEST(RawNusWide, NamesAnUnknownConcept) {
  EXPECT_EQ(refusal("Groundtruth/AllLabels/Labels_dragon.txt", [](std::string& text) { text = "0\n"; }),
            "RAW/Groundtruth/AllLabels/Labels_dragon.txt: expected labels of a concept of "
            "RAW/ConceptsList/Concepts81.txt, got those of another one. Add the concept there, or move the "
            "file away.");
  EXPECT_EQ(refusal("ConceptsList/Concepts81.txt", [](std::string& text) { text += "dragon"; }),
            "RAW/ConceptsList/Concepts81.txt:5: expected Labels_dragon.txt in RAW, got none. Unpack "
            "Groundtruth.zip there.");
}

TEST(RawNusWide, NamesFaultyLinesOfLists) {
  EXPECT_EQ(refusal("ImageList/TrainImagelist.txt",
                    [](std::string& text) { replace(text, "truck\\0003_3", "truck_3"); }),
            "RAW/ImageList/TrainImagelist.txt:2: expected an image <class>\\<number>_<id>.jpg, got "
            "'fire_truck_3.jpg'. Correct the line.");
  EXPECT_EQ(
      refusal("ImageList/TrainImagelist.txt", [](std::string& text) { replace(text, "0003_3", "0000_0"); }),
      "RAW/ImageList/TrainImagelist.txt:2: expected each entry once, got 'fire_truck_0000_0.jpg' again, "
      "after line 1. Remove one of the two.");
  EXPECT_EQ(
      refusal("ImageList/TestImagelist.txt", [](std::string& text) { replace(text, "0003_1003", "0000_0"); }),
      "RAW/ImageList/TestImagelist.txt:2: expected an image that is not for training, got "
      "fire_truck\\0000_0.jpg, which is RAW/ImageList/TrainImagelist.txt:1, too. Remove one of the two.");
  EXPECT_EQ(refusal("ImageList/TestImagelist.txt",
                    [](std::string& text) { replace(text, "0003_1003", "0003_77"); }),
            "RAW/ImageList/TestImagelist.txt:2: expected an image of RAW/ImageList/Imagelist.txt, got "
            "fire_truck\\0003_77.jpg. Use lists of the same archive.");
  EXPECT_EQ(refusal("NUS_WID_Tags/TagList1k.txt", [](std::string& text) { text += "sky\r\n"; }),
            "RAW/NUS_WID_Tags/TagList1k.txt:8: expected each label once, got 'sky' again, after "
            "RAW/NUS_WID_Tags/TagList1k.txt:2. Remove one of the two.");
  EXPECT_EQ(refusal("ConceptsList/Concepts81.txt", [](std::string& text) { text = "\r\n"; }),
            "RAW/ConceptsList/Concepts81.txt: expected one label per line, got none. Add labels.");
}

TEST(RawNusWide, NamesAFileThatIsMissingOrHasTwoVersions) {
  Raw raw;
  raw.write();
  fs::create_directories(raw.path("copy"));
  fs::copy_file(raw.path("NUS_WID_Tags/TagList1k.txt"), raw.path("copy/TagList1k.txt"));
  expect_labels(raw, 'e', read(raw));
  std::ofstream(raw.path("copy/TagList1k.txt"), std::ios::app) << "more\n";
  EXPECT_EQ(
      test::message_of([&] { read(raw); }),
      fmt::format("raw: expected one TagList1k.txt in {}, got 2 that differ: {}, {}. Keep the correct one.",
                  raw.root(), raw.path("NUS_WID_Tags/TagList1k.txt"), raw.path("copy/TagList1k.txt")));
  fs::remove(raw.path("copy/TagList1k.txt"));
  fs::remove(raw.path("NUS_WID_Tags/TagList1k.txt"));
  EXPECT_EQ(test::message_of([&] { read(raw); }),
            fmt::format("raw: expected TagList1k.txt in {} or in its subfolders, got none. Unpack the "
                        "archive that contains it there.",
                        raw.root()));
  RawOptions nowhere;
  nowhere.root = "/nowhere";
  EXPECT_EQ(test::message_of([&] { read_raw_nus_wide(nowhere); }),
            "raw: expected the folder of the unpacked release, got '/nowhere', which is not a folder. Check "
            "the path.");
}

}  // namespace
}  // namespace mkt::nus_wide
