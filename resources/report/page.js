// SPDX-License-Identifier: GPL-3.0-or-later
// The page at work: what is looked at, and everything that follows it.

const byId = (id) => document.getElementById(id);
const grouped = (number) => number.toLocaleString("en");
const decimals = (number, digits) => (number === null || Number.isNaN(number) ? "–" : number.toFixed(digits));
function sizeText(bytes) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0, value = bytes;
  for (; value >= 999.95 && unit + 1 < units.length; ++unit) value /= 1000;
  return unit === 0 ? `${bytes} bytes` : `${value.toFixed(1)} ${units[unit]}`;
}
function made(tag, text, name = "") {
  const element = document.createElement(tag);
  element.textContent = text;
  if (name) element.className = name;
  return element;
}
const within = (number, most) => (Number.isInteger(number) && number >= 0 && number <= most ? number : null);

const state = { step: T - 1, token: null, focus: 0, reference: 0, difference: false, choice: { layer: null, head: null } };
let palette, geometry = [], codes = [], marksOf = [], spans = [], shown = [];

function choiceOf(text) { // "all", "3", "3.1": layer of the model and KV head
  const [layer, head] = text.split(".").map(Number), at = data.layers.indexOf(layer);
  if (at < 0) return { layer: null, head: null };
  return { layer: at, head: head === undefined ? null : within(head, data.heads - 1) };
}
function takeLook(look) {
  state.step = within(look.step, T - 1) ?? state.step;
  state.token = within(look.token, T - 1) ?? state.token;
  state.focus = within(look.focus, policies.length - 1) ?? state.focus;
  state.reference = within(look.reference, policies.length - 1) ?? state.reference;
  if (look.difference !== undefined) state.difference = look.difference === true || look.difference === 1;
  if (look.lanes !== undefined) state.choice = choiceOf(look.lanes);
}
/** page.html#step=300&token=5&focus=1: policies count from 1 there. */
function lookOfAddress() {
  const words = new URLSearchParams(location.hash.slice(1)), look = {};
  for (const name of ["step", "token", "difference"]) if (words.has(name)) look[name] = Number(words.get(name));
  for (const name of ["focus", "reference"]) if (words.has(name)) look[name] = Number(words.get(name)) - 1;
  if (words.has("lanes")) look.lanes = words.get("lanes");
  if (words.has("theme")) setTheme(words.get("theme") === "dark");
  return look;
}

function setTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  byId("theme").textContent = dark ? "Light" : "Dark";
  byId("theme").setAttribute("aria-label", dark ? "Light colors" : "Dark colors");
  palette = makePalette();
  const style = document.documentElement.style;
  style.setProperty("--reference", cssOf(palette.four[1]));
  palette.policies.forEach((color, i) => style.setProperty(`--policy-${i}`, color));
}

function showStep() {
  codes = policies.map((policy, i) => codesAt(policy, referenceFor(i), state.choice, state.step));
  byId("step").value = state.step;
  byId("step").setAttribute("aria-valuetext", `step ${grouped(state.step)}`);
  byId("stepText").textContent = `${grouped(state.step)} / ${grouped(T - 1)}`;
  marksOf.forEach((canvas, i) => paintMarks(canvas, geometry[i], state, palette));
  paintDeck(byId("deck"), codes, state, palette);
  showText();
  showNow();
  say();
}

function showKey() {
  const entry = (color, word) => {
    const item = made("span", ""), box = made("i", "");
    box.style.background = color;
    item.append(box, word);
    return item;
  };
  const rampOf = (colors) => `linear-gradient(90deg, ${[32, 64, 96, 126].map((at) => cssOf(colors[at])).join(",")})`;
  const tokens = Math.ceil(T / Math.max(1, geometry[0]?.columns ?? T));
  const entries = state.difference
    ? ["kept here only", "kept by the reference only", "both", "neither"].map((word, i) => entry(cssOf(palette.four[i]), word))
    : [entry(cssOf(palette.choice[0]), "evicted"), entry(rampOf(palette.rule), "by rule"),
      entry(rampOf(palette.choice), "by choice, by share of lanes")];
  byId("key").replaceChildren(...entries, made("span", tokens > 1 ? `max of ${tokens} tokens` : ""));
}

