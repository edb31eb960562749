// Tests the files written by eval --report, infer --heatmap and infer --annotate.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "core/text.h"
#include "data/nus_wide.h"
#include "integration/world.h"
#include "mkt/codecs/decode.h"

namespace mkt::test {
namespace {

namespace fs = std::filesystem;

/// Returns the names of the files in a folder.
std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  for (const std::string& file : files_in(folder)) names.insert(fs::path(file).filename().string());
  return names;
}

/// Parses a page with Python's HTML parser. Fails if elements are not properly nested or an attribute is
/// repeated; prints the numbers of main, svg, img and table elements.
constexpr const char* kReadPage = R"(
import collections, html.parser, sys
class Reader(html.parser.HTMLParser):
    EMPTY = {"meta", "img", "line", "rect", "path"}
    def __init__(self):
        super().__init__()
        self.open, self.count = [], collections.Counter()
    def handle_starttag(self, tag, attributes):
        self.count[tag] += 1
        assert len(dict(attributes)) == len(attributes), ("attribute twice", tag)
        if tag not in self.EMPTY: self.open.append(tag)
    def handle_startendtag(self, tag, attributes):
        self.count[tag] += 1
        assert tag in self.EMPTY, tag
    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open[-3:], self.getpos())
        self.open.pop()
reader = Reader()
reader.feed(open(sys.argv[1], encoding="utf-8").read())
reader.close()
assert not reader.open, reader.open
print(*(f"{tag} {reader.count[tag]}" for tag in ("main", "svg", "img", "table")))
)";

/// Expects a well-formed page; `counts` is the expected output of kReadPage.
void expect_page(const std::string& file, const std::string& counts) {
  const auto read = run_command({MKT_TEST_PYTHON, "-c", kReadPage, file});
  ASSERT_EQ(read.exit_code, 0) << read.error;
  EXPECT_EQ(trim(read.output), counts);
}

TEST(EvalReport, IsOneWellFormedFileWithoutExternalResources) {
  const std::string folder = scratch_folder("report") + "/new/page";
  const auto result =
      run_command(tiny("eval") + Arguments{"--ckpt-path", student_file(), "--report", folder});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_EQ(names_in(folder), (std::set<std::string>{"index.html"}));
  const std::string page = file_text(folder + "/index.html");
  EXPECT_EQ(page.find("http"), std::string::npos);
  for (const char* text : {"MKT, stage 1", "CLIP, global score", "CLIP, MKT score", "ZSL mAP"}) {
    EXPECT_NE(page.find(text), std::string::npos) << text;
  }
  const auto truth =
      data::load_nus_wide(mini_nus_wide(), data::Split::kTest).labels_unseen.dense();  // (6, 8)
  const auto shown = truth.eq(1).any(1).sum().item<std::int64_t>();  // images shown, each with a heat map
  expect_page(folder + "/index.html", fmt::format("main 1 svg 9 img {} table 4", 2 * shown));
}

TEST(EvalReport, ShowsTheNumbersOfEval) {
  const std::string folder = scratch_folder("report");
  const Arguments command = tiny("eval") + Arguments{"--zero-shot", "--report", folder};
  const auto global = run_command(command);
  ASSERT_EQ(global.exit_code, 0) << global.error;
  const auto mkt =
      run_command(tiny("eval") + Arguments{"--zero-shot", "--score", "mkt", "--json", folder + "/mkt.json"});
  ASSERT_EQ(mkt.exit_code, 0) << mkt.error;
  const std::string page = file_text(folder + "/index.html");
  const auto numbers = nlohmann::json::parse(file_text(folder + "/mkt.json"));
  const auto row =
      fmt::format("ZSL · CLIP, MKT score</td><td>{:.1f}</td><td>{:.1f}</td>",
                  100 * numbers["zsl"]["map"].get<double>(), 100 * numbers["zsl"]["f1_3"].get<double>());
  EXPECT_NE(page.find(row), std::string::npos) << row;
  EXPECT_NE(page.find("ZSL · CLIP, global score"), std::string::npos);
}

TEST(EvalReport, DoesNotDependOnTheNumberOfRanks) {
  const std::string one = scratch_folder("report");
  const std::string two = scratch_folder("report");
  const Arguments command = tiny("eval") + Arguments{"--ckpt-path", student_file()};
  ASSERT_EQ(run_command(command + Arguments{"--report", one}).exit_code, 0);
  const auto result = run_command(command + Arguments{"--report", two, "--nproc-per-node", "2"});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_TRUE(file_text(one + "/index.html") == file_text(two + "/index.html"));
}

TEST(EvalReport, ItsFolderIsCheckedBeforeScoring) {
  const std::string file = scratch_folder("report") + "/file";
  fs::copy(golden("images/420.jpg"), file);
  const auto result = run_command(tiny("eval") + Arguments{"--zero-shot", "--report", file});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.error.find("evaluating"), std::string::npos) << result.error;
  EXPECT_NE(result.error.find("--report: expected a folder to write to, got '" + file +
                              "', which is not a folder. Name another."),
            std::string::npos)
      << result.error;
}

Arguments infer_two_labels(const std::string& image) {
  return {program("infer"), "--clip-path", clip_file("tiny"), "--topk",     "5",
          "--image-path",   image,         "--label",         "fire truck", "a/b \"c\""};
}

TEST(InferHeatmap, WritesOneImageOfTheCropPerLabel) {
  const std::string folder = scratch_folder("heatmap") + "/maps";
  const auto result =
      run_command(infer_two_labels(golden("images/wide.jpg")) + Arguments{"--json", "--heatmap", folder});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  const std::string best = nlohmann::json::parse(result.output)["labels"][0]["label"];
  const bool truck_first = best == "fire truck";
  EXPECT_EQ(
      names_in(folder),
      (std::set<std::string>{truck_first ? "000001_wide_01_fire_truck.png" : "000001_wide_02_fire_truck.png",
                             truck_first ? "000001_wide_02_a_b_c_.png" : "000001_wide_01_a_b_c_.png"}));
  std::vector<torch::Tensor> maps;
  for (const std::string& file : files_in(folder)) maps.push_back(image::decode_file(file));
  EXPECT_EQ(maps[0].sizes(), (std::vector<std::int64_t>{64, 64, 3}));
  EXPECT_FALSE(torch::equal(maps[0], maps[1]));
}

TEST(InferAnnotate, WritesOneFilePerImageAndPrintsTheSame) {
  const std::string folder = scratch_folder("annotate");
  const Arguments command = infer_two_labels(mini_nus_wide() + "/Flickr/sea");
  const auto plain = run_command(command);
  const auto result = run_command(command + Arguments{"--annotate", folder});
  ASSERT_EQ(result.exit_code, 0) << result.error;
  EXPECT_EQ(result.output, plain.output);
  const auto files = files_in(folder);
  EXPECT_EQ(files.size(), 5U);
  for (const std::string& file : files) EXPECT_EQ(image::decode_file(file).size(1), 384) << file;
}

TEST(InferAnnotate, ItsFolderIsCheckedBeforeScoring) {
  const auto result =
      run_command(infer_two_labels(golden("images/420.jpg")) + Arguments{"--annotate", "/proc/none/here"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.output, "");
  EXPECT_NE(
      result.error.find(
          "--annotate: expected a folder to write to, got '/proc/none/here', which cannot be created: "),
      std::string::npos)
      << result.error;
}

}  // namespace
}  // namespace mkt::test
