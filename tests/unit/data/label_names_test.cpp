#include "lists/label_names.h"

#include <gtest/gtest.h>

#include "mkt/data/dataset.h"
#include "support/command.h"
#include "support/files.h"
#include "support/message.h"

namespace mkt::data {
namespace {

using Labels = std::vector<std::string>;

TEST(LikeLabels, AreNamedInOneLine) {
  const std::string start = "l.txt: labels that the tokenizer cannot tell apart get the same scores: ";
  const auto warning = [](const Labels& labels) { return like_labels_warning(labels, "l.txt"); };
  EXPECT_EQ(warning({"cat", "dog", "Cat"}), start + "'cat' and 'Cat'. Keep one of each.");
  for (const auto& [one, other] :
       std::vector<std::pair<std::string, std::string>>{{"fire truck", "fire  truck"},
                                                        {"fire truck", "fire\u00A0truck"},
                                                        {"caf\u00E9", "cafe\u0301"},
                                                        {"ｃａｔ", "cat"},
                                                        {"ﬁsh", "fish"},
                                                        {"rock & roll", "rock &amp; roll"},
                                                        {"ice-cream", "ice - cream"},
                                                        {"ÉCLAIR", "éclair"},
                                                        {"cat\u200E"
                                                         "\x7F",
                                                         "cat\u200E"},
                                                        {"cat’s", "cat's"}}) {
    EXPECT_EQ(warning({one, other}), start + "'" + one + "' and '" + other + "'. Keep one of each.");
  }
  EXPECT_EQ(warning({"a", "A", "b", "B", "c", "C", "d", "D"}),
            start + "'a' and 'A', 'b' and 'B', 'c' and 'C', … and 1 more. Keep one of each.");
  EXPECT_EQ(warning({"ice cream", "icecream", "ice-cream", "cats", "cat", "é", "e"}), "");
}

TEST(LabelNames, RefuseASeenLabelThatIsUnseenToo) {
  const auto message = [](Classes classes, const Labels& seen, const Labels& unseen) {
    return test::message_of([&] { check_label_names(seen, unseen, classes, "set.toml", "Remove one."); });
  };
  EXPECT_EQ(
      message(Classes::kNames, {"cat", "Dog"}, {"fox", "dog"}),
      "set.toml: expected seen and unseen labels that the tokenizer can tell apart, got 'Dog' and 'dog'. "
      "Remove one.");
  EXPECT_EQ(
      message(Classes::kNames, {"caf\u00E9"}, {"cafe\u0301"}),
      "set.toml: expected seen and unseen labels that the tokenizer can tell apart, got 'caf\u00E9' and "
      "'cafe\u0301'. Remove one.");
  EXPECT_EQ(message(Classes::kIds, {"cat", "Dog"}, {"fox", "dog"}), "");
  EXPECT_EQ(message(Classes::kNames, {"cat", "Cat"}, {"fox", "FOX"}), "");
}

TEST(ClassNames, MayBeTheSameForSeveralIds) {
  testing::internal::CaptureStderr();
  check_class_names({"Tree", "Cat", "tree", "Dog", "Tree", "cat", "dog"}, {"1", "2", "3", "4", "5", "6", "7"},
                    "names.toml");
  check_class_names({"Cat", "Dog"}, {"1", "2"}, "other.toml");
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(
      log.find("names.toml: 4 labels have the text of an earlier label with another id and get the same "
               "scores: 1 'Tree' and 3 'tree', 1 'Tree' and 5 'Tree', 2 'Cat' and 6 'cat', … and 1 more"),
      std::string::npos)
      << log;
  EXPECT_EQ(log.find("other.toml"), std::string::npos) << log;
  EXPECT_EQ(test::message_of([] {
              check_class_names({"Cat", " "}, {"1", "2"}, "set.toml");
            }),
            "set.toml: expected a text, got an empty one. Drop it.");
}

TEST(LabelTexts, MustBeUtf8ThatTheTokenizerKeeps) {
  EXPECT_EQ(label_text_problem("caf\xE9"), "expected UTF-8, got other bytes in 'caf\xE9'. Convert the text.");
  for (const std::string label : {"\x07", "\uFEFF", "\u00A0"}) {
    EXPECT_EQ(label_text_problem(label),
              "expected a text, got '" + label + "', of which the tokenizer keeps nothing. Drop it.");
  }
  EXPECT_EQ(label_text_problem(" "), "expected a text, got an empty one. Drop it.");
  EXPECT_EQ(label_text_problem("猫"), "");
  EXPECT_EQ(test::message_of([] { check_label_names({"cat"}, {"\x07"}, Classes::kIds, "set.toml", ""); }),
            "set.toml: expected a text, got '\x07', of which the tokenizer keeps nothing. Drop it.");
}

TEST(LabelNames, AreCheckedWhereverADataSetIsRead) {
  const std::string folder = test::scratch_folder("names");
  const std::string path = folder + "/set.toml";
  const auto write = [&](const std::string& more) {
    test::write_file(path,
                     "train = \"train.jsonl\"\ntest = \"train.jsonl\"\nimages = \".\"\n"
                     "seen = [\"Cat\"]\nunseen = [\"cat\"]\n" +
                         more);
  };
  test::write_file(folder + "/train.jsonl",
                   "{\"image\": \"set.toml\", \"present\": [], \"absent\": [\"Cat\"]}\n");
  write("");
  const std::string refusal =
      path +
      ": expected seen and unseen labels that the tokenizer can tell apart, got 'Cat' and 'cat'. Remove one "
      "of each pair, or write classes = \"ids\" there if they are different classes.";
  EXPECT_EQ(test::message_of([&] { load_dataset_labels(path); }), refusal);
  EXPECT_EQ(test::message_of([&] { load_dataset(path, Split::kTrain); }), refusal);
  EXPECT_EQ(test::message_of([&] { load_dataset(path); }), refusal);
  write("classes = \"ids\"\n");
  EXPECT_EQ(load_dataset_labels(path), (Labels{"Cat", "cat"}));
  EXPECT_EQ(load_dataset(path, Split::kTest).unseen, Labels{"cat"});
  write("classes = \"id\"\n");
  EXPECT_EQ(test::message_of([&] { load_dataset_labels(path); }),
            path + ":6: classes: expected \"names\" or \"ids\", got \"id\". Correct it.");
}

}  // namespace
}  // namespace mkt::data
