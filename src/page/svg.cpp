#include "page/svg.h"

#include <fmt/core.h>

#include "core/text.h"
#include "page/html.h"

namespace mkt::page::svg {

std::string number(double value) {
  return fixed_text(value, 1);
}

std::string drawing(double width, double height, const std::string& label, const std::string& content) {
  return fmt::format("<svg viewBox=\"0 0 {:g} {}\" role=\"img\" aria-label=\"{}\">{}</svg>\n", width,
                     number(height), escape_html(label), content);
}

std::string line(double x0, double y0, double x1, double y1, const std::string& kind) {
  return fmt::format("<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>", kind, number(x0),
                     number(y0), number(x1), number(y1));
}

std::string text(double x, double y, const std::string& anchor, const std::string& content) {
  return fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>", number(x), number(y), anchor,
                     escape_html(content));
}

std::string path(const std::vector<std::pair<double, double>>& points, const std::string& kind, bool closed) {
  std::string steps;
  for (const auto& [x, y] : points) {
    steps += fmt::format("{}{} {}", steps.empty() ? "M" : "L", number(x), number(y));
  }
  return fmt::format("<path class=\"{}\" d=\"{}{}\"/>", kind, steps, closed ? "Z" : "");
}

}  // namespace mkt::page::svg
