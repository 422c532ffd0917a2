// A few labelled choices of the browser's own; what is chosen stands in the address, the back button goes back.

export function render({ model, el }) {
  const form = document.createElement("form");
  form.className = "controls";
  form.addEventListener("submit", (event) => event.preventDefault());
  const own = new Set(model.offer.map((one) => one.key));
  const selects = new Map();
  const read = () => {
    const asked = new URLSearchParams(window.location.search);
    return Object.fromEntries(model.offer.map((one) => [one.key, asked.get(one.key) || one.usual]));
  };
  const show = () => { for (const [key, select] of selects) select.value = model.state[key]; };
  for (const { key, label, options } of model.offer) {
    const field = document.createElement("div");
    field.className = "field";
    const name = document.createElement("label");
    name.htmlFor = `choose-${key}`;
    name.textContent = label;
    const select = document.createElement("select");
    select.id = name.htmlFor;
    const groups = new Map();
    for (const [value, text, group] of options) {
      const option = new Option(text, value);
      if (!group) { select.append(option); continue; }
      if (!groups.has(group)) {
        const made = document.createElement("optgroup");
        made.label = group;
        groups.set(group, made);
        select.append(made);
      }
      groups.get(group).append(option);
    }
    select.addEventListener("change", () => {
      model.state = { ...model.state, [key]: select.value };
      const next = new URLSearchParams(window.location.search);
      next.set(key, select.value);
      window.history.pushState({}, "", `?${next}`);
    });
    selects.set(key, select);
    field.append(name, select);
    form.append(field);
  }
  const told = document.createElement("output");
  told.className = "told";
  told.id = `told-${model.offer[0].key}`;
  told.setAttribute("aria-live", "polite");
  form.append(told);
  const back = () => { if (own.size) { model.state = read(); show(); } };
  window.addEventListener("popstate", back);
  model.on("remove", () => window.removeEventListener("popstate", back));
  model.on("state", show);
  const heard = () => { told.textContent = model.told; };
  model.on("told", heard);
  show();
  heard();
  return form;
}
