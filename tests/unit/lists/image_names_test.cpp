#include "lists/image_names.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "support/command.h"
#include "support/crafted.h"
#include "support/formula.h"
#include "support/message.h"

namespace mkt::data {

using namespace test;
namespace {

using test::message_of;

const std::vector<std::string> kNames{"sea_0001_1.jpg", "caf\xc3\xa9_0002_22.jpg", "\xe6\xb5\xb7_0003_3.jpg"};

std::string pickle_path(const std::string& name) {
  return std::string(MKT_TEST_DATA) + "/pickles/" + name;
}

std::string names_refusal(const std::string& pickle) {
  const std::string path = write_file(temporary("names.pkl"), pickle);
  std::string message = message_of([&] { load_image_names(path); });
  EXPECT_EQ(message.rfind(path + ": ", 0), 0U) << message;
  return message;
}

TEST(ImageNames, ReadsEveryFormInEveryProtocol) {
  for (const char* form : {"dict", "list", "tuple", "array", "objects", "scalars", "bytes"}) {
    for (int protocol = 0; protocol <= 5; ++protocol) {
      EXPECT_EQ(load_image_names(pickle_path(fmt::format("{}_{}.pkl", form, protocol))), kNames)
          << form << protocol;
    }
  }
  EXPECT_EQ(load_image_names(pickle_path("python2.pkl")), kNames);
}

TEST(ImageNames, ReadsTheGoldenLists) {
  const std::string folder = "nus-mini/NUS-WIDE/";
  EXPECT_EQ(load_image_names(test::golden(folder + "img_names.pkl")).size(), 8U);
  const auto names = load_image_names(test::golden(folder + "test_img_names.pkl"));
  EXPECT_EQ(names.size(), 6U);
  EXPECT_EQ(names[2], "person_at_work_0002_1002.jpg");
  EXPECT_EQ(load_image_names(test::golden(folder + "test_img_names_numpy.pkl")), names);
}

TEST(ImageNames, ReadBackWhatWasSaved) {
  const std::string path = temporary("saved.pkl");
  for (const auto& names :
       {kNames, std::vector<std::string>{}, std::vector<std::string>(70000, "sea_0001_1.jpg")}) {
    save_image_names(path, names);
    EXPECT_EQ(load_image_names(path), names);
  }
}

TEST(ImageNames, RefusesPicklesThatAreNotListsOfStrings) {
  EXPECT_NE(message_of([] {
              load_image_names(pickle_path("big_endian.pkl"));
            }).find("expected little-endian strings"),
            std::string::npos);
  EXPECT_NE(names_refusal("}.").find("expected a key 'img_names', got a dict without it"), std::string::npos);
  EXPECT_NE(names_refusal("K\x05.").find("expected a list of image names, got an integer"),
            std::string::npos);
  EXPECT_NE(names_refusal("](U\x01"
                          "aK\x05"
                          "e.")
                .find("expected a string for image 1, got an integer"),
            std::string::npos);
  EXPECT_NE(names_refusal("").find("the pickle is truncated"), std::string::npos);
}

TEST(ImageNames, RefusesALongStringThatIsReferredToOften) {
  std::string bomb = "](X" + std::string("\x00\x00\x10\x00", 4) + std::string(1 << 20, 'a') + "q\x01";
  for (int i = 0; i < 100000; ++i) bomb += "h\x01";
  EXPECT_NE(names_refusal(bomb + "e.").find("a name of 1048576 bytes"), std::string::npos);
}

TEST(ImageNames, AreRecognisedByTheirEnding) {
  for (const char* name : {"a.jpg", "b/c.JPEG", "d.e.Png", "a.jfif", "a.JPE", "a.webp", "a.tif", "a.TIFF",
                           "a.bmp", "a.gif", "IMG_1.HEIC", "a.heif", "a.avif"})
    EXPECT_TRUE(is_image_name(name)) << name;
  for (const char* name : {"a.txt", "jpg", "a.jpg/b", ".png", ""}) EXPECT_FALSE(is_image_name(name)) << name;
}

TEST(HiddenFiles, BeginWithADot) {
  for (const char* name : {"._a.jpg", ".a.jpg", "b/._a.jpg", ".thumbnails"})
    EXPECT_TRUE(is_hidden(name)) << name;
  for (const char* name : {"a.jpg", ".b/a.jpg", "a._b.jpg", "_a.jpg"}) EXPECT_FALSE(is_hidden(name)) << name;
}

TEST(HiddenFiles, AndFoldersAreSkippedBySearches) {
  const std::string folder = test::scratch_folder("hidden");
  for (const char* name :
       {"a.jpg", "._a.jpg", "b/c.png", "b/._c.png", ".thumbnails/d.jpg", "b/.cache/e/f.jpg"}) {
    std::filesystem::create_directories(std::filesystem::path(folder + "/" + name).parent_path());
    write_file(folder + "/" + name, "");
  }
  std::vector<std::string> found;
  for (std::filesystem::recursive_directory_iterator at(folder), end; at != end; ++at) {
    if (!skips_hidden(at) && at->is_regular_file()) found.push_back(at->path().filename().string());
  }
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, (std::vector<std::string>{"a.jpg", "c.png"}));
}

TEST(FindJpeg, FindsAnyOfTheEndings) {
  const std::string folder = test::scratch_folder("find_jpeg");
  write_file(folder + "/a.JPG", "");
  write_file(folder + "/b.jpeg", "");
  write_file(folder + "/c.png", "");
  EXPECT_EQ(find_jpeg(folder, "a"), "a.JPG");
  EXPECT_EQ(find_jpeg(folder, "b"), "b.jpeg");
  EXPECT_EQ(find_jpeg(folder, "c"), "");
}

}  // namespace
}  // namespace mkt::data
