#include "imports/open_images_choice.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "imports/manifest_import.h"
#include "io/numbered_lines.h"
#include "support/command.h"
#include "support/files.h"
#include "support/message.h"

namespace mkt::imports {
namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<std::int32_t>;

const Texts kPool{"/m/05", "/m/02", "/m/04", "/g/1x"};

/// Pickles `ids` as Python's pickle.dumps() of a list does: protocol 0, or 2 and above.
std::string list_pickle(const Texts& ids, int protocol) {
  std::string text = protocol == 0 ? "(lp0\n" : "\x80" + std::string(1, static_cast<char>(protocol)) + "](";
  for (const std::string& id : ids) {
    if (protocol == 0) {
      text += "V" + id + "\na";
    } else if (protocol < 4) {
      text += "X" + std::string(1, static_cast<char>(id.size())) + std::string(3, '\0') + id;
    } else {
      text += "\x8c" + std::string(1, static_cast<char>(id.size())) + id;
    }
  }
  return text + (protocol == 0 ? "." : "e.");
}

/// Pickles `ids` as BiAM's file holds them: a NumPy array of objects, protocol 2.
std::string array_pickle(const Texts& ids) {
  std::string text =
      "\x80\x02"
      "cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK" +
      std::string(1, '\0') +
      "\x85"
      "c_codecs\nencode\nX" +
      std::string("\x01\0\0\0", 4) + "bX" + std::string("\x06\0\0\0", 4) + "latin1\x86R\x87R(K\x01K" +
      std::string(1, static_cast<char>(ids.size())) +
      "\x85"
      "cnumpy\ndtype\nX" +
      std::string("\x02\0\0\0", 4) + "O8K" + std::string(1, '\0') + "K\x01\x87R(K\x03X" +
      std::string("\x01\0\0\0", 4) + "|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb\x89](";
  for (const std::string& id : ids)
    text += "X" + std::string(1, static_cast<char>(id.size())) + std::string(3, '\0') + id;
  return text + "etb.";
}

class PlacesInAPool : public testing::Test {
 protected:
  void SetUp() override {
    root_ = test::scratch_folder("places");
    test::write_file(path("classes.csv"), "/m/01,Tree\n/m/02,Bow\n/m/03,Cat\n/m/04,Dog\n/m/05,Tree\n");
    test::write_file(path("top.csv"),
                     "\xEF\xBB\xBF"
                     "2\r\n0\r\n1");
    test::write_file(path("pool.pkl"), list_pickle(kPool, 2));
  }

  std::string path(const std::string& name) const { return root_ + "/" + name; }
  Numbers read() const {
    return classes_at_places(path("top.csv"), path("pool.pkl"), OpenImagesClasses(path("classes.csv")));
  }
  /// Reads with `bytes` as the contents of `file`; restores the file and returns the error message.
  std::string refusal(const std::string& file, const std::string& bytes) const {
    const std::string whole = test::file_text(path(file));
    test::write_file(path(file), bytes);
    std::string message = test::message_of([&] { read(); });
    test::write_file(path(file), whole);
    for (auto at = message.find(root_); at != std::string::npos; at = message.find(root_))
      message.replace(at, root_.size(), "ROOT");
    return message;
  }