function showAll() {
  shown = [];
  byId("focus").value = state.focus;
  byId("reference").value = state.reference;
  byId("difference").checked = state.difference;
  const { layer, head } = state.choice;
  byId("lanes").value = layer === null ? "all" : data.layers[layer] + (head === null ? "" : `.${head}`);
  [...byId("maps").children].forEach((map, i) => {
    geometry[i] = paintMap(map.querySelector("canvas"), policies[i], referenceFor(i), state.choice, palette);
    map.className = `map ${i === state.focus ? "focus" : i === state.reference ? "reference" : ""}`;
    map.querySelector("button").setAttribute("aria-pressed", i === state.focus);
  });
  showKey();
  showStep();
}

function setStep(step) { state.step = Math.min(T - 1, Math.max(0, step)); scheduled(showStep); }
let waiting = null;
function scheduled(work) { // one frame, the larger work of those asked for
  if (waiting) { if (work === showAll) waiting = work; return; }
  waiting = work;
  requestAnimationFrame(() => { const now = waiting; waiting = null; now(); });
}
function change(values) { Object.assign(state, values); scheduled(showAll); }

let playing = 0;
function play() {
  const button = byId("play");
  if (playing) { cancelAnimationFrame(playing); playing = 0; } else {
    if (state.step === T - 1) state.step = 0;
    const begin = performance.now(), from = state.step;
    const next = (now) => { // the whole text takes 20 s
      setStep(from + Math.floor(((now - begin) / 20000) * T));
      playing = state.step < T - 1 ? requestAnimationFrame(next) : 0;
      if (!playing) finish();
    };
    playing = requestAnimationFrame(next);
  }
  const finish = () => { button.textContent = playing ? "Stop" : "Play"; button.setAttribute("aria-pressed", playing !== 0); };
  finish();
}

function makeMap(policy, i) {
  const map = made("figure", "", "map"), canvas = made("canvas", ""), marks = made("canvas", ""), plate = made("button", "");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label",
    `Retention map of ${policy.label}: tokens to the right, steps downward; the tables below hold its numbers`);
  plate.type = "button";
  const stores = Math.abs(policy.means.stored - policy.budget) >= 1 ? `, stores ${Math.round(policy.means.stored)}` : "";
  plate.append(made("b", `${i + 1} ${policy.title}`), made("br", ""), `${policy.budget} slots${stores}`, made("br", ""),
    policy.means.mass === null ? "" : `mass ${policy.means.mass.toFixed(3)}`);
  plate.addEventListener("click", () => change({ focus: i }));
  const at = (event) => {
    const box = canvas.getBoundingClientRect(), g = geometry[i];
    const x = (event.clientX - box.left) * (g.width / box.width), y = (event.clientY - box.top) * (g.height / box.height);
    const inGutter = x >= g.gutterLeft && x < g.gutterLeft + g.gutter;
    const token = Math.floor(inGutter ? ((x - g.gutterLeft) / g.gutter) * sinkTokens : ((x - g.left) / g.columns) * T);
    return { token: within(token, T - 1), step: within(Math.floor(((y - g.top) / g.rows) * T), T - 1) };
  };
  canvas.addEventListener("pointermove", (event) => {
    const { token } = at(event);
    if (token === null) hideCard(); else showCard(token, event.clientX, event.clientY);
  });
  canvas.addEventListener("pointerleave", hideCard);
  canvas.addEventListener("click", (event) => {
    const { token, step } = at(event);
    change({ token: token ?? state.token, step: step ?? state.step, focus: i });
  });
  map.append(canvas, marks, plate);
  marksOf[i] = marks;
  return map;
}

function makeText() {
  const text = byId("text");
  spans = data.prose.map((part, token) => {
    if (data.gaps[token]) text.append(data.gaps[token]);
    if (part === null) return null;
    const span = made("span", part.replace(/\n/g, "↵\n"));
    span.dataset.token = token;
    if (/^‹-?\d+›$/.test(part)) span.dataset.special = "1";
    text.append(span);
    return span;
  });
  const tokenAt = (event) => within(Number(event.target.dataset.token ?? NaN), T - 1);
  text.addEventListener("pointermove", (event) => {
    const token = tokenAt(event);
    if (token === null) hideCard(); else showCard(token, event.clientX, event.clientY);
  });
  text.addEventListener("pointerleave", hideCard);
  text.addEventListener("click", (event) => { const token = tokenAt(event); if (token !== null) change({ token }); });
  text.addEventListener("dblclick", (event) => { const token = tokenAt(event); if (token !== null) setStep(token); });
}

