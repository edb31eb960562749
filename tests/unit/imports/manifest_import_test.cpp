#include "imports/manifest_import.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "data/manifest.h"
#include "support/command.h"
#include "support/message.h"

namespace mkt::imports {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

ManifestOptions manifest_defaults() {
  return {"", "", "", 0.2, 0.2, 1, data::Unlisted::kAbsent, 8};
}

CsvOptions csv_defaults() {
  return {"", "", "image", "labels", "", "", std::nullopt, ";", manifest_defaults()};
}

/// A scratch folder for empty image files and the annotation files to import.
class ManifestImport : public testing::Test {
 protected:
  void SetUp() override { root_ = test::scratch_folder("manifest"); }

  std::string path(const std::string& relative) const { return root_ + "/" + relative; }
  void write(const std::string& relative, const std::string& text = "") const {
    fs::create_directories(fs::path(path(relative)).parent_path());
    std::ofstream(path(relative), std::ios::binary) << text;
  }

  CsvOptions csv(const std::string& text) const {
    write("in/pets.csv", text);
    CsvOptions options = csv_defaults();
    options.csv = path("in/pets.csv");
    options.images = path("pictures");
    options.manifest.out = path("in/pets.toml");
    return options;
  }

  std::string refusal(const CsvOptions& options) const {
    std::string message = test::message_of([&] { import_csv(options); });
    for (auto at = message.find(root_); at != std::string::npos; at = message.find(root_))
      message.replace(at, root_.size(), "ROOT");
    EXPECT_FALSE(fs::exists(options.manifest.out));
    return message;
  }

  /// Reads the five files of the manifest "pets" in `folder`.
  Names files(const std::string& folder) const {
    Names texts;
    for (const char* ending : {"toml", "train.jsonl", "test.jsonl", "seen.txt", "unseen.txt"})
      texts.push_back(test::file_text(path(fmt::format("{}/pets.{}", folder, ending))));
    return texts;
  }

