// Our bank: a file that goes no further than this machine, futures, and a plan in sliders and a table.

export function render({ model, view }) {
  const offer = model.offer;
  const texts = offer.texts;
  const shows = [];
  let plan = { ...model.plan };
  let waiting = null;
  const say = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { model.plan = { ...plan }; }, 150);
  };

  const wrong = make("p", { className: "wrong", id: "wrong", role: "alert" });
  const told = make("output", { className: "told", id: "told", "aria-live": "polite" });
  const file = make("input", { type: "file", id: "workbook", accept: offer.endings.join(",") });
  file.addEventListener("change", () => {
    const chosen = file.files[0];
    if (!chosen) return;
    wrong.textContent = "";
    if (chosen.size > offer.largest) {
      wrong.textContent = texts.too_large;
      file.value = "";
      return;
    }
    const reader = new FileReader();
    reader.addEventListener("load", () => {
      told.textContent = texts.reading;
      model.send_msg({ name: chosen.name, content: String(reader.result).split(",")[1] || "" });
      file.value = "";
    });
    reader.readAsDataURL(chosen);
  });

  const futures = make("fieldset", { className: "boxes" }, make("legend", {}, texts.futures));
  const boxes = offer.futures.map(([name, title]) => {
    const input = make("input", { type: "checkbox", id: `future-${name}`, value: name, checked: model.plan.futures.includes(name) });
    input.addEventListener("change", () => {
      plan = { ...plan, futures: boxes.filter((one) => one.checked).map((one) => one.value) };
      say();
    });
    futures.append(make("label", { htmlFor: input.id }, input, title));
    return input;
  });

  const sliders = offer.dimensions.map(([name, title]) => {
    const slider = make("input", { type: "range", id: `share-${name}`, min: 0, max: 100, step: 5 });
    const number = make("output", { htmlFor: slider.id });
    slider.addEventListener("input", () => {
      plan = { ...plan, division: { ...plan.division, [name]: Number(slider.value) } };
      show();
      say();
    });
    shows.push(() => { slider.value = plan.division[name] || 0; number.textContent = String(slider.value); });
    return make("div", { className: "field" }, make("label", { htmlFor: slider.id }, title), slider, number);
  });

  const [way, route] = chosen_of("route", texts.route, offer.routes, () => { plan = { ...plan, route: route.value }; say(); });
  shows.push(() => { route.value = plan.route || ""; });

  const rows = offer.years.map((year) => {
    const input = make("input", { type: "number", id: `spending-${year}`, min: 0, step: "any", inputMode: "decimal" });
    input.addEventListener("change", () => {
      const spending = { ...plan.spending };
      if (input.value === "" || !input.checkValidity()) delete spending[year];
      else spending[year] = Number(input.value);
      plan = { ...plan, spending };
      show();
      say();
    });
    shows.push(() => { input.value = plan.spending[year] ?? ""; });
    return make("tr", {}, make("th", { scope: "row" }, make("label", { htmlFor: input.id }, String(year))), make("td", {}, input));
  });
  const table = make("table", {}, make("caption", {}, texts.spending), make("tbody", {}, ...rows));

  const links = make("p", { className: "files" }, texts.template, " ",
    ...offer.templates.flatMap(([name, link]) => [make("a", { href: link, download: name, className: "file" }, name), " "]));
  const editor = make("div", { hidden: true, id: "editor" }, futures,
    make("fieldset", {}, make("legend", {}, texts.division), ...sliders),
    way, table);
  const form = make("form", { className: "controls", "aria-label": texts.bank_controls },
    make("div", { className: "field" }, make("label", { htmlFor: "workbook" }, texts.workbook), file),
    make("p", { className: "local" }, texts.stays), links, wrong, told, editor);
  form.addEventListener("submit", (event) => event.preventDefault());

  const show = () => { for (const one of shows) one(); };
  model.on("wrong", () => { wrong.textContent = model.wrong; });
  model.on("told", () => { told.textContent = model.told; });
  model.on("open", () => { editor.hidden = !model.open; });
  model.on("plan", () => { plan = { ...model.plan }; show(); });
  show();
  told.textContent = model.told;
  follow({ model, view });
  return form;
}
