// What every component of the page is made with: elements of the browser, and how an answer reaches the page.

const make = (name, given = {}, ...inside) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && key !== "list") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...inside.filter((one) => one !== null && one !== undefined));
  return element;
};

const chosen_of = (id, label, options, onchange) => {
  const select = make("select", { id, onchange });
  const groups = new Map();
  for (const [value, text, group] of options) {
    const option = new Option(text, value);
    if (!group) { select.append(option); continue; }
    if (!groups.has(group)) { groups.set(group, make("optgroup", { label: group })); select.append(groups.get(group)); }
    groups.get(group).append(option);
  }
  return [make("div", { className: "field" }, make("label", { htmlFor: id }, label), select), select];
};

// New markup in a place. What a reader has opened or closed in it stays so, and the keyboard stays where it is.
const fill = (place, markup) => {
  const named = (summary) => summary.textContent;
  const before = [...place.querySelectorAll("summary")];
  const open = new Map(before.map((one) => [named(one), one.parentElement.open]));
  const focused = before.find((one) => one === document.activeElement);
  place.innerHTML = markup;
  for (const one of place.querySelectorAll("summary")) {
    if (open.has(named(one))) one.parentElement.open = open.get(named(one));
    if (focused && named(one) === named(focused)) one.focus({ preventScroll: true });
  }
};

// An answer is one message: texts by their place, and what changes in the figures of each plate. One figure is drawn a
// frame, so that the controls stay free; a plate out of sight is drawn when it is scrolled to.
const follow = ({ model, view }, then = () => {}) => {
  const waiting = new Map();
  const seen = new Set();
  const drawn = new WeakMap();
  let drawing = false;
  const draw = () => {
    const plate = [...waiting.keys()].find((one) => seen.has(one));
    drawing = plate !== undefined;
    if (!drawing) return;
    for (const [id, values] of Object.entries(waiting.get(plate))) {
      const [part, text] = [view.model.document?.get_model_by_id(id), JSON.stringify(values)];
      if (!part || drawn.get(part) === text) continue; // what has not moved is not drawn again
      drawn.set(part, text);
      const { major_label_overrides: words, ...rest } = values;
      if (words) rest.major_label_overrides = new Map(Object.entries(words).map(([place, word]) => [Number(place), word]));
      part.setv(rest, { sync: false });
    }
    waiting.delete(plate);
    requestAnimationFrame(() => setTimeout(draw));
  };
  const sight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) seen[isIntersecting ? "add" : "delete"](target.id.replace("plate-", ""));
    if (!drawing) draw();
  });
  for (const plate of document.querySelectorAll(".plate")) sight.observe(plate);
  const heard = (message) => {
    const answer = JSON.parse(message, (_, one) => (one === null ? NaN : one));
    for (const [place, markup] of Object.entries(answer.texts || {})) fill(document.getElementById(`text-${place}`), markup);
    for (const [plate, models] of Object.entries(answer.figures || {})) {
      const before = waiting.get(plate) || {};
      for (const [id, values] of Object.entries(models)) before[id] = { ...before[id], ...values };
      waiting.set(plate, before);
    }
    if (!drawing) draw();
    then(answer);
  };
  for (const name of ["shown", "later"]) {
    model.on(name, () => heard(model[name]));
    heard(model[name]);
  }
  model.on("remove", () => sight.disconnect());
};
