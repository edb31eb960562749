#include "page/report_style.h"

#include "core/text.h"
#include "page/html.h"

namespace mkt::page {
namespace {

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --paper: #f5f6f8; --card: #fff; --ink: #1c2330; --quiet: #5d6778;
  --line: #dfe3ea; --s0: #2f6fde; --s1: #d9822b; --s2: #8a93a3; --good: #19803f; --bad: #c2372e;
  --heat: 47 111 222; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #12151b; --card: #1b2029; --ink: #e6e9ef; --quiet: #9aa4b5; --line: #303744;
    --s0: #6ea3ff; --s1: #f0a04f; --s2: #8791a2; --good: #59c27c; --bad: #f0776c; --heat: 110 163 255; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 1120px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 26px; margin: 0 0 4px; } h2 { font-size: 19px; margin: 40px 0 4px; }
h3 { font-size: 15px; margin: 0 0 8px; } p { margin: 4px 0 14px; max-width: 75ch; }
.quiet, .facts dt { color: var(--quiet); }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 1px 14px; font-size: 13px; margin: 10px 0 22px; }
.facts dd { margin: 0; overflow-wrap: anywhere; }
.grid { display: grid; gap: 14px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); }
.tiles { display: grid; gap: 14px; grid-template-columns: repeat(4, 1fr); margin-bottom: 14px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; min-width: 0; }
.tile b { display: block; font-size: 32px; line-height: 1.2; font-variant-numeric: tabular-nums; }
.good { color: var(--good); } .bad { color: var(--bad); }
.scroll { overflow-x: auto; } .tall { max-height: 460px; overflow: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 10px; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } tr:last-child td { border-bottom: 0; }
th { font-weight: 600; color: var(--quiet); }
.tall th { position: sticky; top: 0; background: var(--card); }
table.sortable th { cursor: pointer; user-select: none; }
th[aria-sort=ascending]::after { content: " ▲"; } th[aria-sort=descending]::after { content: " ▼"; }
td.name { white-space: normal; min-width: 9em; overflow-wrap: anywhere; }
.meter { display: inline-block; width: 70px; height: 8px; border-radius: 4px; background: var(--line);
  margin-right: 8px; vertical-align: 1px; overflow: hidden; }
.meter i { display: block; height: 100%; background: var(--s0); }
svg { display: block; width: 100%; height: auto; font-size: 13px; }
svg text { fill: var(--quiet); } line.grid { stroke: var(--line); } line.axis { stroke: var(--quiet); }
.curve { fill: none; stroke-width: 2; } .curve.s0 { stroke: var(--s0); stroke-width: 2.6; }
.s1.curve, .s1.mark { stroke: var(--s1); } .s2.curve, .s2.mark { stroke: var(--s2); }
.curve.s2 { stroke-dasharray: 6 4; } .mark { stroke-width: 3; }
.track { fill: var(--line); opacity: .55; } .bar { fill: var(--s0); }
.absent { fill: var(--s2); fill-opacity: .35; stroke: var(--s2); }
.present { fill: var(--s0); fill-opacity: .4; stroke: var(--s0); }
.legend { font-size: 13px; display: flex; flex-wrap: wrap; gap: 4px 18px; margin-bottom: 10px; }
.legend i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px; vertical-align: -1px; }
i.s0, i.is-present { background: var(--s0); } i.s1 { background: var(--s1); } i.s2, i.is-absent { background: var(--s2); }
.matrix td { text-align: center; background: rgb(var(--heat) / var(--v)); min-width: 46px; border: 1px solid var(--card); }
.matrix td.none { background: none; color: var(--quiet); }
.matrix thead th { white-space: normal; vertical-align: bottom; text-align: center; font-size: 12px;
  min-width: 74px; }
.matrix tbody th { text-align: left; position: sticky; left: 0; background: var(--card); }
.examples { display: grid; gap: 14px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 250px), 1fr)); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 8px; margin: 0 0 8px; }
.pair img { width: 100%; aspect-ratio: 1; border-radius: 6px; display: block; }
figcaption { font-size: 12px; color: var(--quiet); overflow-wrap: anywhere; } figure { margin: 0; }
.example h3 { overflow-wrap: anywhere; font-size: 13px; color: var(--quiet); font-weight: 500; }
.tags { display: flex; flex-wrap: wrap; gap: 4px; margin: 2px 0 8px; padding: 0; list-style: none; font-size: 13px; }
.tags li { border: 1px solid var(--line); border-radius: 6px; padding: 0 7px; }
.tags li.yes { border-color: var(--good); color: var(--good); } .tags li.no { border-color: var(--bad); color: var(--bad); }
.tags .new { font-weight: 700; } .caption { font-size: 12px; color: var(--quiet); margin: 0; }
details { margin-top: 14px; } summary { cursor: pointer; margin-bottom: 8px; }
@media (max-width: 760px) { .tiles { grid-template-columns: repeat(2, 1fr); } }
@media (max-width: 520px) {
  main { padding: 18px 12px 40px; } .card { padding: 12px; } .tile b { font-size: 26px; } svg { font-size: 15px; }
  .meter { display: none; } th, td { padding: 5px 7px; } table { font-size: 13px; }
}
)";

constexpr const char* kScript = R"(
for (const head of document.querySelectorAll("table.sortable th")) head.addEventListener("click", () => {
  const table = head.closest("table"), body = table.tBodies[0], column = head.cellIndex;
  const key = row => row.cells[column].dataset.v ?? row.cells[column].textContent;
  const is_text = [...body.rows].some(row => isNaN(key(row))), now = head.getAttribute("aria-sort");
  const down = now ? now === "ascending" : !is_text;
  for (const other of table.querySelectorAll("th")) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const order = (a, b) => is_text ? key(b).localeCompare(key(a)) : key(b) - key(a);
  body.append(...[...body.rows].sort((a, b) => down ? order(a, b) : order(b, a)));
});
)";

}  // namespace

std::string html_page(const std::string& title, const std::string& body) {
  return cat(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>",
      escape_html(title), "</title>\n<style>", kStyle, "</style></head>\n<body><main>\n", body,
      "</main>\n<script>", kScript, "</script></body></html>\n");
}

}  // namespace mkt::page
