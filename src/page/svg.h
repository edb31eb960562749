#pragma once
// Parts of drawings in a page. Lengths are units of the drawing, y down; classes are the style sheet's.

#include <string>
#include <utility>
#include <vector>

namespace mkt::page::svg {

/// The part of a drawing that shows data, in which 0…1 goes right and up.
struct Plot {
  double left;
  double top;
  double width;
  double height;

  double x(double value) const { return left + value * width; }
  double y(double value) const { return top + (1 - value) * height; }
};

/// One decimal.
std::string number(double value);

/// A drawing as wide as its place in the page; `label` says to a screen reader what it shows.
std::string drawing(double width, double height, const std::string& label, const std::string& content);

std::string line(double x0, double y0, double x1, double y1, const std::string& kind);

/// `anchor`: start, middle or end. `content` is escaped.
std::string text(double x, double y, const std::string& anchor, const std::string& content);

std::string path(const std::vector<std::pair<double, double>>& points, const std::string& kind, bool closed);

}  // namespace mkt::page::svg
