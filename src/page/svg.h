#pragma once
// SVG elements for the drawings of a page. Lengths are in units of the drawing, with y downwards; a `kind` is
// a class of the style sheet (page.css).

#include <string>
#include <utility>
#include <vector>

namespace mkt::page::svg {

/// The area of a drawing that shows data. Values from 0 to 1 run from left to right and from bottom to top.
struct Plot {
  double left;
  double top;
  double width;
  double height;

  double x(double value) const { return left + value * width; }
  double y(double value) const { return top + (1 - value) * height; }
};

/// `value` with one decimal, as coordinates are written.
std::string number(double value);

/// An <svg> as wide as its place in the page. `label` is its description for screen readers; `content` is
/// SVG.
std::string drawing(double width, double height, const std::string& label, const std::string& content);

/// A line from (x0, y0) to (x1, y1).
std::string line(double x0, double y0, double x1, double y1, const std::string& kind);

/// Text at (x, y). `anchor`: start, middle or end. `content` is escaped.
std::string text(double x, double y, const std::string& anchor, const std::string& content);

/// Straight lines from point to point; if `closed`, back to the first one.
std::string path(const std::vector<std::pair<double, double>>& points, const std::string& kind, bool closed);

}  // namespace mkt::page::svg
