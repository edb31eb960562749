#include "report/report.h"

#include <gtest/gtest.h>

#include <numeric>

#include "report/report_charts.h"
#include "report/report_html.h"
#include "support/formula.h"

namespace mkt::report {
namespace {

constexpr std::int64_t kImages = 30;

/// Two seen and three unseen labels with random annotations; the label "never" is absent from every image.
data::Dataset some_data() {
  data::Dataset dataset;
  dataset.seen = {"sky", "sea"};
  dataset.unseen = {"<script>alert(1)</script>", "cat & \"dog\"", "never"};
  torch::Tensor labels =
      test::formula_tensor("report/labels", {kImages, 5}, -1.5, 1.5).round().to(torch::kInt8);
  labels.select(1, 4).fill_(-1);
  dataset.labels = labels;
  dataset.labels_unseen = dataset.labels.columns(2, 5);
  return dataset;
}

/// Makes a model with random scores.
ScoredModel some_model(const std::string& name, const data::Dataset& dataset) {
  ScoredModel model{name, {}, {}};
  model.scores.gzsl = test::formula_tensor("report/" + name, {kImages, 5}, 0, 1);
  model.scores.zsl = model.scores.gzsl.slice(1, 2).contiguous();
  model.scores.indices.resize(kImages);
  std::iota(model.scores.indices.begin(), model.scores.indices.end(), 0);
  model.result = scoring::evaluate(model.scores, dataset);
  return model;
}

Report some_report() {
  const data::Dataset dataset = some_data();
  return collect_report({some_model("ours", dataset), some_model("plain", dataset)}, dataset);
}

TEST(Report, ListsTheLabelsThatSomeImageHasBestFirst) {
  const Report report = some_report();
  EXPECT_EQ(report.zsl.labels.size(), 2U);
  EXPECT_EQ(report.gzsl.labels.size(), 4U);
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_GE(report.gzsl.labels[i - 1].average_precision[0], report.gzsl.labels[i].average_precision[0]);
  }
  for (const LabelRow& row : report.gzsl.labels) {
    EXPECT_EQ(row.unseen, row.label != "sky" && row.label != "sea") << row.label;
    EXPECT_EQ(row.average_precision.size(), 2U);
  }
}

TEST(ScoreHistogram, SharesOfEachKindSumToOne) {
  const torch::Tensor scores = torch::tensor({{0.0F, 0.1F, 0.9F, 1.0F}});
  const ScoreHistogram histogram = score_histogram(scores, torch::tensor({{-1, -1, 1, 0}}), 3);
  EXPECT_EQ(histogram.absent, (std::vector<double>{1, 0, 0}));
  EXPECT_EQ(histogram.present, (std::vector<double>{0, 0, 1}));
  EXPECT_FLOAT_EQ(histogram.high, 0.9F);  // score 1.0 is not annotated and is ignored
  EXPECT_TRUE(score_histogram(scores, torch::zeros({1, 4}, torch::kInt8)).present.empty());
}

TEST(ConfusionReport, BeginsWithTheLabelsMostOftenConfused) {
  // "b" outscores "a" in two of three images; "c" never outscores a label.
  const torch::Tensor scores = torch::tensor({{0.2F, 0.9F, 0.1F}, {0.2F, 0.9F, 0.1F}, {0.9F, 0.2F, 0.1F}});
  const torch::Tensor labels = torch::tensor({{1, -1, -1}, {1, -1, -1}, {1, -1, -1}});
  const ConfusionReport report = confusion_report(scores, labels, {"a", "b", "c"});
  EXPECT_EQ(report.labels, (std::vector<std::string>{"a", "b"}));
  EXPECT_DOUBLE_EQ(report.share[0][1], 2.0 / 3);
  EXPECT_EQ(report.images[0][1], 3);
  EXPECT_EQ(report.images[1][0], 0);
}

TEST(ReportPage, EscapesLabelsNamesAndPaths) {
  Report report = some_report();
  report.facts = {{"Data", "/data/<i>x"}};
  report.examples.push_back(
      {"<b>.jpg", 0.5, "png", "png", {{"<u>", 0.5, 1, true}}, {{"<u>", 0.5, -1, true}}, {}});
  const std::string page = to_html(report);
  for (const char* text : {"<script>alert", "cat & ", "<i>x", "<b>.jpg", "<u>"}) {
    EXPECT_EQ(page.find(text), std::string::npos) << text;
  }
  EXPECT_NE(page.find("&lt;script&gt;alert(1)&lt;/script&gt;"), std::string::npos);
  EXPECT_NE(page.find("cat &amp; &quot;dog&quot;"), std::string::npos);
}

TEST(ReportPage, HasNoExternalResources) {
  const std::string page = to_html(some_report());
  for (const char* text : {"http", "url(", "@import", "<link"}) {
    EXPECT_EQ(page.find(text), std::string::npos) << text;
  }
}

TEST(ReportPage, IsCompleteWithoutLabelsAndExamples) {
  data::Dataset dataset = some_data();
  dataset.labels = torch::full({dataset.labels.rows(), 5}, -1, torch::kInt8);
  dataset.labels_unseen = dataset.labels.columns(2, 5);
  const std::string page = to_html(collect_report({some_model("ours", dataset)}, dataset));
  EXPECT_NE(page.find("No absent label scores above a present one."), std::string::npos);
  EXPECT_NE(page.find("No image has an unseen label."), std::string::npos);
  EXPECT_EQ(page.find("nan"), std::string::npos);
}

TEST(LabelChart, CutsLongNamesAndHasThemInFullAsTitle) {
  const std::string chart = label_chart({{"a label much longer than its column", true, 3, {0.5}}});
  EXPECT_NE(chart.find(">a label much longer…<"), std::string::npos) << chart;
  EXPECT_NE(chart.find("<title>a label much longer than its column: 3 images</title>"), std::string::npos);
}

}  // namespace
}  // namespace mkt::report
