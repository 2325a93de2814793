"use strict";
(() => {
  const root = document.documentElement;
  const speak = () => {
    const side = document.getElementById("side-" + document.querySelector("input[name=language]:checked").value);
    root.lang = side.lang;
    document.title = side.dataset.title;
  };
  document.querySelectorAll("input[name=language]").forEach((input) => input.addEventListener("change", speak));
  speak();

  const whole = /^-?\d+$/;
  const compare = (one, other, language) =>
    whole.test(one) && whole.test(other) ? one - other : one.localeCompare(other, language);
  const sort = (header, place) => {
    const body = header.closest("table").tBodies[0];
    const direction = header.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
    const sign = direction === "ascending" ? 1 : -1;
    const language = header.closest("[lang]").lang;
    const key = (row) => row.cells[place].dataset.key;
    const rows = [...body.rows].sort((one, other) => sign * compare(key(one), key(other), language));
    body.append(...rows);
    header.parentNode.querySelectorAll("th").forEach((cell) => cell.removeAttribute("aria-sort"));
    header.setAttribute("aria-sort", direction);
  };
  document.querySelectorAll("thead th").forEach((header) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => sort(header, header.cellIndex));
  });
})();
