#include <fmt/format.h>

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

constexpr std::size_t kRows = 500;  // maximum number of faults on the page; the JSON file lists all
constexpr std::size_t kNames = 5;   // maximum number of names per group of identical images

/// A curve in the plot: images per label, from the most frequent label to the rarest.
struct Series {
  std::string title;
  std::vector<std::int64_t> images;  // number of images per label, descending
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
    content += svg::text(plot.left - 6, y + 4, "end", std::to_string(std::llround(std::pow(10, power))));
  }
  for (std::size_t s = all.size(); s-- > 0;) {  // drawn in reverse order, so that the first curve is on top
    std::vector<std::pair<double, double>> points;
    const auto ranks = static_cast<double>(std::max<std::size_t>(all[s].images.size() - 1, 1));
    for (std::size_t i = 0; i < all[s].images.size(); ++i) {
      // A label without images is drawn at 1, because the scale is logarithmic.
      const double images = std::max(1.0, static_cast<double>(all[s].images[i]));
      points.push_back({plot.x(static_cast<double>(i) / ranks), plot.y(std::log10(images) / decades)});
    }
    content += svg::path(points, fmt::format("curve s{}", s), false);
  }
  content += svg::text(plot.x(0.5), plot.y(0) + 22, "middle", "labels, from the most frequent to the rarest");
  return svg::drawing(kWidth, plot.y(0) + 30, "Images per label", content);
}

std::string legend(const std::vector<Series>& all) {
  std::string items;
  for (std::size_t s = 0; s < all.size(); ++s)
    items += fmt::format("<span><i class=\"s{}\"></i>{} ({})</span>", s, escape_html(all[s].title),
                         all[s].images.size());
  return "<p class=\"legend\">" + items + "</p>\n";
}

std::string tile(const std::string& title, std::int64_t number, bool bad) {
  return fmt::format("<div class=\"card tile\"><span class=\"quiet\">{}</span><b{}>{}</b></div>\n", title,
                     bad && number > 0 ? " class=\"bad\"" : "", number);
}

std::int64_t count(const SplitQuality& split, ImageState state) {
  return std::count_if(split.faults.begin(), split.faults.end(),
                       [&](const ImageFault& fault) { return fault.state == state; });
}

std::string tiles(const std::string& name, const SplitQuality& split) {
  const auto unused = std::count_if(split.labels.begin(), split.labels.end(),
                                    [](const LabelCount& one) { return one.images == 0; });
  const std::string all =
      tile("images", split.images, false) + tile("missing", count(split, ImageState::kMissing), true) +
      tile("broken", count(split, ImageState::kBroken), true) +
      tile("photo unavailable", count(split, ImageState::kUnavailable), true) +
      tile("cut short", count(split, ImageState::kCutShort), false) +
      tile("without a label", split.unlabelled, false) +
      tile("same as an earlier one", split.repeated, false) + tile("labels without an image", unused, false);
  return fmt::format("<h2>{}</h2>\n<div class=\"tiles\">{}</div>\n", name, all);
}

std::string table(const std::string& heads, const std::string& rows, bool sortable) {
  return fmt::format(
      "<div class=\"card tall\"><table{}><thead><tr>{}</tr></thead><tbody>\n{}</tbody></table></div>\n",
      sortable ? " class=\"sortable\"" : "", heads, rows);
}

std::string label_rows(const std::string& split, const SplitQuality& quality) {
  std::string rows;
  for (const LabelCount& one : quality.labels) {
    rows += fmt::format("<tr><td class=\"name\">{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                        escape_html(one.label), one.unseen ? "unseen" : "seen", split, one.images);
  }
  return rows;
}

std::string fault_rows(const std::string& split, const SplitQuality& quality, std::size_t* left) {
  std::string rows;
  for (const ImageFault& fault : quality.faults) {
    if (*left == 0) break;
    --*left;
    rows +=
        fmt::format("<tr><td class=\"name\">{}</td><td>{}</td><td>{}</td><td class=\"name\">{}</td></tr>\n",
                    escape_html(fault.name), split, enum_name(fault.state), escape_html(fault.reason));
  }
  return rows;
}

std::string shared_rows(const DataQuality& quality) {
  std::string rows;
  for (std::size_t i = 0; i < std::min(kRows, quality.shared.size()); ++i) {
    rows += fmt::format("<tr><td class=\"name\">{}</td><td class=\"name\">{}</td></tr>\n",
                        escape_html(join(quality.shared[i].train, ", ", kNames)),
                        escape_html(join(quality.shared[i].test, ", ", kNames)));
  }
  return rows;
}

std::string fingerprint_section(const DataQuality& quality) {
  if (!quality.fingerprint) return "";
  std::string rows;
  for (const FingerprintRow& row : rows_of(*quality.fingerprint)) {
    rows += fmt::format("<tr><td class=\"name\">{}</td><td>{}</td><td>{}</td></tr>\n",
                        escape_html(row.images), row.zsl, row.gzsl);
  }
  return "<h2>Positives per image</h2>\n<p class=\"quiet\">Present labels per test image, which show whether "
         "the "
         "labels are those of published results. ZSL: unseen labels; GZSL: all labels.</p>\n" +
         table("<th>Images</th><th>ZSL</th><th>GZSL</th>", rows, false);
}

std::string label_section(const DataQuality& quality, const std::string& rows) {
  const std::vector<Series> series = series_of(quality);
  return fmt::format(
      "<h2>How often labels occur</h2>\n<p class=\"quiet\">Images per label, on a logarithmic "
      "scale.</p>\n{}<div "
      "class=\"card\">{}</div>\n<p class=\"quiet\">Click a column's head to sort.</p>\n{}",
      legend(series), frequency_chart(series),
      table("<th>Label</th><th>Kind</th><th>Split</th><th>Images</th>", rows, true));
}

std::string fault_section(const std::string& rows) {
  if (rows.empty()) return "";
  return fmt::format(
      "<h2>Images that are not whole</h2>\n<p class=\"quiet\">At most {}; the JSON file has all.</p>\n{}",
      kRows, table("<th>Image</th><th>Split</th><th>State</th><th>Why</th>", rows, true));
}

std::string shared_section(const std::string& rows) {
  if (rows.empty()) return "";
  return "<h2>In both training and test</h2>\n<p class=\"quiet\">The same file, byte for byte.</p>\n" +
         table("<th>Training</th><th>Test</th>", rows, false);
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
  return page::html_page(title + " – data",
                         fmt::format("<h1>{}</h1>\n{}{}{}{}{}", escape_html(title), numbers,
                                     fingerprint_section(quality), label_section(quality, labels),
                                     fault_section(faults), shared_section(shared_rows(quality))));
}

}  // namespace mkt::check
