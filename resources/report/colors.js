// SPDX-License-Identifier: GPL-3.0-or-later
// Colors by share, mixed in OKLab, from the stops that the style sheet names.

const LITTLE = 0xff000000; // opaque, as a canvas stores it: alpha, blue, green, red

function rgbOf(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}
function toLab(rgb) {
  const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s, 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s];
}
function fromLab([L, a, b]) {
  const l = (L + 0.3963377774 * a + 0.2158037573 * b) ** 3, m = (L - 0.1055613458 * a - 0.0638541728 * b) ** 3,
    s = (L - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s, -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s].map((v) => {
    const c = v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055;
    return Math.round(255 * Math.min(1, Math.max(0, c)));
  });
}
/** Sum of colors by weights that add up to 1. */
function mixed(colors, weights) {
  const lab = [0, 0, 0];
  colors.forEach((color, i) => toLab(color).forEach((value, k) => (lab[k] += value * weights[i])));
  return fromLab(lab);
}
function ramp(stops) {
  return Array.from({ length: 127 }, (_, i) => {
    const at = (i / 126) * (stops.length - 1), below = Math.min(Math.floor(at), stops.length - 2);
    return mixed([stops[below], stops[below + 1]], [1 - (at - below), at - below]);
  });
}
const packed = ([r, g, b]) => (LITTLE | (b << 16) | (g << 8) | r) >>> 0;
const cssOf = ([r, g, b]) => `rgb(${r},${g},${b})`;

/** Everything that the theme colors; made anew when it changes. */
function makePalette() {
  const style = getComputedStyle(document.documentElement);
  const list = (name) => style.getPropertyValue(name).trim().split(/\s+/).map(rgbOf);
  const one = (name) => list(name)[0];
  const choice = ramp(list("--choice")), rule = ramp(list("--rule")), four = list("--difference"), text = ramp(list("--text"));
  const panel = one("--panel"), textFour = [text[126], one("--text-reference"), one("--text-rule"), panel];
  const page = packed(one("--page"));
  const shares = new Uint32Array(2 + 2 * 127);
  shares[UNREAD] = shares[OUT_OF_REACH] = page;
  for (let share = 0; share < 127; ++share) {
    shares[2 + 2 * share] = packed(share === 0 ? choice[0] : rule[share]);
    shares[3 + 2 * share] = packed(choice[share]);
  }
  const known = new Map(), textKnown = new Map();
  const weightsOf = (code) => {
    const number = code - 2, own = number % 16, other = Math.floor(number / 256) - own, both = Math.floor(number / 16) % 16;
    const all = Math.max(15, own + other + both);
    return [own / all, other / all, both / all, Math.max(0, 15 - own - other - both) / all];
  };
  return {
    page, none: packed(choice[0]), dot: packed(rule[80]), line: packed(one("--line")), four,
    ink: cssOf(one("--ink")), muted: cssOf(one("--muted")), accent: style.getPropertyValue("--accent").trim(),
    policies: style.getPropertyValue("--policies").trim().split(/\s+/),
    choice, rule,
    share: (code) => shares[code],
    difference(code) {
      if (code <= OUT_OF_REACH) return page;
      if (!known.has(code)) known.set(code, packed(mixed(four, weightsOf(code))));
      return known.get(code);
    },
    /** Background of a token of the text; "" where there is none. */
    textShare(code) {
      const share = (code - 2) >> 1;
      if (code <= OUT_OF_REACH || share === 0) return "";
      return cssOf(code & 1 ? text[share] : mixed([panel, one("--text-rule")], [1 - share / 126, share / 126]));
    },
    textDifference(code) {
      if (code <= 2) return "";
      if (!textKnown.has(code)) textKnown.set(code, cssOf(mixed(textFour, weightsOf(code))));
      return textKnown.get(code);
    },
  };
}
