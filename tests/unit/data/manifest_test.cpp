#include "data/manifest.h"

#include <fmt/format.h>

#include "mkt/data/dataset.h"
#include "support/images.h"

namespace mkt::data {
namespace {

using namespace test;
namespace fs = std::filesystem;

/// A manifest that tests read or damage. Its image files are empty because no test decodes them.
class Manifest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = testing::TempDir() + "/manifest_" + testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(root_);
    fs::create_directories(root_ + "/pictures/a");
    for (const char* picture : {"pictures/a/1.jpg", "pictures/2.jpg"}) write(picture, "");
    write("set.toml", kToml);
    write("unseen.txt", "\xEF\xBB\xBFlynx\r\n\r\nold lamp \r\n");
    write("train.jsonl", kTrain);
    write("test.jsonl",
          "{\"image\": \"2.jpg\", \"present\": [\"old lamp\", \"dog\"], \"absent\": [\"lynx\"]}");
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string path(const std::string& relative) const { return root_ + "/" + relative; }
  void write(const std::string& relative, const std::string& text) const {
    std::ofstream(path(relative), std::ios::binary) << text;
  }

  /// Loads with `text` as the contents of `file`; returns the error message, with SET in place of the folder.
  std::string refusal(const std::string& file, const std::string& text) {
    const std::string before = file_text(path(file));
    write(file, text);
    std::string message = message_of([&] { load_dataset(path("set.toml")); });
    write(file, before);
    for (auto at = message.find(root_); at != std::string::npos; at = message.find(root_))
      message.replace(at, root_.size(), "SET");
    return message;
  }

