// Figures that answer: each is shown when it comes near the screen; keys switch marks, sliders choose a step.
(() => {
  "use strict";
  const night = window.matchMedia("(prefers-color-scheme: dark)");
  const NIGHT = /* colours */ {};
  const shown = new Map();

  const dyed = (text) => night.matches
    ? text.replace(/"(#[0-9a-f]{6})"/gi, (all, colour) => NIGHT[colour.toLowerCase()] ? `"${NIGHT[colour.toLowerCase()]}"` : all)
    : text;

  const settle = (figure) => {
    const state = shown.get(figure);
    const off = new Set([...figure.querySelectorAll("[data-key][aria-pressed=false]")].map((key) => key.dataset.key));
    const slider = figure.querySelector("input[type=range]");
    const frame = slider ? state.frames[slider.value] : "";
    if (slider) {
      figure.querySelector("output").textContent = frame;
      slider.setAttribute("aria-valuetext", frame);
    }
    for (const plot of state.plots) {
      for (const mark of plot.renderers) {
        if (!("tags" in mark)) continue;
        mark.visible = !off.has(mark.name) && (!mark.tags.length || mark.tags[0] === frame);
      }
    }
  };

  const show = async (figure) => {
    if (shown.has(figure)) return;
    const data = JSON.parse(dyed(figure.querySelector("script").textContent));
    const panels = [...figure.querySelectorAll(".panel")];
    const roots = Object.fromEntries(data.roots.map((id, place) => [id, panels[place].id]));
    shown.set(figure, {frames: data.frames, plots: []});
    figure.classList.add("lively");
    try {
      await Bokeh.embed.embed_items({[figure.id]: data.document}, [{docid: figure.id, roots, root_ids: data.roots}]);
      const all = Bokeh.documents.flatMap((one) => one.roots());
      shown.get(figure).plots = data.roots.map((id) => all.findLast((plot) => plot.id === id));
      settle(figure);
    } catch (fault) {
      figure.classList.remove("lively");
      throw fault;
    }
  };

  const figures = [...document.querySelectorAll("figure[data-live]")];
  const near = new IntersectionObserver((seen) => {
    for (const one of seen) if (one.isIntersecting) show(one.target);
  }, {rootMargin: "600px"});
  document.fonts.ready.then(() => figures.forEach((figure) => near.observe(figure)));
  for (const figure of figures) {
    figure.addEventListener("click", (event) => {
      const key = event.target.closest("[data-key]");
      if (!key) return;
      key.setAttribute("aria-pressed", key.getAttribute("aria-pressed") === "false");
      settle(figure);
    });
    figure.addEventListener("input", () => settle(figure));
  }
  night.addEventListener("change", () => {
    for (const figure of [...shown.keys()]) {
      figure.querySelectorAll(".panel").forEach((panel) => panel.replaceChildren());
      shown.delete(figure);
      show(figure);
    }
  });
})();
