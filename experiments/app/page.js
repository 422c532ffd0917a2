// The controls of the page: plain elements of the browser, so that keyboard and screen readers find what they know.
// What is set stands in the address; the back button is undo. Every text is set as text, never as markup.

const BETWEEN = 60; // milliseconds between two messages of a slider that moves; the first is sent at once
const kept_in_address = ["room", "lang", "theme", "token", "at"];

const address = (state) => {
  const now = new URLSearchParams(window.location.search);
  const next = new URLSearchParams();
  for (const key of kept_in_address) if (now.has(key)) next.set(key, now.get(key));
  for (const [key, value] of Object.entries(state)) if (value !== "") next.set(key, value);
  return `${window.location.pathname}?${next}`;
};

const of_address = () => {
  const state = {};
  for (const [key, value] of new URLSearchParams(window.location.search)) {
    if (!kept_in_address.includes(key)) state[key] = value;
  }
  return state;
};

const read_lever = (text) => {
  const [intensity, start, kinds, regions] = `${text}~~~`.split("~");
  const listed = (words) => (words ? words.split(".") : []);
  return { intensity: Number(intensity || 1), start, kinds: listed(kinds), regions: listed(regions) };
};

const written_lever = (use) =>
  [String(use.intensity), use.start, use.kinds.join("."), use.regions.join(".")].join("~").replace(/~+$/, "");

const why = (rows, texts) => {
  const list = make("dl");
  for (const [term, text] of rows) list.append(make("dt", {}, term), make("dd", {}, text));
  return make("details", { className: "why" }, make("summary", {}, texts.why), list);
};

