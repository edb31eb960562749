#include "page/svg.h"

#include "core/text.h"
#include "page/html.h"

namespace mkt::page::svg {

std::string number(double value) {
  return fixed_text(value, 1);
}

std::string drawing(double width, double height, const std::string& label, const std::string& content) {
  return cat("<svg viewBox=\"0 0 ", width, " ", number(height), "\" role=\"img\" aria-label=\"",
             escape_html(label), "\">", content, "</svg>\n");
}

std::string line(double x0, double y0, double x1, double y1, const std::string& kind) {
  return cat("<line class=\"", kind, "\" x1=\"", number(x0), "\" y1=\"", number(y0), "\" x2=\"", number(x1),
             "\" y2=\"", number(y1), "\"/>");
}

std::string text(double x, double y, const std::string& anchor, const std::string& content) {
  return cat("<text x=\"", number(x), "\" y=\"", number(y), "\" text-anchor=\"", anchor, "\">",
             escape_html(content), "</text>");
}

std::string path(const std::vector<std::pair<double, double>>& points, const std::string& kind, bool closed) {
  std::string steps;
  for (const auto& [x, y] : points) steps += cat(steps.empty() ? "M" : "L", number(x), " ", number(y));
  return cat("<path class=\"", kind, "\" d=\"", steps, closed ? "Z" : "", "\"/>");
}

}  // namespace mkt::page::svg
