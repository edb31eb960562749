#include "report/report_charts.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "page/html.h"
#include "page/svg.h"

namespace mkt::report {

using page::svg::line;
using page::svg::number;
using page::svg::path;
using page::svg::Plot;
using page::svg::text;

namespace {

constexpr double kWidth = 440;
constexpr double kSmallWidth = 320;  // width of a third of a row

/// Draws horizontal grid lines at every 25 %, with percentages along both axes.
std::string percent_grid(const Plot& plot) {
  std::string grid;
  for (const int percent : {0, 25, 50, 75, 100}) {
    const double value = percent / 100.0;
    grid += line(plot.x(0), plot.y(value), plot.x(1), plot.y(value), percent == 0 ? "axis" : "grid");
    grid += text(plot.left - 6, plot.y(value) + 4, "end", std::to_string(percent));
    grid += text(plot.x(value), plot.y(0) + 18, "middle", std::to_string(percent));
  }
  return grid;
}

/// Draws a horizontal bar centred vertically at y = `middle`.
std::string bar(double left, double middle, double width, const char* kind) {
  return fmt::format("<rect class=\"{}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"14\" rx=\"3\"/>", kind,
                     number(left), number(middle - 7), number(width));
}

/// Draws a histogram's outline; the share `highest` reaches the top of the plot.
std::string steps(const Plot& plot, const std::vector<double>& shares, double highest,
                  const std::string& kind) {
  std::vector<std::pair<double, double>> points = {{plot.x(0), plot.y(0)}};
  const auto bins = static_cast<double>(shares.size());
  for (std::size_t i = 0; i < shares.size(); ++i) {
    const double height = plot.y(shares[i] / highest);
    points.push_back({plot.x(static_cast<double>(i) / bins), height});
    points.push_back({plot.x(static_cast<double>(i + 1) / bins), height});
  }
  points.push_back({plot.x(1), plot.y(0)});
  return path(points, kind, true);
}

}  // namespace

std::string curve_chart(const std::vector<std::vector<metrics::CurvePoint>>& curves) {
  const Plot plot{46, 10, kWidth - 60, 260};
  std::string content = percent_grid(plot);
  content += text(plot.x(0.5), plot.y(0) + 38, "middle", "recall, %");
  content += fmt::format(
      "<text text-anchor=\"middle\" transform=\"translate(12 {}) rotate(-90)\">precision, %</text>",
      number(plot.y(0.5)));
  for (std::size_t m = curves.size(); m-- > 0;) {  // the first model is drawn last, on top
    std::vector<std::pair<double, double>> points;
    for (const auto& point : curves[m]) points.push_back({plot.x(point.recall), plot.y(point.precision)});
    if (!points.empty()) content += path(points, fmt::format("curve s{}", m), false);
  }
  return page::svg::drawing(kWidth, plot.y(0) + 46, "Precision against recall", content);
}

std::string histogram_chart(const ScoreHistogram& histogram) {
  if (histogram.present.empty()) return "<p class=\"quiet\">No label is annotated.</p>\n";
  const Plot plot{10, 10, kSmallWidth - 20, 110};
  const double highest = std::max(*std::max_element(histogram.present.begin(), histogram.present.end()),
                                  *std::max_element(histogram.absent.begin(), histogram.absent.end()));
  std::string content = steps(plot, histogram.absent, highest, "absent");
  content += steps(plot, histogram.present, highest, "present");
  content += line(plot.x(0), plot.y(0), plot.x(1), plot.y(0), "axis");
  for (const double place : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    const std::string anchor = place == 0 ? "start" : place == 1 ? "end" : "middle";
    const double value = histogram.low + place * (histogram.high - histogram.low);
    content += line(plot.x(place), plot.y(0), plot.x(place), plot.y(0) + 4, "axis");
    content += text(plot.x(place), plot.y(0) + 19, anchor, fixed_text(value, 2));
  }
  return page::svg::drawing(kSmallWidth, plot.y(0) + 26, "Scores of present and of absent labels", content);
}

std::string label_chart(const std::vector<LabelRow>& rows) {
  constexpr double kRow = 25;
  const Plot plot{158, 6, kWidth - 204, kRow * static_cast<double>(rows.size())};
  constexpr std::size_t kLetters = 19;
  std::string content;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double middle = plot.top + kRow * (static_cast<double>(i) + 0.5);
    const LabelRow& row = rows[i];
    const double own = row.average_precision.front();
    const std::string name = page::whole_letters(row.label, kLetters);
    content += fmt::format("<g><title>{}: {} images</title>", page::escape_html(row.label), row.images);
    content += text(plot.left - 8, middle + 4, "end", name == row.label ? name : name + "…");
    content +=
        bar(plot.left, middle, plot.width, "track") + bar(plot.left, middle, own * plot.width, "bar s0");
    for (std::size_t m = 1; m < row.average_precision.size(); ++m) {
      const double x = plot.x(row.average_precision[m]);
      content += line(x, middle - 10, x, middle + 10, fmt::format("mark s{}", m));
    }
    content += text(plot.x(1) + 40, middle + 4, "end", number(100 * own)) + "</g>";
  }
  return page::svg::drawing(kWidth, plot.top + plot.height + 6, "Average precision by label", content);
}

std::string legend(const std::vector<std::string>& models) {
  std::string items;
  for (std::size_t m = 0; m < models.size(); ++m) {
    items += fmt::format("<span><i class=\"s{}\"></i>{}</span>", m, page::escape_html(models[m]));
  }
  return "<p class=\"legend\">" + items + "</p>\n";
}

}  // namespace mkt::report
