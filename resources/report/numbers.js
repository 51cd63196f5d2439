// SPDX-License-Identifier: GPL-3.0-or-later
// What the page holds, as arrays, and what follows from it: which lanes keep a token after a step.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const T = data.tokens;

function bytesOf(base64) {
  const raw = atob(base64), bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; ++i) bytes[i] = raw.charCodeAt(i);
  return bytes;
}
const floatsOf = (base64) => (base64 ? new Float32Array(bytesOf(base64).buffer) : null);

/** "Never" is the largest number, so that every step lies below it. */
function lifetimesOf({ bytes, base64 }) {
  const buffer = bytesOf(base64).buffer;
  return bytes === 2 ? new Uint16Array(buffer) : new Uint32Array(buffer);
}

const policies = data.policies.map((policy) => ({
  ...policy,
  evict: lifetimesOf(policy.evictStep),
  mass: floatsOf(policy.mass),
  error: floatsOf(policy.error),
  logprob: floatsOf(policy.logprob),
  kl: floatsOf(policy.kl),
  read: policy.read ? bytesOf(policy.read) : null,
  pages: policy.pageTokens ? Math.ceil(T / policy.pageTokens) : 0,
}));

/** The lanes of a policy that the choice is about: {layer, head}, null = all of them. A KV head stands for its query heads. */
function lanesOf(policy, choice) {
  const lanes = [], windows = [];
  const group = policy.lanes % data.heads === 0 ? Math.max(1, policy.lanes / data.heads) : 1;
  for (let layer = 0; layer < data.layers.length; ++layer)
    for (let lane = 0; lane < policy.lanes; ++lane) {
      if (choice.layer !== null && layer !== choice.layer) continue;
      if (choice.head !== null && Math.floor(lane / group) !== choice.head) continue;
      lanes.push(layer * policy.lanes + lane);
      windows.push(data.windows[layer]);
    }
  return { lanes, windows, limited: windows.some((window) => window > 0) };
}

/** Lanes of two policies that hold the same KV head. */
function pairsOf(policy, reference, choice) {
  const firstIsFiner = policy.lanes >= reference.lanes;
  const fine = firstIsFiner ? policy : reference, coarse = firstIsFiner ? reference : policy;
  const chosen = lanesOf(fine, choice);
  const partners = chosen.lanes.map((lane) =>
    Math.floor(lane / fine.lanes) * coarse.lanes + Math.floor((lane % fine.lanes) * coarse.lanes / fine.lanes));
  return { ...chosen, first: firstIsFiner ? chosen.lanes : partners, second: firstIsFiner ? partners : chosen.lanes };
}

const reaches = (window, age) => window === 0 || age < window - 1;
const inReach = (choice, age) => choice.windows.reduce((count, window) => count + (reaches(window, age) ? 1 : 0), 0);

function readsPage(policy, lane, page, step) {
  const bytes = Math.ceil(policy.pages / 8);
  return (policy.read[(lane * T + step) * bytes + (page >> 3)] >> (7 - (page & 7))) & 1;
}

/** Whether the lane shows the token after the step: stored, or, of selections, attended to. */
function shows(policy, lane, token, step) {
  if (token > step) return false;
  const left = policy.evict[lane * T + token];
  return policy.read ? left >= step && readsPage(policy, lane, Math.floor(token / policy.pageTokens), step) === 1 : left > step;
}

/** How many of the lanes show each token after the step. */
function countKept(policy, lanes, step) {
  const kept = new Uint16Array(T);
  for (const lane of lanes)
    if (policy.read) {
      for (let token = 0; token <= step; ++token) kept[token] += shows(policy, lane, token, step) ? 1 : 0;
    } else {
      const from = lane * T;
      for (let token = 0; token <= step; ++token) if (policy.evict[from + token] > step) ++kept[token];
    }
  return kept;
}

/** Slots stored after the step: their mean over the lanes, and the bytes of their keys and values. */
function storedAt(policy, lanes, step) {
  let slots = 0, bytes = 0;
  for (const lane of lanes) {
    let stored = 0;
    for (let token = 0; token <= step; ++token) if (policy.evict[lane * T + token] > step) ++stored;
    slots += stored;
    bytes += stored * data.slotBytes[Math.floor(lane / policy.lanes)];
  }
  return { slots: slots / lanes.length, bytes };
}

/** A metric at a step, [layers, T] means over lanes: of the chosen layer, or of all. */
function metricAt(values, choice, step) {
  if (!values) return NaN;
  let sum = 0, count = 0;
  for (let layer = 0; layer < data.layers.length; ++layer) {
    if (choice.layer !== null && layer !== choice.layer) continue;
    const value = values[layer * T + step];
    if (!Number.isNaN(value)) { sum += value; ++count; }
  }
  return sum / count;
}

function isByRule(policy, token, step) {
  const rule = policy.byRule;
  return rule.everything || token < rule.sinks || step - token < rule.recent || token >= rule.from || step < policy.choosesFrom;
}

/** 0…126: 0 iff none, 126 iff all. */
function shareByte(kept, lanes) {
  if (kept <= 0 || lanes <= 0) return 0;
  if (kept >= lanes) return 126;
  return Math.min(125, Math.max(1, Math.floor((252 * kept + lanes) / (2 * lanes))));
}
/** 0…15 likewise. */
function fifteenths(count, lanes) {
  if (count <= 0 || lanes <= 0) return 0;
  if (count >= lanes) return 15;
  return Math.min(14, Math.max(1, Math.floor((30 * count + lanes) / (2 * lanes))));
}

// Codes of cells, ordered: of several tokens a place shows the largest. Shares: 2 + 2 · share + (1 if by choice).
// Differences: 2 + 256 · (this + reference) + 16 · both + this, in fifteenths.
const UNREAD = 0, OUT_OF_REACH = 1;

function shareCode(policy, choice, kept, token, step) {
  if (token > step || step >= policy.stepsDone) return UNREAD;
  const lanes = choice.limited ? inReach(choice, step - token) : choice.lanes.length;
  if (lanes === 0) return OUT_OF_REACH;
  return 2 + 2 * shareByte(kept, lanes) + (isByRule(policy, token, step) ? 0 : 1);
}

/** Of a token that so many pairs show in this policy only, in the reference only, in both. */
function differenceCode(pairs, own, other, both, token, step) {
  if (token > step) return UNREAD;
  const lanes = pairs.limited ? inReach(pairs, step - token) : pairs.lanes.length;
  if (lanes === 0) return OUT_OF_REACH;
  const here = fifteenths(own, lanes);
  return 2 + 256 * (here + fifteenths(other, lanes)) + 16 * fifteenths(both, lanes) + here;
}

function differenceAt(policy, reference, pairs, token, step) {
  let own = 0, other = 0, both = 0;
  for (let i = 0; i < pairs.lanes.length; ++i) {
    if (!reaches(pairs.windows[i], step - token)) continue;
    const here = shows(policy, pairs.first[i], token, step), there = shows(reference, pairs.second[i], token, step);
    if (here && there) ++both;
    else if (here) ++own;
    else if (there) ++other;
  }
  return differenceCode(pairs, own, other, both, token, step);
}

const wordOf = (token) => data.words[token] ?? data.prose[token] ?? "";
