#include "report/report_html.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/text.h"
#include "page/html.h"
#include "report/report_charts.h"

namespace mkt::report {
namespace {

constexpr std::size_t kExtremes = 10;  // number of best and of worst labels shown

std::string percent(double fraction) {
  return fixed_text(100 * fraction, 1);
}

/// Formats the gain over `other` in percentage points, with a CSS class for its colour.
std::string gain(double own, double other) {
  const double points = 100 * (own - other);
  return fmt::format("<span class=\"{}\">{}{:.1f}</span>", points < 0 ? "bad" : "good",
                     points < 0 ? "−" : "+", std::abs(points));
}

std::string cell(const std::string& content) {
  return "<td>" + content + "</td>";
}

std::string head_cell(const std::string& name) {
  return "<th>" + page::escape_html(name) + "</th>";
}

std::string card(const std::string& title, const std::string& content) {
  return fmt::format("<div class=\"card\"><h3>{}</h3>{}</div>\n", title, content);
}

std::string section(const std::string& title, const std::string& words, const std::string& content) {
  return fmt::format("<section><h2>{}</h2>\n<p class=\"quiet\">{}</p>\n{}</section>\n", title, words,
                     content);
}

std::string head(const Report& report) {
  std::string facts;
  for (const auto& [name, value] : report.facts)
    facts += fmt::format("<dt>{}</dt><dd>{}</dd>", page::escape_html(name), page::escape_html(value));
  return fmt::format("<h1>{}</h1>\n<dl class=\"facts\">{}</dl>\n", page::escape_html(report.models.front()),
                     facts);
}

std::string tile(const std::string& title, const SettingReport& setting,
                 const std::function<double(const scoring::SettingResult&)>& value) {
  double best = 0;
  for (std::size_t m = 1; m < setting.results.size(); ++m) best = std::max(best, value(setting.results[m]));
  const double own = value(setting.results.front());
  const std::string beside =
      setting.results.size() < 2
          ? ""
          : gain(own, best) + " <span class=\"quiet\">over CLIP's " + percent(best) + "</span>";
  return fmt::format("<div class=\"card tile\"><span class=\"quiet\">{}</span><b>{}</b>{}</div>\n", title,
                     percent(own), beside);
}

std::string number_row(const std::string& name, const std::vector<scoring::MetricColumn>& columns,
                       const scoring::SettingResult& result) {
  std::string row = fmt::format("<tr><td class=\"name\">{}</td>", page::escape_html(name));
  for (const scoring::MetricColumn& column : columns) row += cell(percent(column.value(result)));
  return row + "</tr>\n";
}

/// Returns the table of metrics, with a row per setting and model.
std::string number_table(const Report& report) {
  const std::vector<scoring::MetricColumn> columns = scoring::metric_columns(report.metrics);
  std::string heads = head_cell("Percent");
  for (const scoring::MetricColumn& column : columns) heads += head_cell(column.name);
  std::string rows;
  const auto add = [&](const char* name, const std::vector<scoring::SettingResult>& results) {
    for (std::size_t m = 0; m < results.size(); ++m)
      rows += number_row(fmt::format("{} · {}", name, report.models[m]), columns, results[m]);
  };
  add("ZSL", report.zsl.results);
  add("GZSL", report.gzsl.results);
  add("SEEN", report.seen);
  return fmt::format("<table><thead><tr>{}</tr></thead><tbody>\n{}</tbody></table>", heads, rows);
}

/// Returns "" or a paragraph about the images and labels that count, if not all of them do.
std::string counted(const Report& report) {
  if (report.metrics.protocol == scoring::Protocol::kMkt) return "";
  std::vector<std::string> parts;
  const auto add = [&](const char* name, const scoring::SettingResult& result) {
    parts.push_back(fmt::format("{} {} of {} images, {} of {} labels", name, result.images, report.images,
                                result.labels(), result.all_labels()));
  };
  add("ZSL", report.zsl.results.front());
  add("GZSL", report.gzsl.results.front());
  if (!report.seen.empty()) add("SEEN", report.seen.front());
  return fmt::format(
      "<p class=\"quiet\">Images with a positive count, and in mAP the labels annotated in them: {}.</p>\n",
      join(parts, "; "));
}

/// Returns "" or a paragraph about the labels without a positive image.
std::string without_positives(const Report& report) {
  std::string lines;
  for (const auto& [name, setting] : {std::pair{"ZSL", &report.zsl}, std::pair{"GZSL", &report.gzsl}}) {
    const std::int64_t count = setting->results.front().labels_without_positives();
    if (count == 0) continue;
    std::vector<std::string> others;
    for (std::size_t m = 0; m < report.models.size(); ++m) {
      const auto map = setting->results[m].map_with_positives();
      others.push_back(
          fmt::format("{} {}", page::escape_html(report.models[m]), map ? percent(*map) : "undefined"));
    }
    lines += fmt::format(
        "<p class=\"quiet\">{}: {} of {} labels have no positive image and count as 0 in mAP. mAP of the "
        "others: {}.</p>\n",
        name, count, setting->results.front().labels(), join(others, "; "));
  }
  return lines;
}

std::string numbers(const Report& report) {
  const auto map = [](const scoring::SettingResult& result) { return result.map; };
  const auto f1 = [](const scoring::SettingResult& result) { return result.f1.front().value.f1; };
  const std::string f1_name = fmt::format(" F1@{}", report.metrics.k.front());
  const std::string tiles = tile("ZSL mAP", report.zsl, map) + tile("ZSL" + f1_name, report.zsl, f1) +
                            tile("GZSL mAP", report.gzsl, map) + tile("GZSL" + f1_name, report.gzsl, f1);
  return fmt::format("<div class=\"tiles\">{}</div>\n<div class=\"card scroll\">{}{}{}</div>\n", tiles,
                     number_table(report), counted(report), without_positives(report));
}

std::string curves(const Report& report) {
  return section("Precision and recall",
                 "Micro-averaged over all pairs of image and label, with one threshold for all.",
                 legend(report.models) + "<div class=\"grid\">" +
                     card("ZSL: unseen labels", curve_chart(report.zsl.curves)) +
                     card("GZSL: all labels", curve_chart(report.gzsl.curves)) + "</div>\n");
}

std::string label_row(const LabelRow& row, bool with_kind) {
  const double own = row.average_precision.front();
  std::string cells = fmt::format("<tr><td class=\"name\">{}</td>", page::escape_html(row.label));
  if (with_kind) cells += cell(row.unseen ? "unseen" : "seen");
  cells += fmt::format(
      "<td>{}</td><td data-v=\"{:g}\"><span class=\"meter\"><i style=\"width:{}%\"></i></span>{}</td>",
      row.images, own, percent(own), percent(own));
  double best = 0;
  for (std::size_t m = 1; m < row.average_precision.size(); ++m) {
    best = std::max(best, row.average_precision[m]);
    cells += cell(percent(row.average_precision[m]));
  }
  if (row.average_precision.size() > 1)
    cells += fmt::format("<td data-v=\"{:g}\">{}</td>", own - best, gain(own, best));
  return cells + "</tr>\n";
}

std::string label_table(const Report& report, const SettingReport& setting, bool with_kind) {
  std::string heads = "<th>Label</th>";
  if (with_kind) heads += "<th>Kind</th>";
  heads += "<th>Images</th><th aria-sort=\"descending\">AP</th>";
  for (std::size_t m = 1; m < report.models.size(); ++m) heads += head_cell(report.models[m]);
  if (report.models.size() > 1) heads += "<th>Gain</th>";
  std::string rows;
  for (const LabelRow& row : setting.labels) rows += label_row(row, with_kind);
  return fmt::format(
      "<div class=\"card tall\"><table class=\"sortable\"><thead><tr>{}</tr></thead><tbody>\n"
      "{}</tbody></table></div>\n",
      heads, rows);
}

std::string labels(const Report& report) {
  const std::vector<LabelRow>& rows = report.zsl.labels;
  const auto count = static_cast<std::ptrdiff_t>(std::min(kExtremes, (rows.size() + 1) / 2));
  const std::vector<LabelRow> best(rows.begin(), rows.begin() + count);
  const std::vector<LabelRow> worst(
      rows.end() - std::min(count, static_cast<std::ptrdiff_t>(rows.size()) - count), rows.end());
  return section(
      "Labels",
      "Average precision (AP) in percent of the labels that at least one image has. Gain: percentage points "
      "above the best of plain CLIP's scores. Click a column heading to sort.",
      legend(report.models) + "<div class=\"grid\">" + card("Best unseen labels", label_chart(best)) +
          card("Worst unseen labels", label_chart(worst)) +
          "</div>\n<h3 style=\"margin-top:20px\">Unseen labels (ZSL)</h3>\n" +
          label_table(report, report.zsl, false) +
          fmt::format("<details><summary>All {} labels (GZSL)</summary>\n", report.gzsl.labels.size()) +
          label_table(report, report.gzsl, true) + "</details>\n");
}

std::string distributions(const Report& report) {
  std::string charts;
  for (std::size_t m = 0; m < report.models.size(); ++m)
    charts += card(page::escape_html(report.models[m]), histogram_chart(report.histograms[m]));
  return section(
      "Scores of unseen labels",
      "Score distributions of present and of absent labels. Each distribution sums to 100 %.",
      "<p class=\"legend\"><span><i class=\"is-present\"></i>present</span><span><i class=\"is-absent\"></i>"
      "absent</span></p>\n<div class=\"grid\">" +
          charts + "</div>\n");
}

std::string confusion(const Report& report) {
  const ConfusionReport& table = report.confusion;
  std::string heads;
  std::string rows;
  for (const std::string& label : table.labels) heads += head_cell(label);
  for (std::size_t a = 0; a < table.labels.size(); ++a) {
    rows += "<tr>" + head_cell(table.labels[a]);
    for (std::size_t b = 0; b < table.labels.size(); ++b) {
      const double share = table.share[a][b];
      rows += table.images[a][b] == 0
                  ? "<td class=\"none\">·</td>"
                  : fmt::format("<td style=\"--v:{:.2f}\" title=\"{} images\">{:.0f}</td>", 0.7 * share,
                                table.images[a][b], 100 * share);
    }
    rows += "</tr>\n";
  }
  return section(
      "Confusion",
      "How often an absent label outscores a present one, for the unseen labels most often involved. A cell "
      "is the percentage, among the images with the row's label and without the column's, in which the "
      "column's label scores higher.",
      table.labels.empty()
          ? std::string("<p>No absent label scores above a present one.</p>\n")
          : fmt::format(
                "<div class=\"card scroll\"><table class=\"matrix\"><thead><tr><th>present ↓ absent →</th>{}"
                "</tr></thead><tbody>\n{}</tbody></table></div>\n",
                heads, rows));
}

std::string tags(const std::vector<Prediction>& predictions, bool with_scores) {
  std::string items;
  for (const Prediction& one : predictions) {
    const std::string kind = one.truth == 1 ? "yes" : one.truth == 0 ? "unknown" : "no";
    const std::string sign = one.truth == 1 ? "✓ " : one.truth == 0 ? "? " : "✗ ";
    items += fmt::format("<li class=\"{}{}\">{}{}{}</li>", with_scores ? kind : "known",
                         one.unseen ? " new" : "", with_scores ? sign : "", page::escape_html(one.label),
                         with_scores ? " " + fixed_text(one.score, 2) : "");
  }
  return "<ul class=\"tags\">" + items + "</ul>\n";
}

std::string example(const Example& one) {
  const std::string label = one.unseen.empty() ? "" : one.unseen.front().label;
  return fmt::format(
      "<div class=\"card example\"><div class=\"pair\"><figure><img alt=\"Image\" src=\"{}\"></figure>"
      "<figure><img alt=\"Heat map of the patches that contribute most to the label's score\" src=\"{}\">"
      "<figcaption>heat map of “{}”</figcaption></figure></div><h3>{} · AP {}</h3>"
      "<p class=\"caption\">Best unseen labels</p>{}<p class=\"caption\">Best of all labels</p>{}"
      "<p class=\"caption\">Present labels</p>{}</div>\n",
      page::png_uri(one.image), page::png_uri(one.heatmap), page::escape_html(label),
      page::escape_html(one.name), percent(one.average_precision), tags(one.unseen, true),
      tags(one.all, true), tags(one.truth, false));
}

std::string examples(const Report& report) {
  std::string cards;
  for (const Example& one : report.examples) cards += example(one);
  return section(
      "Example images",
      "Examples spread evenly from the best ranked image to the worst, by the average precision (AP) of the "
      "image's own unseen labels. ✓ present, ✗ absent, ? not annotated; <b>bold</b>: unseen in training. The "
      "heat map shows how much each patch contributes to the score of the best unseen label: bright patches "
      "raise it, dark ones lower it; each image has its own scale.",
      cards.empty() ? std::string("<p>No image has an unseen label.</p>\n")
                    : "<div class=\"examples\">" + cards + "</div>\n");
}

}  // namespace

std::string to_html(const Report& report) {
  return page::html_page(report.models.front() + " – evaluation",
                         head(report) + numbers(report) + curves(report) + labels(report) +
                             distributions(report) + confusion(report) + examples(report));
}

}  // namespace mkt::report