  std::string root_;
};

std::vector<data::ManifestRecord> records_of(const data::ManifestSet& set, const std::string& file) {
  std::vector<data::ManifestRecord> records;
  data::each_manifest_record(set, file, 0, [&](data::ManifestRecord record) { records.push_back(record); });
  return records;
}

TEST_F(ManifestImport, FoldersAreLabelsAndImagesOfUnseenLabelsAreForTest) {
  for (const char* label : {"cat", "dog", "red fox", "yak", "zebra"}) {
    for (int i = 0; i < 10; ++i)
      write(fmt::format("pictures/{}/deep/{}{}", label, i, i % 2 == 0 ? ".JPG" : ".png"));
  }
  write("pictures/cat/notes.txt");
  write("pictures/.git/1.jpg");
  write("pictures/cat/deep/._0.JPG");
  write("pictures/cat/.thumbnails/0.jpg");
  FoldersOptions options{"", manifest_defaults()};
  options.folders = path("pictures");
  options.manifest.out = path("pets.toml");
  EXPECT_EQ(import_folders(options),
            path("pets.toml") + ": 32 images for training, 18 for test; 4 seen labels, 1 unseen\n");
  const data::ManifestSet set = data::read_manifest_set(path("pets.toml"));
  ASSERT_EQ(set.unseen.size(), 1U);
  const auto unseen = static_cast<std::int32_t>(set.seen.size());
  std::int64_t unseen_tested = 0;
  for (const auto& record : records_of(set, set.train))
    EXPECT_NE(record.present, std::vector<std::int32_t>{unseen});
  for (const auto& record : records_of(set, set.test)) {
    ASSERT_EQ(record.present.size(), 1U);
    unseen_tested += record.present.front() == unseen ? 1 : 0;
  }
  EXPECT_EQ(unseen_tested, 10);
  const Names first = files("");
  import_folders(options);
  EXPECT_EQ(files(""), first);
  options.manifest.seed = 2;
  import_folders(options);
  EXPECT_NE(files(""), first);
}

TEST_F(ManifestImport, KeepsQuotesLineBreaksAndOrderOfATable) {
  write("pictures/a, b.jpg");
  write("pictures/c.jpg");
  write("unseen.txt", "yak\n");
  CsvOptions options =
      csv("\xEF\xBB\xBF\"labels\",id,image,use\r\nyak; fire truck ,1,\"a, b.jpg\",train\r\n\r\n"
          "\"say \"\"hi\"\"\",\"two\nlines\",c.jpg,test\r\n");
  options.split_column = "use";
  options.manifest.unseen = path("unseen.txt");
  import_csv(options);
  EXPECT_EQ(files("in"),
            (Names{"train = \"pets.train.jsonl\"\ntest = \"pets.test.jsonl\"\nimages = \"../pictures\"\n"
                   "seen = \"pets.seen.txt\"\nunseen = \"pets.unseen.txt\"\nunlisted = \"absent\"\n",
                   "{\"image\":\"a, b.jpg\",\"present\":[\"yak\",\"fire truck\"]}\n",
                   "{\"image\":\"c.jpg\",\"present\":[\"say \\\"hi\\\"\"]}\n", "fire truck\nsay \"hi\"\n",
                   "yak\n"}));
}

TEST_F(ManifestImport, RestoresAManifestFromItsTable) {
  for (const char* picture : {"1.jpg", "2, \"b\".jpg", "3.jpg"}) write(fmt::format("pictures/{}", picture));
  write("a/pets.toml",
        "train = \"pets.train.jsonl\"\ntest = \"pets.test.jsonl\"\nimages = \"../pictures\"\n"
        "seen = \"pets.seen.txt\"\nunseen = \"pets.unseen.txt\"\nunlisted = \"unknown\"\n");
  write("a/pets.train.jsonl",
        "{\"image\":\"3.jpg\",\"present\":[\"zebra, old\",\"ape\"],\"absent\":[\"cow\"]}\n"
        "{\"image\":\"1.jpg\",\"present\":[]}\n");
  write("a/pets.test.jsonl", "{\"image\":\"2, \\\"b\\\".jpg\",\"present\":[\"cow\"],\"absent\":[\"ape\"]}\n");
  write("a/pets.seen.txt", "zebra, old\nape\n");
  write("a/pets.unseen.txt", "cow\nbat\n");
  ToCsvOptions out{"", "", ";"};
  out.data_path = path("a/pets.toml");
  out.out = path("table.csv");
  EXPECT_EQ(export_csv(out), path("table.csv"));
  fs::create_directories(path("b"));
  CsvOptions in = csv_defaults();
  in.csv = path("table.csv");
  in.images = path("pictures");
  in.absent_column = "absent";
  in.split_column = "split";
  in.manifest.out = path("b/pets.toml");
  in.manifest.seen = path("table.seen.txt");
  in.manifest.unseen = path("table.unseen.txt");
  in.manifest.unlisted = data::Unlisted::kUnknown;
  import_csv(in);
  EXPECT_EQ(files("b"), files("a"));
  out.separator = ", ";
  EXPECT_EQ(test::message_of([&] { export_csv(out); }),
            path("a/pets.train.jsonl") +
                ":1: expected labels without ', ', got 'zebra, old'. Choose another separator.");
}

TEST_F(ManifestImport, RestoresAManifestWithIdsFromItsTable) {
  for (const char* picture : {"1.jpg", "2.jpg"}) write(fmt::format("pictures/{}", picture));
  write("a/pets.toml",
        "train = \"pets.train.jsonl\"\ntest = \"pets.test.jsonl\"\nimages = \"../pictures\"\n"
        "seen = \"pets.seen.txt\"\nunseen = \"pets.unseen.txt\"\nunlisted = \"absent\"\nclasses = \"ids\"\n"
        "seen_ids = \"pets.seen-ids.txt\"\nunseen_ids = \"pets.unseen-ids.txt\"\n");
  write("a/pets.train.jsonl", "{\"image\":\"1.jpg\",\"present\":[\"/m/1\"],\"absent\":[\"/m/3\"]}\n");
  write("a/pets.test.jsonl", "{\"image\":\"2.jpg\",\"present\":[\"/m/3\",\"/m/2\"]}\n");
  write("a/pets.seen.txt", "Tree\nCat\n");
  write("a/pets.unseen.txt", "Tree\n");
  write("a/pets.seen-ids.txt", "/m/1\n/m/2\n");
  write("a/pets.unseen-ids.txt", "/m/3\n");
  ToCsvOptions out{path("a/pets.toml"), path("table.csv"), ";"};
  export_csv(out);
  EXPECT_EQ(test::file_text(path("table.csv")),
            "image,split,labels,absent\n1.jpg,train,/m/1,/m/3\n2.jpg,test,/m/3;/m/2,\n");
  fs::create_directories(path("b"));
  CsvOptions in = csv_defaults();
  in.csv = path("table.csv");
  in.images = path("pictures");
  in.absent_column = "absent";
  in.split_column = "split";
  in.manifest.out = path("b/pets.toml");
  in.manifest.seen = path("table.seen.txt");
  in.manifest.unseen = path("table.unseen.txt");
  EXPECT_EQ(
      refusal(in),
      "label lists: expected each label to be either seen or unseen, got 'Tree' in both lists. Remove one "
      "of the two.")
      << "lists of names alone";
  in.manifest.seen_ids = path("table.seen-ids.txt");
  EXPECT_EQ(
      refusal(in),
      "seen-ids: expected lists of seen and unseen labels and of the ids of both, got some of the four. "
      "Give the others, too, or no ids.");
  in.manifest.unseen_ids = path("table.unseen-ids.txt");
  import_csv(in);
  for (const char* ending :
       {"toml", "train.jsonl", "test.jsonl", "seen.txt", "unseen.txt", "seen-ids.txt", "unseen-ids.txt"}) {
    EXPECT_EQ(test::file_text(path(fmt::format("b/pets.{}", ending))),
              test::file_text(path(fmt::format("a/pets.{}", ending))))
        << ending;
  }
  fs::remove(in.manifest.out);
  write("table.seen-ids.txt", "/m/1\n");
  EXPECT_EQ(refusal(in),
            "ROOT/table.seen-ids.txt: expected an id for each of the 2 labels of ROOT/table.seen.txt, got 1. "
            "Correct one of the two lists.");
  write("table.seen-ids.txt", "/m/1\n/m/3\n");
  EXPECT_EQ(refusal(in),
            "ROOT/table.unseen-ids.txt:1: expected each label once, got '/m/3' again, after "
            "ROOT/table.seen-ids.txt:2. Remove one of the two.");
}

TEST_F(ManifestImport, WarnsOfWhatATableCannotStore) {
  write(
      "pets.toml",
      "train = \"pets.jsonl\"\ntest = \"pets.jsonl\"\nimages = \".\"\nseen = [\"ape\"]\nunseen = [\"bat\"]\n"
      "[sets]\nboth = [\"ape\", \"bat\"]\n");
  write("pets.jsonl", "{\"image\":\"1.jpg\",\"present\":[\"ape\"]}\n");
  ToCsvOptions out{"", "", ";"};
  out.data_path = path("pets.toml");
  out.out = path("table.csv");
  testing::internal::CaptureStderr();
  export_csv(out);
  const std::string warnings = testing::internal::GetCapturedStderr();
  for (const char* loss : {": a table cannot store named sets.",
                           ": labels that an image does not list are unknown, which a table cannot store."}) {
    EXPECT_NE(warnings.find(out.data_path + loss), std::string::npos) << warnings;
  }
}

TEST_F(ManifestImport, SplitsColumnsAtTabsAndSemicolons) {
  for (const char* picture : {"a;b.jpg", "c,d.jpg"}) write(fmt::format("pictures/{}", picture));
  write("unseen.txt", "yak\n");
  const auto lines = [&](const std::string& table, std::optional<io::Delimiter> delimiter,
                         const std::string& separator) {
    CsvOptions options = csv(table);
    options.manifest.unseen = path("unseen.txt");
    options.split_column = "split";
    options.delimiter = delimiter;
    options.separator = separator;
    import_csv(options);
    return files("in")[1] + files("in")[2];
  };
  const std::string same =
      "{\"image\":\"a;b.jpg\",\"present\":[\"yak\",\"cat\"]}\n{\"image\":\"c,d.jpg\",\"present\":[]}\n";
  EXPECT_EQ(
      lines(
          "image\t\"labels, or not\"\tlabels\tsplit\r\na;b.jpg\t1\tyak;cat\ttrain\r\nc,d.jpg\t2\t\ttest\r\n",
          std::nullopt, ";"),
      same);
  EXPECT_EQ(lines("image;labels;split\n\"a;b.jpg\";yak,cat;train\nc,d.jpg;;test\n", std::nullopt, ","), same);
  EXPECT_EQ(
      lines("image;labels;split\n\"a;b.jpg\";yak,cat;train\nc,d.jpg;;test\n", io::Delimiter::kSemicolon, ","),
      same);
  CsvOptions options = csv("image;labels\na;b.jpg;yak\n");
  fs::remove(options.manifest.out);
  EXPECT_EQ(refusal(options),
            "ROOT/in/pets.csv:2: expected 2 fields as in the first line, got 3. Put fields that contain a "
            "semicolon "
            "in quotes.");
  options.delimiter = io::Delimiter::kComma;
  EXPECT_EQ(refusal(options),
            "ROOT/in/pets.csv:1: expected a column 'image', got image;labels. Choose one of these "
            "as the image column.");
}

TEST_F(ManifestImport, NamesFaultsOfATableByFileAndLine) {
  write("pictures/1.jpg");
  const auto refuse = [&](const std::string& lines) { return refusal(csv("image,labels\n" + lines)); };
  EXPECT_EQ(refusal(csv("file,labels\n")),
            "ROOT/in/pets.csv:1: expected a column 'image', got file, labels. Choose one of these as "
            "the image column.");
  EXPECT_EQ(
      refuse("1.jpg,a,b\n"),
      "ROOT/in/pets.csv:2: expected 2 fields as in the first line, got 3. Put fields that contain a comma "
      "in quotes.");
  EXPECT_EQ(refuse("\"1\n.jpg\",a\n2.jpg,\"a\nb"),
            "ROOT/in/pets.csv:4: expected a closing quote of field 2, got the end of the file. Add it.");
  EXPECT_EQ(
      refuse("1.jpg,a\"b\n"),
      "ROOT/in/pets.csv:2: expected quotes around a whole field, got one inside field 2. Put the field in "
      "quotes, and double those inside.");
  EXPECT_EQ(
      refuse("1.jpg,\"a\"b\n"),
      "ROOT/in/pets.csv:2: expected a comma or the end of the line after a closing quote, got 'b' in field "
      "2. Double the quotes inside a field.");
  EXPECT_EQ(
      refuse("1.jpg,a\n1.jpg,b\n"),
      "ROOT/in/pets.csv:3: expected each image once, got 1.jpg again, after ROOT/in/pets.csv:2. Put its "
      "labels on one line.");
  EXPECT_EQ(refuse("1.jpg,a;b;c;a\n"),
            "ROOT/in/pets.csv:2: expected each label once, got 'a' again. Remove one of the two.");
  EXPECT_EQ(refuse("1.jpg,a;b;c\n2.jpg,a\n"),
            "ROOT/in/pets.csv:3: expected an image, got ROOT/pictures/2.jpg, which does not exist. Correct "
            "or remove the line, or change the image folder.");
  EXPECT_EQ(
      refuse("1.jpg,a\n"),
      "unseen: expected at least one seen and one unseen label, got 1 and 0. Change the label lists or the "
      "share of unseen labels.");
  EXPECT_EQ(refuse(""), "ROOT/in/pets.csv: expected one image per line, got none. Add images.");
}

TEST_F(ManifestImport, NamesUnlistedLabelsAndUnknownSplits) {
  write("pictures/1.jpg");
  write("seen.txt", "a\n");
  write("unseen.txt", "b\n");
  CsvOptions options = csv("image,labels,split\n1.jpg,a;c,val\n");
  options.manifest.seen = path("seen.txt");
  options.manifest.unseen = path("unseen.txt");
  EXPECT_EQ(
      refusal(options),
      "ROOT/in/pets.csv:2: expected labels of the seen and unseen lists, got 'c'. Correct the label, or "
      "add it to one of the lists.");
  options.split_column = "split";
  EXPECT_EQ(refusal(options),
            "ROOT/in/pets.csv:2: expected train or test in column 'split', got 'val'. Correct the line.");
  options.manifest.out = path("pets.json");
  options.split_column = "";
  EXPECT_EQ(refusal(options), "out: expected a file that ends in .toml, got 'ROOT/pets.json'. Give one.");
}

constexpr const char* kCocoCategories =
    "\"categories\": [{\"id\": 1, \"name\": \"person\"}, {\"id\": 17, \"name\": \"cat\"}, {\"id\": 90, "
    "\"name\": \"hair drier\"}]";

/// Makes a COCO annotation with polygons, or with a run-length mask if `crowd`.
std::string coco_annotation(int image, int category, bool crowd = false) {
  return fmt::format(
      "{{\"segmentation\": {}, \"iscrowd\": {}, \"image_id\": {}, \"category_id\": {}, \"bbox\": [0, 0, 1, "
      "1], \"id\": {}}}",
      crowd ? "{\"counts\": [1, 2], \"size\": [4, 4]}" : "[[1.5, 2, 3, 4]]", crowd ? 1 : 0, image, category,
      10 * image + category);
}

std::string coco_image(int id) {
  return fmt::format("{{\"license\": 1, \"file_name\": \"{}.jpg\", \"id\": {}}}", id, id);
}

TEST_F(ManifestImport, ReadsCocosCategoriesAsLabelsAndItsFilesAsSplits) {
  for (const char* picture : {"train2017/1.jpg", "train2017/2.jpg", "val2017/3.jpg"})
    write(fmt::format("coco/{}", picture));
  write("unseen.txt", "hair drier\n");
  write(
      "in/instances_train2017.json",
      fmt::format("{{\"info\": {{\"year\": 2017}}, \"annotations\": [{},{},{},{}], \"images\": [{},{}], {}}}",
                  coco_annotation(2, 17), coco_annotation(1, 90), coco_annotation(2, 1, true),
                  coco_annotation(2, 17), coco_image(1), coco_image(2), kCocoCategories));
  write("in/instances_val2017.json",
        fmt::format("{{\"images\": [{}], \"annotations\": [], {}}}", coco_image(3), kCocoCategories));
  CocoOptions options{"", "", "", manifest_defaults()};
  options.instances = path("in/instances_train2017.json");
  options.test_instances = path("in/instances_val2017.json");
  options.images = path("coco");
  options.manifest.out = path("in/pets.toml");
  options.manifest.unseen = path("unseen.txt");
  import_coco(options);
  EXPECT_EQ(files("in")[1],
            "{\"image\":\"train2017/1.jpg\",\"present\":[\"hair drier\"]}\n"
            "{\"image\":\"train2017/2.jpg\",\"present\":[\"person\",\"cat\"]}\n");
  EXPECT_EQ(files("in")[2], "{\"image\":\"val2017/3.jpg\",\"present\":[]}\n");
  write("seen.txt", "cat\n");
  options.manifest.seen = path("seen.txt");
  import_coco(options);
  EXPECT_EQ(files("in")[1],
            "{\"image\":\"train2017/1.jpg\",\"present\":[\"hair drier\"]}\n"
            "{\"image\":\"train2017/2.jpg\",\"present\":[\"cat\"]}\n");
  EXPECT_EQ(files("in")[3] + files("in")[4], "cat\nhair drier\n");
}

TEST_F(ManifestImport, NamesFaultsOfCocosFile) {
  write("coco/1.jpg");
  CocoOptions options{"", "", "", manifest_defaults()};
  options.instances = path("in/instances_x.json");
  options.images = path("coco");
  options.manifest.out = path("in/pets.toml");
  const auto refuse = [&](const std::string& text) {
    write("in/instances_x.json", text);
    std::string message = test::message_of([&] { import_coco(options); });
    for (auto at = message.find(root_); at != std::string::npos; at = message.find(root_))
      message.replace(at, root_.size(), "ROOT");
    return message;
  };
  const std::string images = fmt::format("\"images\": [{}], {}", coco_image(1), kCocoCategories);
  EXPECT_EQ(refuse(fmt::format("{{{}, \"annotations\": [{}]}}", images, coco_annotation(1, 2))),
            "ROOT/in/instances_x.json: image 1: expected a listed category, got 2. Download the file again.");
  EXPECT_EQ(
      refuse(fmt::format("{{{}, \"annotations\": [{}]}}", images, coco_annotation(7, 1))),
      "ROOT/in/instances_x.json: expected annotations of listed images, got one of image 7, which is not "
      "listed. Download the file again.");
  EXPECT_EQ(refuse(fmt::format("{{{}, \"annotations\": [{{\"image_id\": \"1\"}}]}}", images)),
            "ROOT/in/instances_x.json: expected a number image_id in each item of annotations, got "
            "{\"image_id\":\"1\"}. Give an instances file.");
  EXPECT_EQ(refuse(fmt::format("{{{}, \"annotations\": [", images)),
            fmt::format("ROOT/in/instances_x.json: expected COCO's instances JSON, got invalid JSON at "
                        "character {}. Download the file again.",
                        images.size() + 20));
  EXPECT_EQ(refuse("[]"),
            "ROOT/in/instances_x.json: expected lists of images and categories, got 0 and 0 entries. Give an "
            "instances file.");
}

}  // namespace
}  // namespace mkt::imports
