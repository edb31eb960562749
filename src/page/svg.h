#pragma once
// SVG elements for drawings on a page. Coordinates are in drawing units, and y increases downwards; `kind` is
// a CSS class in page.css.

#include <string>
#include <utility>
#include <vector>

namespace mkt::page::svg {

/// Plot area of a drawing. Data values in [0, 1] are mapped from left to right and from bottom to top.
struct Plot {
  double left;
  double top;
  double width;
  double height;

  double x(double value) const { return left + value * width; }
  double y(double value) const { return top + (1 - value) * height; }
};

/// Formats a coordinate with one decimal.
std::string number(double value);

/// Returns an <svg> element that fills the width of its container. `label` is the description for screen
/// readers; `content` must be SVG.
std::string drawing(double width, double height, const std::string& label, const std::string& content);

/// Returns a line from (x0, y0) to (x1, y1).
std::string line(double x0, double y0, double x1, double y1, const std::string& kind);

/// Returns text at (x, y). `anchor`: start, middle or end. `content` is escaped.
std::string text(double x, double y, const std::string& anchor, const std::string& content);

/// Returns straight lines that connect the points in order; if `closed`, also the last point to the first.
std::string path(const std::vector<std::pair<double, double>>& points, const std::string& kind, bool closed);

}  // namespace mkt::page::svg
