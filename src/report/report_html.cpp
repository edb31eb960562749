#include "report/report_html.h"

#include <algorithm>

#include "core/text.h"
#include "page/html.h"
#include "report/report_charts.h"

namespace mkt::report {
namespace {

constexpr std::size_t kExtremes = 10;  // best and worst labels shown

std::string percent(double fraction) {
  return fixed_text(100 * fraction, 1);
}

/// Points gained over `other`, coloured.
std::string gain(double own, double other) {
  const double points = 100 * (own - other);
  return cat("<span class=\"", points < 0 ? "bad" : "good", "\">", points < 0 ? "−" : "+",
             fixed_text(std::abs(points), 1), "</span>");
}

std::string card(const std::string& title, const std::string& content) {
  return cat("<div class=\"card\"><h3>", title, "</h3>", content, "</div>\n");
}

std::string section(const std::string& title, const std::string& words, const std::string& content) {
  return cat("<section><h2>", title, "</h2>\n<p class=\"quiet\">", words, "</p>\n", content, "</section>\n");
}

std::string head(const Report& report) {
  std::string facts;
  for (const auto& [name, value] : report.facts)
    facts += cat("<dt>", page::escape_html(name), "</dt><dd>", page::escape_html(value), "</dd>");
  return cat("<h1>", page::escape_html(report.models.front()), "</h1>\n<dl class=\"facts\">", facts,
             "</dl>\n");
}

std::string tile(const std::string& title, const SettingReport& setting,
                 double (*value)(const scoring::SettingResult&)) {
  double best = 0;
  for (std::size_t m = 1; m < setting.results.size(); ++m) best = std::max(best, value(setting.results[m]));
  const double own = value(setting.results.front());
  const std::string beside =
      setting.results.size() < 2
          ? ""
          : gain(own, best) + " <span class=\"quiet\">over CLIP's " + percent(best) + "</span>";
  return cat("<div class=\"card tile\"><span class=\"quiet\">", title, "</span><b>", percent(own), "</b>",
             beside, "</div>\n");
}

std::string number_row(const std::string& name, const scoring::SettingResult& result) {
  std::string row = cat("<tr><td class=\"name\">", page::escape_html(name), "</td>");
  for (const double value : {result.map, result.f1_3.f1, result.f1_3.precision, result.f1_3.recall,
                             result.f1_5.f1, result.f1_5.precision, result.f1_5.recall})
    row += cat("<td>", percent(value), "</td>");
  return row + "</tr>\n";
}

std::string numbers(const Report& report) {
  const auto map = [](const scoring::SettingResult& result) { return result.map; };
  const auto f1 = [](const scoring::SettingResult& result) { return result.f1_3.f1; };
  std::string rows;
  for (const auto& [name, setting] : {std::pair{"ZSL", &report.zsl}, std::pair{"GZSL", &report.gzsl}}) {
    for (std::size_t m = 0; m < report.models.size(); ++m)
      rows += number_row(cat(name, " · ", report.models[m]), setting->results[m]);
  }
  return cat("<div class=\"tiles\">", tile("ZSL mAP", report.zsl, map), tile("ZSL F1@3", report.zsl, f1),
             tile("GZSL mAP", report.gzsl, map), tile("GZSL F1@3", report.gzsl, f1),
             "</div>\n<div class=\"card scroll\"><table><thead><tr><th>Percent</th><th>mAP</th><th>F1@3</th>"
             "<th>P@3</th><th>R@3</th><th>F1@5</th><th>P@5</th><th>R@5</th></tr></thead><tbody>\n",
             rows, "</tbody></table></div>\n");
}

std::string curves(const Report& report) {
  return section("Precision and recall",
                 "Over all pairs of image and label at once (micro-averaged), one threshold for all.",
                 legend(report.models) + "<div class=\"grid\">" +
                     card("ZSL: unseen labels", curve_chart(report.zsl.curves)) +
                     card("GZSL: all labels", curve_chart(report.gzsl.curves)) + "</div>\n");
}

std::string label_row(const LabelRow& row, bool with_kind) {
  const double own = row.average_precision.front();
  std::string cells = cat("<tr><td class=\"name\">", page::escape_html(row.label), "</td>");
  if (with_kind) cells += cat("<td>", row.unseen ? "unseen" : "seen", "</td>");
  cells += cat("<td>", row.images, "</td><td data-v=\"", own,
               "\"><span class=\"meter\"><i style=\"width:", percent(own), "%\"></i></span>", percent(own),
               "</td>");
  double best = 0;
  for (std::size_t m = 1; m < row.average_precision.size(); ++m) {
    best = std::max(best, row.average_precision[m]);
    cells += cat("<td>", percent(row.average_precision[m]), "</td>");
  }
  if (row.average_precision.size() > 1)
    cells += cat("<td data-v=\"", own - best, "\">", gain(own, best), "</td>");
  return cells + "</tr>\n";
}

std::string label_table(const Report& report, const SettingReport& setting, bool with_kind) {
  std::string heads = "<th>Label</th>";
  if (with_kind) heads += "<th>Kind</th>";
  heads += "<th>Images</th><th aria-sort=\"descending\">AP</th>";
  for (std::size_t m = 1; m < report.models.size(); ++m)
    heads += cat("<th>", page::escape_html(report.models[m]), "</th>");
  if (report.models.size() > 1) heads += "<th>Gain</th>";
  std::string rows;
  for (const LabelRow& row : setting.labels) rows += label_row(row, with_kind);
  return cat("<div class=\"card tall\"><table class=\"sortable\"><thead><tr>", heads,
             "</tr></thead><tbody>\n", rows, "</tbody></table></div>\n");
}

std::string labels(const Report& report) {
  const std::vector<LabelRow>& rows = report.zsl.labels;
  const auto count = static_cast<std::ptrdiff_t>(std::min(kExtremes, (rows.size() + 1) / 2));
  const std::vector<LabelRow> best(rows.begin(), rows.begin() + count);
  const std::vector<LabelRow> worst(
      rows.end() - std::min(count, static_cast<std::ptrdiff_t>(rows.size()) - count), rows.end());
  return section(
      "Labels",
      "Average precision in percent, of labels that some image has. Gain: points over the better of CLIP's "
      "scores. A click on a column's head sorts.",
      legend(report.models) + "<div class=\"grid\">" + card("Best unseen labels", label_chart(best)) +
          card("Worst unseen labels", label_chart(worst)) +
          "</div>\n<h3 style=\"margin-top:20px\">Unseen "
          "labels (ZSL)</h3>\n" +
          label_table(report, report.zsl, false) +
          cat("<details><summary>All ", report.gzsl.labels.size(), " labels (GZSL)</summary>\n") +
          label_table(report, report.gzsl, true) + "</details>\n");
}

std::string distributions(const Report& report) {
  std::string charts;
  for (std::size_t m = 0; m < report.models.size(); ++m)
    charts += card(page::escape_html(report.models[m]), histogram_chart(report.histograms[m]));
  return section(
      "Scores of unseen labels",
      "How far the scores of labels that are present lie from those of labels that are not; each area is "
      "100 % of its kind.",
      "<p class=\"legend\"><span><i class=\"is-present\"></i>present</span><span><i class=\"is-absent\"></i>"
      "absent</span></p>\n<div class=\"grid\">" +
          charts + "</div>\n");
}

std::string confusion(const Report& report) {
  const ConfusionReport& table = report.confusion;
  std::string heads;
  std::string rows;
  for (const std::string& label : table.labels) heads += cat("<th>", page::escape_html(label), "</th>");
  for (std::size_t a = 0; a < table.labels.size(); ++a) {
    rows += cat("<tr><th>", page::escape_html(table.labels[a]), "</th>");
    for (std::size_t b = 0; b < table.labels.size(); ++b) {
      const double share = table.share[a][b];
      rows += table.images[a][b] == 0
                  ? "<td class=\"none\">·</td>"
                  : cat("<td style=\"--v:", fixed_text(0.7 * share, 2), "\" title=\"", table.images[a][b],
                        " images\">", fixed_text(100 * share, 0), "</td>");
    }
    rows += "</tr>\n";
  }
  return section(
      "Confusion",
      "The unseen labels most often involved. Of the images that have the row's label and not the column's: "
      "in how many percent the column's scores higher.",
      table.labels.empty()
          ? std::string("<p>No absent label scores above a present one.</p>\n")
          : cat("<div class=\"card scroll\"><table class=\"matrix\"><thead><tr><th>present ↓ "
                "absent →</th>",
                heads, "</tr></thead><tbody>\n", rows, "</tbody></table></div>\n"));
}

std::string tags(const std::vector<Prediction>& predictions, bool with_scores) {
  std::string items;
  for (const Prediction& one : predictions) {
    const std::string kind = one.truth == 1 ? "yes" : one.truth == 0 ? "unknown" : "no";
    const std::string sign = one.truth == 1 ? "✓ " : one.truth == 0 ? "? " : "✗ ";
    items += cat("<li class=\"", with_scores ? kind : "known", one.unseen ? " new" : "", "\">",
                 with_scores ? sign : "", page::escape_html(one.label),
                 with_scores ? " " + fixed_text(one.score, 2) : "", "</li>");
  }
  return "<ul class=\"tags\">" + items + "</ul>\n";
}

std::string example(const Example& one) {
  const std::string label = one.unseen.empty() ? "" : one.unseen.front().label;
  return cat("<div class=\"card example\"><div class=\"pair\"><figure><img alt=\"The picture\" src=\"",
             page::png_uri(one.picture),
             "\"></figure><figure><img alt=\"Patches that spoke for the label\" src=\"",
             page::png_uri(one.heatmap), "\"><figcaption>patches for “", page::escape_html(label),
             "”</figcaption></figure></div><h3>", page::escape_html(one.name), " · AP ",
             percent(one.average_precision), "</h3><p class=\"caption\">Best unseen labels</p>",
             tags(one.unseen, true), "<p class=\"caption\">Best of all labels</p>", tags(one.all, true),
             "<p class=\"caption\">True labels</p>", tags(one.truth, false), "</div>\n");
}

std::string examples(const Report& report) {
  std::string cards;
  for (const Example& one : report.examples) cards += example(one);
  return section("Pictures",
                 "Spread evenly from the best ranked picture to the worst, by the average precision (AP) of "
                 "its own unseen "
                 "labels. ✓ present, ✗ absent, ? not annotated; <b>bold</b>: unseen in training. Bright "
                 "patches spoke for "
                 "the label, dark ones against it, each picture by its own scale.",
                 cards.empty() ? std::string("<p>No picture has an unseen label.</p>\n")
                               : "<div class=\"examples\">" + cards + "</div>\n");
}

}  // namespace

std::string to_html(const Report& report) {
  return page::html_page(report.models.front() + " – evaluation",
                         cat(head(report), numbers(report), curves(report), labels(report),
                             distributions(report), confusion(report), examples(report)));
}

}  // namespace mkt::report
