// SPDX-License-Identifier: GPL-3.0-or-later
// What the page says in words: card, tables, text, and the sentence for screen readers. Text reaches the page as text only,
// never as HTML.

const referenceFor = (i) => (state.difference && i !== state.reference ? policies[state.reference] : null);
const laneCount = (policy) => lanesOf(policy, state.choice).lanes.length;

/** What became of a token in the chosen lanes, in words. */
function fateOf(policy, token) {
  const { lanes } = lanesOf(policy, state.choice), step = state.step;
  if (token > step) return "not read yet";
  const kept = lanes.reduce((count, lane) => count + (shows(policy, lane, token, step) ? 1 : 0), 0);
  const here = `${policy.read ? "read by" : "in"} ${kept} of ${lanes.length} lane${lanes.length === 1 ? "" : "s"}`;
  if (policy.read) return here;
  if (kept > 0) return here + (isByRule(policy, token, step) ? ", by rule" : "");
  const left = lanes.map((lane) => policy.evict[lane * T + token]), first = Math.min(...left), last = Math.max(...left);
  return first === last ? `left at ${grouped(first)}` : `left at ${grouped(first)}–${grouped(last)}`;
}
const quoted = (token) => `“${wordOf(token).replace(/\n/g, "↵").replace(/\t/g, "→")}”`;

function showCard(token, x, y) {
  const card = byId("card");
  card.replaceChildren(made("b", quoted(token)));
  const age = state.step - token;
  const when = age >= 0 ? `${grouped(age)} before step ${grouped(state.step)}` : "not read yet";
  card.append(made("span", `  token ${grouped(token)} · ${when}`));
  policies.forEach((policy, i) => {
    const line = made("div", "");
    line.append(made("span", `${i + 1} ${policy.title}`), made("span", fateOf(policy, token)));
    card.append(line);
  });
  card.hidden = false;
  const box = card.getBoundingClientRect();
  card.style.left = `${Math.max(4, x + 16 + box.width < innerWidth ? x + 16 : x - 16 - box.width)}px`;
  card.style.top = `${Math.max(4, y + 16 + box.height < innerHeight ? y + 16 : y - 16 - box.height)}px`;
}
const hideCard = () => { byId("card").hidden = true; };

function cells(row, values) { row.append(...values.map((value) => made("td", value))); return row; }
function headOf(names) {
  const head = made("thead", ""), row = made("tr", "");
  row.append(...names.map((name) => Object.assign(made("th", name), { scope: "col" })));
  head.append(row);
  return head;
}
function rowFor(i) {
  const row = document.createElement("tr"), head = made("th", "");
  head.scope = "row";
  head.append(swatch(i), made("span", `${i + 1} ${policies[i].label}`));
  row.append(head);
  row.className = i === state.focus ? "focus" : i === state.reference ? "reference" : "";
  row.dataset.policy = i;
  return row;
}
function swatch(i) {
  const mark = made("i", "", i >= 6 ? "swatch dashed" : "swatch");
  mark.style.background = `var(--policy-${i % 6})`;
  return mark;
}

function showNow() {
  const layered = state.choice.layer !== null ? " (of the layer)" : "", run = policies.some((policy) => policy.logprob);
  const names = ["policy", "stored", "bytes", `mass${layered}`, `error${layered}`];
  if (run) names.push("loss of this token", "KL");
  names.push("token");
  const body = made("tbody", "");
  policies.forEach((policy, i) => {
    const { slots, bytes } = storedAt(policy, lanesOf(policy, state.choice).lanes, state.step);
    const values = [decimals(slots, 1), sizeText(bytes), decimals(metricAt(policy.mass, state.choice, state.step), 4),
      decimals(metricAt(policy.error, state.choice, state.step), 4)];
    if (run) values.push(decimals(policy.logprob ? -policy.logprob[state.step] : NaN, 4));
    if (run) values.push(decimals(policy.kl ? policy.kl[state.step] : NaN, 4));
    values.push(fateOf(policy, state.token ?? state.step));
    body.append(cells(rowFor(i), values));
  });
  const token = state.token ?? state.step, lanes = byId("lanes").selectedOptions[0].textContent;
  const caption = made("caption", `At step ${grouped(state.step)}, ${lanes}; token ${grouped(token)} ${quoted(token)}`);
  byId("now").replaceChildren(caption, headOf(names), body);
  for (const row of document.querySelectorAll("#numbers tr[data-policy]"))
    row.className = +row.dataset.policy === state.focus ? "focus" : +row.dataset.policy === state.reference ? "reference" : "";
}

let saying = 0;
function say() { // a sentence for who does not see the maps, once the cursor rests
  clearTimeout(saying);
  saying = setTimeout(() => {
    const policy = policies[state.focus], token = state.token ?? state.step;
    const mass = decimals(metricAt(policy.mass, state.choice, state.step), 2);
    byId("said").textContent = `${policy.title}, ${policy.budget} slots, step ${grouped(state.step)}, mass ${mass}. ` +
      `Token ${grouped(token)} ${quoted(token)}: ${fateOf(policy, token)}.`;
    if (byId("tokens").open) showTokenTable();
  }, 150);
}

function showTokenTable() {
  const body = made("tbody", "");
  const count = policies.map((policy) => countKept(policy, lanesOf(policy, state.choice).lanes, state.step));
  for (let token = 0; token <= state.step; ++token) {
    const row = made("tr", ""), name = made("th", grouped(token));
    name.scope = "row";
    row.append(name, made("td", quoted(token)));
    body.append(cells(row, policies.map((policy, i) => `${count[i][token]} of ${laneCount(policy)}`)));
  }
  const head = headOf(["token", "text", ...policies.map((policy, i) => `${i + 1} ${policy.title}`)]);
  byId("tokenTable").replaceChildren(made("caption", `Lanes that keep each token after step ${grouped(state.step)}`), head, body);
}

function showText() {
  const own = codes[state.focus], colorOf = referenceFor(state.focus) ? palette.textDifference : palette.textShare;
  spans.forEach((span, token) => {
    if (!span) return;
    const box = token === state.step ? "step" : token === state.token ? "token" : "";
    const look = `${colorOf(own[token])}|${token > state.step ? "unread" : ""} ${box}`;
    if (shown[token] === look) return;
    shown[token] = look;
    const [ground, names] = look.split("|");
    span.style.background = ground;
    span.className = `${span.dataset.special ? "special " : ""}${names}`;
  });
  const against = referenceFor(state.focus) ? ` against ${policies[state.reference].label}` : "";
  byId("textOf").textContent = `${policies[state.focus].label}${against} at step ${grouped(state.step)}`;
  const span = spans[state.step], box = byId("text");
  if (span) box.scrollTop = span.offsetTop - 0.7 * box.clientHeight;
}