function makeDeck() {
  const deck = byId("deck");
  let scrubbing = false;
  const at = (event) => {
    const box = deck.getBoundingClientRect(), g = deckGeometry(deck);
    const x = (event.clientX - box.left) * (g.width / box.width), y = (event.clientY - box.top) * (g.width / box.width);
    const token = Math.min(T - 1, Math.max(0, Math.floor(((x - g.left) / g.columns) * T)));
    return { token, strip: Math.floor(y / g.pitch), onRuler: y >= g.strips };
  };
  deck.addEventListener("pointerdown", (event) => {
    const { token, strip, onRuler } = at(event);
    scrubbing = onRuler || event.pointerType === "touch";
    if (!scrubbing) return change({ token, focus: within(strip, policies.length - 1) ?? state.focus });
    deck.setPointerCapture(event.pointerId);
    setStep(token);
  });
  deck.addEventListener("pointermove", (event) => {
    const { token } = at(event);
    if (scrubbing) setStep(token); else showCard(token, event.clientX, event.clientY);
  });
  for (const end of ["pointerup", "pointercancel"]) deck.addEventListener(end, () => { scrubbing = false; });
  deck.addEventListener("pointerleave", hideCard);
}

function makeControls() {
  const option = (value, text) => Object.assign(made("option", text), { value });
  policies.forEach((policy, i) => {
    byId("focus").append(option(i, `${i + 1} ${policy.label}`));
    byId("reference").append(option(i, `${i + 1} ${policy.label}`));
  });
  byId("lanes").append(option("all", "all lanes"));
  data.layers.forEach((layer) => {
    byId("lanes").append(option(`${layer}`, `layer ${layer}`));
    for (let head = 0; head < data.heads; ++head)
      byId("lanes").append(option(`${layer}.${head}`, `layer ${layer}, head ${head}`));
  });
  byId("step").max = T - 1;
  byId("step").addEventListener("input", (event) => setStep(+event.target.value));
  byId("focus").addEventListener("change", (event) => change({ focus: +event.target.value }));
  byId("reference").addEventListener("change", (event) => change({ reference: +event.target.value, difference: true }));
  byId("difference").addEventListener("change", (event) => change({ difference: event.target.checked }));
  byId("lanes").addEventListener("change", (event) => change({ choice: choiceOf(event.target.value) }));
  byId("play").addEventListener("click", play);
  byId("theme").addEventListener("click", () => {
    setTheme(document.documentElement.dataset.theme !== "dark");
    scheduled(showAll);
  });
  byId("tokens").addEventListener("toggle", () => { if (byId("tokens").open) showTokenTable(); });
  for (const row of document.querySelectorAll("#numbers tr[data-policy]")) {
    row.querySelector("th").prepend(swatch(+row.dataset.policy));
    row.addEventListener("click", () => change({ focus: +row.dataset.policy }));
  }
}

function onKey(event) {
  const target = event.target, typing = target.matches("select, textarea, input:not([type=range]):not([type=checkbox])");
  if (typing || event.ctrlKey || event.metaKey) return;
  const digit = /^Digit([1-9])$/.exec(event.code), policy = digit ? within(+digit[1] - 1, policies.length - 1) : null;
  const far = event.shiftKey ? 16 : 1;
  const moves = { ArrowLeft: state.step - far, ArrowRight: state.step + far, Home: 0, End: T - 1 };
  if (event.key in moves) setStep(moves[event.key]);
  else if (event.key === " " && !target.matches("button, summary, input[type=checkbox]")) play();
  else if (policy !== null) change(event.altKey ? { reference: policy, difference: true } : { focus: policy });
  else if (event.altKey) return;
  else if (event.key === "d" || event.key === "D") change({ difference: !state.difference });
  else if (event.key === "t" || event.key === "T") byId("theme").click();
  else if (event.key === "Escape") { hideCard(); change({ token: null }); }
  else return;
  event.preventDefault();
}

function begin() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  setTheme(dark.matches);
  dark.addEventListener("change", (event) => { setTheme(event.matches); scheduled(showAll); });
  byId("view").hidden = false;
  byId("maps").append(...policies.map(makeMap));
  makeText();
  makeDeck();
  makeControls();
  takeLook(data.look);
  takeLook(lookOfAddress());
  document.addEventListener("keydown", onKey);
  addEventListener("hashchange", () => { takeLook(lookOfAddress()); scheduled(showAll); });
  new ResizeObserver(() => scheduled(showAll)).observe(byId("maps"));
  showAll();
}
begin();