  std::string root_;
};

TEST_F(PlacesInAPool, AreCountedFromZeroInEveryFormOfThePool) {
  const Numbers dog_tree_bow{3, 4, 1};
  for (int protocol : {0, 2, 3, 4}) {
    test::write_file(path("pool.pkl"), list_pickle(kPool, protocol));
    EXPECT_EQ(read(), dog_tree_bow) << protocol;
  }
  test::write_file(path("pool.pkl"), array_pickle(kPool));
  EXPECT_EQ(read(), dog_tree_bow);
}

TEST_F(PlacesInAPool, AreRefusedWithTheirLine) {
  const std::string range = "expected a place in ROOT/pool.pkl, from 0 to 3, got '";
  const std::string advice = "'. Give the two files of one repository.";
  for (const char* place : {"4", "-1", "1.0", "x", "1,2", "99999999999999999999"})
    EXPECT_EQ(refusal("top.csv", fmt::format("0\n{}\n", place)), "ROOT/top.csv:2: " + range + place + advice);
  EXPECT_EQ(refusal("top.csv", "place\n1\n"), "ROOT/top.csv:1: " + range + "place" + advice);
  EXPECT_EQ(refusal("top.csv", "1\n\n0\n1\n"),
            "ROOT/top.csv:4: expected each place once, got 1 again, after line 1. Remove one of the two.");
  EXPECT_EQ(
      refusal("top.csv", "0\n3\n"),
      "ROOT/top.csv:2: expected a class of ROOT/classes.csv, got '/g/1x'. Give the class-descriptions of "
      "the same release.");
  EXPECT_EQ(refusal("top.csv", ""),
            "ROOT/top.csv: expected one place per line, got none. Download the file again.");
}

TEST_F(PlacesInAPool, NeedAPoolThatIsAListOfDistinctStrings) {
  const std::string advice = ". Give BiAM's unseen_labels.pkl, or a pickled list of ids.";
  EXPECT_EQ(refusal("pool.pkl", "}."), "ROOT/pool.pkl: expected a list of class ids, got a dict" + advice);
  EXPECT_EQ(refusal("pool.pkl",
                    "](K\x05"
                    "e."),
            "ROOT/pool.pkl: expected a string for class 0, got an integer" + advice);
  EXPECT_EQ(refusal("pool.pkl", "\x80\x04\x8f(\x8c\x05/m/02\x90."),
            "ROOT/pool.pkl: expected a list of class ids, got a set, which has no order" + advice);
  EXPECT_EQ(refusal("pool.pkl",
                    "\x80\x02"
                    "c__builtin__\nset\n](X" +
                        std::string("\x05\0\0\0", 4) + "/m/02e\x85R."),
            "ROOT/pool.pkl: expected a list of class ids, got a set, which has no order" + advice);
  EXPECT_EQ(refusal("pool.pkl", list_pickle({"/m/02", "/m/04", "/m/02"}, 2)),
            "ROOT/pool.pkl: expected each class once, got /m/02 again at place 2" + advice);
  EXPECT_EQ(
      refusal("pool.pkl", "cposix\nsystem\n(S'true'\ntR.").rfind("ROOT/pool.pkl: expected plain data", 0),
      0U);
}

TEST_F(PlacesInAPool, AreGivenTogetherWithoutAList) {
  OpenImagesOptions options{"train.csv",
                            "test.csv",
                            "",
                            path("classes.csv"),
                            path("trainable.txt"),
                            root_,
                            2,
                            MissingFile::kDrop,
                            {path("oi.toml"), "", "", 0, 0, 0, data::Unlisted::kUnknown, 1},
                            path("top.csv"),
                            "",
                            Contradictory::kLast,
                            0};
  const auto refusal_of = [&] { return test::message_of([&] { import_open_images(options); }); };
  const std::string both =
      ": expected the places and the pool together, got one of the two. Give both, or none.";
  EXPECT_EQ(refusal_of(), "unseen-places" + both);
  std::swap(options.unseen_places, options.unseen_pool);
  options.unseen_pool = path("pool.pkl");
  EXPECT_EQ(refusal_of(), "unseen-pool" + both);
  options.unseen_places = path("top.csv");
  options.manifest.unseen = "unseen.txt";
  EXPECT_EQ(refusal_of(),
            "unseen-places: cannot be combined with a list of unseen labels, unseen.txt. Drop one.");
  options.manifest.unseen = "";
  test::write_file(path("trainable.txt"), "/m/03\n/m/05\n");
  EXPECT_EQ(refusal_of(), path("top.csv") + ": expected classes that are not seen, got /m/05 (Tree), which " +
                              path("trainable.txt") + " lists, too. Remove it from one of the two.");
  test::write_file(path("trainable.txt"), "/m/03\n/m/01\n");
  const OpenImagesChoice choice = choose_classes(options, OpenImagesClasses(path("classes.csv")));
  EXPECT_EQ(choice.seen, (Numbers{2, 0}));
  EXPECT_EQ(choice.unseen, (Numbers{3, 4, 1}));
}

TEST(PublishedClasses, AreToldByTheirDigest) {
  EXPECT_EQ(published_line({"/m/04", "/m/02"}),
            "unseen classes: not the published 400 (SHA-256 of the ids "
            "095bb850b7d37e169b42de840e5c2d29b1e723711fe8f555566303ec1f437163)");
  const char* path = std::getenv("MKT_OPEN_IMAGES_UNSEEN");
  if (path == nullptr) {
    GTEST_SKIP() << "MKT_OPEN_IMAGES_UNSEEN does not name a file with the 400 published ids, one per line";
  }
  Texts ids = io::read_lines(path);
  EXPECT_EQ(published_line(ids), "unseen classes: the published 400");
  std::reverse(ids.begin(), ids.end());
  EXPECT_EQ(published_line(ids), "unseen classes: the published 400, in another order");
  ids.pop_back();
  EXPECT_EQ(published_line(ids).rfind("unseen classes: not the published 400 (SHA-256 of the ids ", 0), 0U);
}

}  // namespace
}  // namespace mkt::imports
