// The answer at the strengths that the sliders ask for: looked up, never computed.
(() => {
  "use strict";
  const data = JSON.parse(document.querySelector("script[type='application/json']").textContent);
  const sliders = [...document.querySelectorAll("input[type=range]")];
  const rows = [...document.querySelectorAll("tbody tr")];
  const show = () => {
    for (const slider of sliders) {
      slider.parentElement.querySelector("output").textContent = data.strengths[slider.value];
      slider.setAttribute("aria-valuetext", data.strengths[slider.value]);
    }
    const cell = data.cells[sliders.map((slider) => slider.value).join(",")];
    document.getElementById("cost").textContent = cell.cost;
    cell.rows.forEach(([effect, interval, chance, clear], place) => {
      const [first, second, third] = rows[place].querySelectorAll("td");
      [first.textContent, second.textContent, third.textContent] = [effect, interval, chance];
      first.className = clear ? "strong" : "";
    });
  };
  document.querySelector("form").addEventListener("input", show);
  show();
})();