  static constexpr const char* kToml =
      "train = \"train.jsonl\"\ntest = \"test.jsonl\"\nimages = \"pictures\"\n"
      "seen = [\"cat\", \"dog\"]\nunseen = \"unseen.txt\"\n";
  static constexpr const char* kTrain =
      "{\"image\": \"a/1.jpg\", \"present\": [\"cat\", \"lynx\"]}\r\n"
      "\r\n"
      "{\"present\": [], \"absent\": [\"dog\"], \"image\": \"2.jpg\"}\r\n";
  std::string root_;
};

torch::Tensor rows(const std::vector<std::int64_t>& values, std::int64_t columns) {
  return torch::tensor(values).to(torch::kInt8).view({-1, columns});
}

TEST_F(Manifest, LoadsAsADataset) {
  write("set.toml", fmt::format("{}unlisted = \"absent\"\n", kToml));
  const auto [train, test] = load_dataset(path("set.toml"));
  EXPECT_EQ(train.names, (std::vector<std::string>{"a/1.jpg", "2.jpg"}));
  EXPECT_EQ(train.paths, (std::vector<std::string>{path("pictures/a/1.jpg"), path("pictures/2.jpg")}));
  EXPECT_EQ(train.seen, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_TRUE(train.unseen.empty());
  EXPECT_TRUE(train.labels.dense().equal(rows({1, -1, -1, -1}, 2))) << train.labels.dense();
  EXPECT_EQ(all_labels(test), (std::vector<std::string>{"cat", "dog", "lynx", "old lamp"}));
  EXPECT_TRUE(test.labels.dense().equal(rows({-1, 1, -1, 1}, 4))) << test.labels.dense();
  EXPECT_TRUE(test.labels_unseen.dense().equal(rows({-1, 1}, 2))) << test.labels_unseen.dense();
  EXPECT_EQ(load_dataset_labels(path("set.toml")), all_labels(test));
  EXPECT_EQ(label_features_path(path("set.toml")), path("set.label_emb.pt"));
  EXPECT_EQ(label_features_path("NUS-WIDE"), "NUS-WIDE/label_emb.pt");
}

TEST_F(Manifest, UnlistedLabelsAreUnknownByDefault) {
  write("set.toml", fmt::format("{}label_emb = \"../own.pt\"\n", kToml));
  const auto [train, test] = load_dataset(path("set.toml"));
  EXPECT_TRUE(train.labels.dense().equal(rows({1, 0, 0, -1}, 2))) << train.labels.dense();
  EXPECT_TRUE(test.labels.dense().equal(rows({0, 1, -1, 1}, 4))) << test.labels.dense();
  EXPECT_EQ(label_features_path(path("set.toml")), path("../own.pt"));
}

TEST_F(Manifest, TheLimitAppliesToTheTestSplit) {
  write("test.jsonl", kTrain);
  ReadingOptions options;
  options.limit = 1;
  const auto [train, test] = load_dataset(path("set.toml"), options);
  EXPECT_EQ(train.names.size(), 2U);
  EXPECT_EQ(test.names, std::vector<std::string>{"a/1.jpg"});
}

TEST_F(Manifest, NamesFaultyRecordsByFileAndLine) {
  const std::string good = "{\"image\": \"2.jpg\", \"present\": []}\n\n";
  const auto refuse = [&](const std::string& line) { return refusal("train.jsonl", good + line); };
  EXPECT_EQ(
      refuse("{\"image\": \"2.jpg\", \"present\": [\"cow\"]}"),
      "SET/train.jsonl:3: expected labels of SET/set.toml, got 'cow'. Correct the label, or add it to the "
      "list there.");
  EXPECT_EQ(refuse("{\"image\": \"2.jpg\", \"present\": [\"cat\"], \"absent\": [\"cat\"]}"),
            "SET/train.jsonl:3: expected each label once, got 'cat' again in absent. Remove one of the two.");
  EXPECT_EQ(refuse("{\"image\": \"2.jpg\", \"present\": [\"cat\"], \"present\": [\"dog\"]}"),
            "SET/train.jsonl:3: expected each key once, got 'present' again. Remove one of the two.");
  EXPECT_EQ(
      refuse("{\"image\": \"2.jpg\", \"present\": [\"caf\xE9\"]}"),
      "SET/train.jsonl:3: expected UTF-8, got the byte 0xE9 of another encoding. Save the file as UTF-8.");
  EXPECT_EQ(refuse("{\"image\": \"2.jpg\", \"pres"),
            "SET/train.jsonl:3: expected a JSON object, got invalid JSON at character 25. Correct the "
            "line.");
  EXPECT_EQ(refuse("[1]"), "SET/train.jsonl:3: expected a JSON object, got [1]. Correct the line.");
  EXPECT_EQ(refuse("{\"image\": \"2.jpg\"}"),
            "SET/train.jsonl:3: expected the key present, which is missing. Add it.");
  EXPECT_EQ(refuse("{\"image\": 2, \"present\": []}"),
            "SET/train.jsonl:3: image: expected an image's path, got 2. Correct the line.");
  EXPECT_EQ(refuse("{\"image\": \"2.jpg\", \"present\": [1]}"),
            "SET/train.jsonl:3: present: expected a list of labels, got [1]. Correct the line.");
  EXPECT_EQ(refuse("{\"image\": \"2.jpg\", \"present\": [], \"abset\": []}"),
            "SET/train.jsonl:3: expected the keys image, present and absent, got 'abset'. Remove it.");
  EXPECT_EQ(refuse("{\"image\": \"3.jpg\", \"present\": []}\n{\"image\": \"4.jpg\", \"present\": []}"),
            "SET/train.jsonl:3: expected an image, got SET/pictures/3.jpg, which does not exist (1 other "
            "images are missing, too). Correct the line, or the key images in SET/set.toml.");
  EXPECT_EQ(refusal("train.jsonl", good),
            "SET/train.jsonl: expected absent labels to train on, got none. List them, or write unlisted = "
            "\"absent\" in SET/set.toml.");
  EXPECT_EQ(refusal("test.jsonl", "\n"),
            "SET/test.jsonl: expected one image per line, got none. Add images.");
}

TEST_F(Manifest, NamedSetsBelongToTheTestSplit) {
  write("felines.txt", "lynx\r\ncat\r\n");
  write("set.toml",
        fmt::format("{}[sets]\nthings = [\"old lamp\"]\n\"big cats\" = \"felines.txt\"\n", kToml));
  const auto [train, test] = load_dataset(path("set.toml"));
  EXPECT_TRUE(train.sets.empty());
  ASSERT_EQ(test.sets.size(), 2U);
  EXPECT_EQ(test.sets[0].name, "things");
  EXPECT_EQ(test.sets[0].labels, std::vector<std::int64_t>{3});
  EXPECT_EQ(test.sets[1].name, "big cats");
  EXPECT_EQ(test.sets[1].labels, (std::vector<std::int64_t>{2, 0}));
  EXPECT_EQ(
      refusal("felines.txt", "lynx\n\nlion\n"),
      "SET/felines.txt:3: big cats: expected seen or unseen labels of SET/set.toml, got 'lion'. Correct the "
      "label, or add it to one of the lists.");
  EXPECT_EQ(refusal("set.toml", fmt::format("{}[sets]\nthings = [\"cat\", \"cat\"]\n", kToml)),
            "SET/set.toml:7: expected each label once, got 'cat' again, after SET/set.toml:7. Remove one of "
            "the two.");
  EXPECT_EQ(refusal("set.toml", fmt::format("{}[sets]\nthings = []\n", kToml)),
            "SET/set.toml:7: things: expected at least one label, got none. Add one.");
  EXPECT_EQ(refusal("set.toml", fmt::format("{}sets = 1\n", kToml)),
            "SET/set.toml:6: sets: expected a table of names and labels, got something else. Correct it.");
}

/// A manifest whose labels have ids; "cat" is the name of a seen and of an unseen label.
class ManifestWithIds : public Manifest {
 protected:
  void SetUp() override {
    Manifest::SetUp();
    write("set.toml", toml("[\"/m/1\", \"/m/2\"]", "\"ids.txt\""));
    write("unseen.txt", "lynx\ncat\n");
    write("ids.txt", "/m/3\n/m/4\n");
    write("train.jsonl",
          "{\"image\": \"a/1.jpg\", \"present\": [\"/m/1\", \"/m/4\"], \"absent\": [\"/m/2\"]}\n");
    write("test.jsonl", "{\"image\": \"2.jpg\", \"present\": [\"/m/4\"], \"absent\": [\"/m/1\"]}\n");
  }
  static std::string toml(const std::string& seen, const std::string& unseen) {
    return fmt::format("{}seen_ids = {}\nunseen_ids = {}\n", kToml, seen, unseen);
  }
};

TEST_F(ManifestWithIds, LabelsOfOneNameAreTwoClasses) {
  testing::internal::CaptureStderr();
  const auto [train, test] = load_dataset(path("set.toml"));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("set.toml: 1 labels have the text of an earlier label with another id and get the same "
                     "scores: /m/1 'cat' and /m/4 'cat'"),
            std::string::npos)
      << log;
  EXPECT_EQ(train.seen_ids, (std::vector<std::string>{"/m/1", "/m/2"}));
  EXPECT_TRUE(train.unseen_ids.empty());
  EXPECT_EQ(all_ids(train), train.seen_ids);
  EXPECT_TRUE(train.labels.dense().equal(rows({1, -1}, 2))) << train.labels.dense();
  EXPECT_EQ(all_labels(test), (std::vector<std::string>{"cat", "dog", "lynx", "cat"}));
  EXPECT_EQ(all_ids(test), (std::vector<std::string>{"/m/1", "/m/2", "/m/3", "/m/4"}));
  EXPECT_TRUE(test.labels.dense().equal(rows({-1, 0, 0, 1}, 4))) << test.labels.dense();
  EXPECT_EQ(load_dataset_labels(path("set.toml")), all_labels(test));
  EXPECT_EQ(read_manifest_set(path("set.toml")).classes, Classes::kIds);
  EXPECT_EQ(label_keys(read_manifest_set(path("set.toml"))), all_ids(test));
}

TEST_F(ManifestWithIds, SetsListIdsOrNamesOfOneLabel) {
  const std::string whole = toml("[\"/m/1\", \"/m/2\"]", "\"ids.txt\"");
  write("set.toml", fmt::format("{}[sets]\nboth = [\"/m/4\", \"dog\"]\n", whole));
  EXPECT_EQ(load_dataset(path("set.toml"), Split::kTest).sets[0].labels, (std::vector<std::int64_t>{3, 1}));
  const auto refuse = [&](const std::string& labels) {
    return refusal("set.toml", fmt::format("{}[sets]\nboth = [{}]\n", whole, labels));
  };
  EXPECT_EQ(refuse("\"cat\""),
            "SET/set.toml:9: both: expected an id or the name of one label, got 'cat', the name of /m/1 and "
            "/m/4. Write the id.");
  EXPECT_EQ(refuse("\"dog\", \"/m/2\""),
            "SET/set.toml:9: both: expected each label once, got '/m/2' by name and by id. Remove one of the "
            "two.");
  EXPECT_EQ(refuse("\"/m/9\""),
            "SET/set.toml:9: both: expected seen or unseen labels of SET/set.toml, got '/m/9'. Correct the "
            "label, or add it to one of the lists.");
}

TEST_F(ManifestWithIds, FaultsAreNamed) {
  const auto refuse = [&](const std::string& text) { return refusal("set.toml", text); };
  EXPECT_EQ(refuse(fmt::format("{}seen_ids = [\"/m/1\", \"/m/2\"]\n", kToml)),
            "SET/set.toml: expected the key unseen_ids, which is missing. Add it.");
  EXPECT_EQ(refuse(fmt::format("{}unseen_ids = \"ids.txt\"\n", kToml)),
            "SET/set.toml: expected the key seen_ids, which is missing. Add it.");
  EXPECT_EQ(
      refuse(toml("[\"/m/1\"]", "\"ids.txt\"")),
      "SET/set.toml:6: seen_ids: expected an id for each of the 2 labels of seen, got 1. Correct one of "
      "the two lists.");
  EXPECT_EQ(
      refusal("ids.txt", "/m/3\n/m/1\n"),
      "SET/ids.txt:2: expected each label once, got '/m/1' again, after SET/set.toml:6. Remove one of the "
      "two.");
  EXPECT_EQ(
      refusal("ids.txt", "/m/3\n/m/4\n/m/5\n"),
      "SET/set.toml:7: unseen_ids: expected an id for each of the 2 labels of unseen, got 3. Correct one "
      "of the two lists.");
  EXPECT_EQ(
      refuse(toml("[\"/m/1\", \"/m/2\"]", "\"ids.txt\"") + "classes = \"names\"\n"),
      "SET/set.toml:8: classes: expected \"ids\", because the manifest lists ids, got \"names\". Correct "
      "it.");
  EXPECT_EQ(refusal("train.jsonl", "{\"image\": \"2.jpg\", \"present\": [\"dog\"]}\n"),
            "SET/train.jsonl:1: expected ids of labels of SET/set.toml, got 'dog'. Correct the id, or add it "
            "to the "
            "list there.");
  EXPECT_EQ(refusal("unseen.txt", "lynx\n\x07\n"),
            "SET/set.toml: expected a text, got '\x07', of which the tokenizer keeps nothing. Drop it.");
}

TEST_F(Manifest, NamesFaultsOfTheTomlFileByLine) {
  const auto refuse = [&](const std::string& text) { return refusal("set.toml", text); };
  EXPECT_EQ(refuse("train = \"train.jsonl\"\n"),
            "SET/set.toml: expected the key test, which is missing. Add it.");
  EXPECT_EQ(
      refuse(fmt::format("{}sean = 1\n", kToml)),
      "SET/set.toml:6: expected one of train, test, images, seen, unseen, label_emb, unlisted, classes, "
      "sets, seen_ids, unseen_ids, origin, got "
      "'sean'. Correct the key.");
  EXPECT_EQ(refuse(fmt::format("{}unlisted = \"no\"\n", kToml)),
            "SET/set.toml:6: unlisted: expected \"absent\" or \"unknown\", got \"no\". Correct it.");
  EXPECT_EQ(refuse("train = 3\n"),
            "SET/set.toml:1: train: expected a string in quotes, got something else. Correct it.");
  expect_part(refuse("train = \"a\"\ntest = \"b\nimages = \"c\"\n"),
              "SET/set.toml:2: expected TOML, got a syntax error: ");
  EXPECT_EQ(
      refusal("unseen.txt", "lynx\n\ncat\n"),
      "SET/unseen.txt:3: expected each label once, got 'cat' again, after SET/set.toml:4. Remove one of the "
      "two.");
  EXPECT_EQ(refusal("unseen.txt", "\n"),
            "SET/unseen.txt: expected one label per line, got none. Add labels.");
  EXPECT_EQ(message_of([] { load_dataset("/nowhere/set.toml"); }),
            "data-path: expected a manifest's TOML file, got nothing at /nowhere/set.toml. Check the path.");
}

}  // namespace
}  // namespace mkt::data