export function render({ model, view }) {
  const offer = model.offer;
  const texts = offer.texts;
  let state = { ...model.state };
  let steps = 0;
  const levers = new Map();
  const simple = new Map();

  const say = (pushed) => {
    if (JSON.stringify(state) !== JSON.stringify(model.state)) {
      told.textContent = texts.waiting;
      model.state = { ...state };
    }
    if (pushed) {
      window.history.pushState({ step: (steps += 1) }, "", address(state));
      undo.disabled = false;
    }
  };
  let waiting = null;
  let left = false;
  const soon = () => {
    if (waiting !== null) { left = true; return; }
    say(false);
    waiting = setTimeout(() => { waiting = null; if (left) { left = false; soon(); } }, BETWEEN);
  };
  const set = (key, value) => {
    state = { ...state };
    if (value === "") delete state[key];
    else state[key] = value;
  };

  const chosen = (key, label, options, usual, rows) => {
    const [field, select] = chosen_of(`choose-${key}`, label, options,
      () => { set(key, select.value === usual ? "" : select.value); say(true); });
    simple.set(key, () => { select.value = state[key] || usual; });
    if (rows) field.append(why(rows, texts));
    return field;
  };

  const boxes = (name, label, options, get, put) => {
    const group = make("fieldset", { className: "boxes" }, make("legend", {}, label));
    const inputs = options.map(([value, text]) => {
      const input = make("input", { type: "checkbox", id: `${name}-${value}`, value, onchange: () => put(inputs.filter((one) => one.checked).map((one) => one.value)) });
      group.append(make("label", { htmlFor: input.id }, input, text));
      return input;
    });
    const show = () => { const on = get(); for (const input of inputs) input.checked = on.includes(input.value); };
    return [group, show];
  };

  const lever = (one) => {
    const name = one.name;
    const use = () => (name in state ? read_lever(state[name]) : null);
    const write = (changes, pushed) => {
      set(name, written_lever({ ...(use() || read_lever("1")), ...changes }));
      show();
      if (pushed) say(true); else soon();
    };
    const on = make("input", { type: "checkbox", id: `use-${name}`, onchange: () => { if (on.checked) write({}, true); else { set(name, ""); show(); say(true); } } });
    const slider = make("input", {
      type: "range", id: `strength-${name}`, min: 0, max: offer.strongest, step: 0.05,
      oninput: () => write({ intensity: Number(slider.value) }, false),
      onchange: () => write({ intensity: Number(slider.value) }, true),
    });
    const number = make("output", { htmlFor: slider.id });
    const start = make("select", { id: `start-${name}`, onchange: () => write({ start: start.value === one.start ? "" : start.value }, true) },
      ...offer.quarters.map((quarter) => make("option", { value: quarter }, quarter)));
    const all = (usual, picked) => (picked.length === usual.length && usual.every((word) => picked.includes(word)) ? [] : picked);
    const [kinds, show_kinds] = boxes(`kinds-${name}`, texts.kinds, offer.kinds,
      () => { const now = use(); return now && now.kinds.length ? now.kinds : one.kinds; },
      (picked) => { if (picked.length) write({ kinds: all(one.kinds, picked) }, true); else show(); });
    const [regions, show_regions] = boxes(`regions-${name}`, texts.regions, offer.regions,
      () => { const now = use(); return now && now.regions.length ? now.regions : offer.regions.map(([word]) => word); },
      (picked) => { if (picked.length) write({ regions: picked.length === offer.regions.length ? [] : picked }, true); else show(); });
    const body = make("div", { className: "body" },
      make("div", { className: "field" }, make("label", { htmlFor: slider.id }, texts.intensity), slider, number),
      make("div", { className: "field" }, make("label", { htmlFor: start.id }, texts.start), start),
      kinds, regions);
    const beyond = make("p", { className: "beyond", hidden: true }, texts.beyond);
    body.append(beyond);
    const show = () => {
      const now = use();
      on.checked = now !== null;
      body.hidden = now === null;
      const strength = now === null ? 1 : now.intensity;
      slider.value = strength;
      number.textContent = strength.toFixed(2);
      slider.setAttribute("aria-valuetext", strength.toFixed(2));
      beyond.hidden = strength <= 1;
      const quarter = (now && now.start) || one.start;
      start.value = quarter;
      if (!start.value) start.add(new Option(quarter, quarter, true, true)); // as an address writes it, 2026年一季度
      show_kinds();
      show_regions();
    };
    levers.set(name, show);
    return make("div", { className: "lever" },
      make("label", { className: "title", htmlFor: on.id }, on, one.title), make("p", { className: "does" }, one.does), body, why(one.why, texts));
  };

  const button = (id, text, then) => make("button", { type: "button", id, onclick: then }, text);
  const undo = button("undo", texts.undo, () => window.history.back());
  undo.disabled = true;
  const [shocks, show_shocks] = boxes("shocks", texts.shocks, offer.shocks.map((one) => [one.name, one.title]),
    () => (state.shocks ? state.shocks.split(".") : []), (picked) => { set("shocks", picked.join(".")); say(true); });
  simple.set("shocks", show_shocks);
  const bar = make("progress", { max: 1, value: 0, id: "runs", "aria-label": texts.progress });
  const told = make("output", { className: "told", id: "told", "aria-live": "polite" });
  const own = () => Object.fromEntries(Object.entries(state).filter(([key]) => !["kept", "base", "out", "kind"].includes(key)));

  // A slider would take the keys that mean back and forward everywhere else for steps of its own.
  const travel = (event) => {
    const step = event.altKey && { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    window.history.go(step);
  };

  const form = make("form", { className: "controls", "aria-label": texts.controls, onsubmit: (event) => event.preventDefault(), onkeydown: travel },
    make("div", { className: "status" }, bar, told),
    make("div", { className: "buttons" },
      undo,
      button("keep", texts.keep, () => { set("kept", new URLSearchParams(own()).toString()); set("base", "kept"); show_all(); say(true); }),
      button("clear", texts.clear, () => { state = {}; show_all(); say(true); }),
      button("config", texts.config, () => model.send_msg({ ask: "config" })),
      button("report", texts.report, () => model.send_msg({ ask: "report" }))),
    make("p", { className: "files", id: "files", "aria-live": "polite" }),
    make("fieldset", {}, make("legend", {}, texts.look),
      chosen("out", texts.outcome, offer.outcomes, offer.outcome),
      chosen("kind", texts.banks, offer.all_kinds, "all"),
      chosen("base", texts.compared, offer.compared, "same")),
    make("fieldset", {}, make("legend", {}, texts.levers), ...offer.levers.map(lever)),
    make("fieldset", {}, make("legend", {}, texts.outside),
      chosen("env", texts.environment, offer.environments, "central"), shocks, why(offer.shocks.map((one) => [one.title, one.why]), texts),
      chosen("alloc", texts.allocation, offer.allocation, ""),
      chosen("net", texts.network, offer.network, "")));

  const show_all = () => { for (const show of [...simple.values(), ...levers.values()]) show(); };
  const heard = ({ progress }) => {
    if (!progress) return;
    const { done, all, text } = progress;
    bar.max = all || 1;
    bar.value = done || 0;
    bar.textContent = text;
    told.textContent = text;
    if (done) form.dataset.answers = Number(form.dataset.answers || 0) + 1;
  };
  model.on("files", () => {
    const place = form.querySelector("#files");
    place.replaceChildren(model.files.text || "");
    for (const [name, link, content] of model.files.links || []) {
      const href = content === null ? link : URL.createObjectURL(new Blob([content], { type: "text/yaml" }));
      place.append(" ", make("a", { href, download: name, className: "file" }, name));
    }
  });
  const back = () => {
    state = of_address();
    show_all();
    model.state = { ...state };
  };
  window.addEventListener("popstate", back);
  model.on("remove", () => window.removeEventListener("popstate", back));
  show_all();
  told.textContent = texts.waiting;
  follow({ model, view }, heard);
  return form;
}
