#include "tagging/evidence.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "image/heatmap.h"
#include "support/formula.h"

namespace mkt::tagging {
namespace {

TEST(SafeName, KeepsCharactersThatEveryFileSystemTakes) {
  EXPECT_EQ(safe_name("fire truck"), "fire_truck");
  EXPECT_EQ(safe_name("../../etc: *?\"<>|"), ".._.._etc_");
  EXPECT_EQ(safe_name("caf\u00e9-au-lait.2"), "caf_-au-lait.2");
  EXPECT_EQ(safe_name(""), "_");
  EXPECT_EQ(safe_name(std::string(300, 'x')).size(), 48U);
}

struct Annotated : testing::Test {
  torch::Tensor image = torch::full({64, 64, 3}, 100, torch::kUInt8);
  torch::Tensor products = test::formula_tensor("annotated", {3, 16}, -1, 1);
  std::vector<ScoredLabel> labels = {
      {"sea", 0.7}, {"a label with a name too long for the row", 0.2}, {"sun", 0.1}};
};

TEST_F(Annotated, IsEnlargedWithARowPerLabelBelow) {
  const torch::Tensor sheet = annotated_image(image, products, labels);
  EXPECT_EQ(sheet.size(1), 384);
  EXPECT_EQ(sheet.size(0), 384 + 2 * 8 + 3 * 24);
  EXPECT_EQ(annotated_image(image, products.slice(0, 0, 0), {}).size(0), 384);
}

TEST_F(Annotated, OutlinesTheBrightestPatch) {
  const torch::Tensor sheet = annotated_image(image, products.slice(0, 0, 1), {labels[0]});
  const image::Box box = image::brightest_patch(products[0], 384);
  const torch::Tensor first = torch::tensor({230, 159, 0}, torch::kUInt8);
  const torch::Tensor coloured = sheet.slice(0, 0, 384).eq(first).all(-1);  // (384, 384)
  const auto in_patch = [&](std::int64_t edge) {
    return coloured.slice(0, box.top + edge, box.top + box.height - edge)
        .slice(1, box.left + edge, box.left + box.width - edge);
  };
  EXPECT_TRUE(in_patch(0)[0].all().item<bool>());
  EXPECT_TRUE(in_patch(0).select(1, -1).all().item<bool>());
  EXPECT_FALSE(in_patch(3).any().item<bool>());
}

TEST_F(Annotated, NestsOutlinesOfTheSamePatch) {
  const torch::Tensor same = products.slice(0, 0, 1).expand({3, -1}).contiguous();
  const torch::Tensor sheet = annotated_image(image, same, labels).slice(0, 0, 384);
  for (const auto& colour :
       {torch::tensor({230, 159, 0}), torch::tensor({86, 180, 233}), torch::tensor({0, 190, 140})}) {
    EXPECT_GT(sheet.eq(colour.to(torch::kUInt8)).all(-1).sum().item<int>(), 100);
  }
}

TEST_F(Annotated, WritesTheScriptOfTheLabel) {
  const auto row = [&](const std::string& label) {
    return annotated_image(image, products.slice(0, 0, 1), {{label, 0.5}}).slice(0, 384);
  };
  EXPECT_FALSE(row("\u043a\u043e\u0442").equal(row("???")));
  EXPECT_FALSE(row("\u043a\u043e\u0442").equal(row("\u043a\u0438\u0442")));
}

TEST(EvidenceWriter, WarnsOnceOfCharactersThatNoFontHas) {
  const std::vector<std::string> labels = {"cat", "a\u0378", "\u0378b\u0379", "\u043a\u043e\u0442"};
  const auto warnings = [&](const std::string& annotations) {
    testing::internal::CaptureStderr();
    const EvidenceWriter writer("", annotations, labels, torch::zeros({4, 2}));
    return testing::internal::GetCapturedStderr();
  };
  const std::string text = warnings("folder");
  EXPECT_NE(
      text.find("annotate: no installed font has 2 characters of the labels: \u0378 U+0378, \u0379 U+0379. "
                "Install one, such as"),
      std::string::npos)
      << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  EXPECT_EQ(warnings(""), "");
}

}  // namespace
}  // namespace mkt::tagging
