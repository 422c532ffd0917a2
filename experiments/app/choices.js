// A few labelled choices of the browser's own; what is chosen stands in the address, the back button goes back.

export function render({ model, view }) {
  const form = make("form", { className: "controls", onsubmit: (event) => event.preventDefault() });
  const selects = new Map();
  const read = () => {
    const asked = new URLSearchParams(window.location.search);
    return Object.fromEntries(model.offer.map((one) => [one.key, asked.get(one.key) || one.usual]));
  };
  const show = () => { for (const [key, select] of selects) select.value = model.state[key]; };
  for (const { key, label, options } of model.offer) {
    const [field, select] = chosen_of(`choose-${key}`, label, options, () => {
      model.state = { ...model.state, [key]: select.value };
      const next = new URLSearchParams(window.location.search);
      next.set(key, select.value);
      window.history.pushState({}, "", `?${next}`);
    });
    selects.set(key, select);
    form.append(field);
  }
  const told = make("output", { className: "told", id: `told-${model.offer[0].key}`, "aria-live": "polite" });
  form.append(told);
  const back = () => { model.state = read(); show(); };
  window.addEventListener("popstate", back);
  model.on("remove", () => window.removeEventListener("popstate", back));
  model.on("state", show);
  const heard = () => { told.textContent = model.told; };
  model.on("told", heard);
  show();
  heard();
  follow({ model, view });
  return form;
}
