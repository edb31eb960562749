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
