#include <algorithm>
#include <cmath>

#include "check/check.h"
#include "core/text.h"
#include "page/html.h"
#include "page/svg.h"

namespace mkt::check {
namespace {

using page::escape_html;
namespace svg = page::svg;

constexpr std::size_t kRows = 500;  // of faults on the page; the JSON has all
constexpr std::size_t kNames = 5;   // of pictures that are the same

/// A line of the plot: how many pictures the most frequent label has, the next, ….
struct Series {
  std::string title;
  std::vector<std::int64_t> images;  // descending
};

std::vector<Series> series_of(const DataQuality& quality) {
  std::vector<Series> all;
  const auto add = [&](const std::string& title, const SplitQuality& split, bool unseen) {
    Series series{title, {}};
    for (const LabelCount& one : split.labels) {
      if (one.unseen == unseen) series.images.push_back(one.images);
    }
    std::sort(series.images.rbegin(), series.images.rend());
    if (!series.images.empty()) all.push_back(std::move(series));
  };
  if (quality.train) add("seen labels, training", *quality.train, false);
  if (quality.test) add("seen labels, test", *quality.test, false);
  if (quality.test) add("unseen labels, test", *quality.test, true);
  return all;
}

std::string frequency_chart(const std::vector<Series>& all) {
  constexpr double kWidth = 880;
  const svg::Plot plot{58, 10, kWidth - 72, 280};
  double most = 10;
  for (const Series& one : all) most = std::max(most, static_cast<double>(one.images.front()));
  const double decades = std::ceil(std::log10(most));
  std::string content;
  for (int power = 0; power <= static_cast<int>(decades); ++power) {
    const double y = plot.y(power / decades);
    content += svg::line(plot.x(0), y, plot.x(1), y, power == 0 ? "axis" : "grid");
    content += svg::text(plot.left - 6, y + 4, "end", cat(std::llround(std::pow(10, power))));
  }
  for (std::size_t s = all.size(); s-- > 0;) {  // the first on top
    std::vector<std::pair<double, double>> points;
    const auto ranks = static_cast<double>(std::max<std::size_t>(all[s].images.size() - 1, 1));
    for (std::size_t i = 0; i < all[s].images.size(); ++i) {
      // No picture is drawn as one: a logarithm has no place for it.
      const double images = std::max(1.0, static_cast<double>(all[s].images[i]));
      points.push_back({plot.x(static_cast<double>(i) / ranks), plot.y(std::log10(images) / decades)});
    }
    content += svg::path(points, cat("curve s", s), false);
  }
  content += svg::text(plot.x(0.5), plot.y(0) + 22, "middle", "labels, from the most frequent to the rarest");
  return svg::drawing(kWidth, plot.y(0) + 30, "Pictures a label has", content);
}

std::string legend(const std::vector<Series>& all) {
  std::string items;
  for (std::size_t s = 0; s < all.size(); ++s)
    items += cat("<span><i class=\"s", s, "\"></i>", escape_html(all[s].title), " (", all[s].images.size(),
                 ")</span>");
  return "<p class=\"legend\">" + items + "</p>\n";
}

std::string tile(const std::string& title, std::int64_t number, bool bad) {
  return cat("<div class=\"card tile\"><span class=\"quiet\">", title, "</span><b",
             bad && number > 0 ? " class=\"bad\"" : "", ">", number, "</b></div>\n");
}

std::int64_t count(const SplitQuality& split, PictureState state) {
  return std::count_if(split.faults.begin(), split.faults.end(),
                       [&](const PictureFault& fault) { return fault.state == state; });
}

std::string tiles(const std::string& name, const SplitQuality& split) {
  return cat("<h2>", name, "</h2>\n<div class=\"tiles\">", tile("pictures", split.pictures, false),
             tile("missing", count(split, PictureState::kMissing), true),
             tile("broken", count(split, PictureState::kBroken), true),
             tile("photo unavailable", count(split, PictureState::kUnavailable), true),
             tile("cut short", count(split, PictureState::kCutShort), false),
             tile("without a label", split.unlabelled, false),
             tile("same as an earlier one", split.repeated, false),
             tile("labels without a picture",
                  std::count_if(split.labels.begin(), split.labels.end(),
                                [](const LabelCount& one) { return one.images == 0; }),
                  false),
             "</div>\n");
}

std::string table(const std::string& heads, const std::string& rows, bool sortable) {
  return cat("<div class=\"card tall\"><table", sortable ? " class=\"sortable\"" : "", "><thead><tr>", heads,
             "</tr></thead><tbody>\n", rows, "</tbody></table></div>\n");
}

std::string label_rows(const std::string& split, const SplitQuality& quality) {
  std::string rows;
  for (const LabelCount& one : quality.labels) {
    rows += cat("<tr><td class=\"name\">", escape_html(one.label), "</td><td>",
                one.unseen ? "unseen" : "seen", "</td><td>", split, "</td><td>", one.images, "</td></tr>\n");
  }
  return rows;
}

std::string fault_rows(const std::string& split, const SplitQuality& quality, std::size_t* left) {
  std::string rows;
  for (const PictureFault& fault : quality.faults) {
    if (*left == 0) break;
    --*left;
    rows +=
        cat("<tr><td class=\"name\">", escape_html(fault.name), "</td><td>", split, "</td><td>",
            state_name(fault.state), "</td><td class=\"name\">", escape_html(fault.reason), "</td></tr>\n");
  }
  return rows;
}

std::string shared_rows(const DataQuality& quality) {
  std::string rows;
  for (std::size_t i = 0; i < std::min(kRows, quality.shared.size()); ++i) {
    rows += cat("<tr><td class=\"name\">", escape_html(join(quality.shared[i].train, ", ", kNames)),
                "</td><td class=\"name\">", escape_html(join(quality.shared[i].test, ", ", kNames)),
                "</td></tr>\n");
  }
  return rows;
}

}  // namespace

std::string to_page(const DataQuality& quality, const std::string& title) {
  std::string numbers;
  std::string labels;
  std::string faults;
  std::size_t left = kRows;
  for (const auto& [name, split] :
       {std::pair{"Training", &quality.train}, std::pair{"Test", &quality.test}}) {
    if (!split->has_value()) continue;
    numbers += tiles(name, **split);
    labels += label_rows(name, **split);
    faults += fault_rows(name, **split, &left);
  }
  const std::vector<Series> series = series_of(quality);
  const std::string shared = shared_rows(quality);
  return page::html_page(
      title + " – data",
      cat("<h1>", escape_html(title), "</h1>\n", numbers,
          "<h2>How often labels occur</h2>\n<p class=\"quiet\">Pictures that have a label, on a "
          "logarithmic scale.</p>\n",
          legend(series), "<div class=\"card\">", frequency_chart(series),
          "</div>\n<p class=\"quiet\">A click on a column's head sorts.</p>\n",
          table("<th>Label</th><th>Kind</th><th>Split</th><th>Pictures</th>", labels, true),
          faults.empty() ? ""
                         : cat("<h2>Pictures that are not whole</h2>\n<p class=\"quiet\">At most ", kRows,
                               "; --json has all.</p>\n"),
          faults.empty() ? ""
                         : table("<th>Picture</th><th>Split</th><th>State</th><th>Why</th>", faults, true),
          shared.empty()
              ? ""
              : "<h2>Both to train and to test on</h2>\n<p class=\"quiet\">The same file, byte for "
                "byte.</p>\n" +
                    table("<th>Training</th><th>Test</th>", shared, false)));
}

}  // namespace mkt::check
