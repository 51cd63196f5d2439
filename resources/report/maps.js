// SPDX-License-Identifier: GPL-3.0-or-later
// Retention maps and deck: cells as core/analysis/retention.h and difference.h define them, painted on canvases.

/** Columns of tokens, rows of steps. Column x shows the tokens from firstToken(x) to before firstToken(x + 1), at least one. */
function rasterOf(tokenBegin, tokenEnd, columns, rows) {
  const firstToken = (x) => Math.floor(tokenBegin + (x * (tokenEnd - tokenBegin)) / columns);
  const first = Int32Array.from({ length: rows + 1 }, (_, y) => Math.floor((y * T) / rows));
  return {
    tokenBegin, tokenEnd, columns, rows, firstToken,
    endToken: (x) => Math.min(tokenEnd, Math.max(firstToken(x) + 1, firstToken(x + 1))),
    firstStep: (y) => first[y],
    endStep: (y) => Math.min(T, Math.max(first[y] + 1, first[y + 1])),
  };
}

/** For every step how many rows begin before it. */
function rowsBefore(raster) {
  const before = new Uint16Array(T + 1);
  for (let step = 0, row = 0; step <= T; ++step) {
    while (row < raster.rows && raster.firstStep(row) < step) ++row;
    before[step] = row;
  }
  return before;
}

function columnsOf(raster) {
  const begin = new Uint16Array(raster.tokenEnd).fill(65535), end = new Uint16Array(raster.tokenEnd);
  for (let x = 0; x < raster.columns; ++x)
    for (let token = raster.firstToken(x); token < raster.endToken(x); ++token) {
      begin[token] = Math.min(begin[token], x);
      end[token] = x + 1;
    }
  return { begin, end };
}

/** Codes of all cells. `ends(token, i)`: the step at whose end pair or lane i loses the token, for each of `kinds`; `code(counts,
 *  token, step)`. A token is taken after the row's first step, or its own where it is read inside the row. */
function planeByEnds(raster, size, kinds, ends, code) {
  const { columns, rows } = raster, cells = new Uint16Array(columns * rows);
  const before = rowsBefore(raster), place = columnsOf(raster);
  const leaving = Array.from({ length: kinds }, () => new Int32Array(rows + 1)), kept = new Int32Array(kinds);
  for (let token = raster.tokenBegin; token < raster.tokenEnd; ++token) {
    leaving.forEach((rowsOf) => rowsOf.fill(0));
    for (let i = 0; i < size; ++i)
      for (let kind = 0; kind < kinds; ++kind) {
        const end = ends(token, i, kind);
        ++leaving[kind][end <= token ? 0 : end >= T ? rows : before[end]];
      }
    kept.fill(0);
    for (let row = rows - 1; row >= 0; --row) {
      for (let kind = 0; kind < kinds; ++kind) kept[kind] += leaving[kind][row + 1];
      if (raster.endStep(row) <= token) break;
      const value = code(kept, token, Math.max(raster.firstStep(row), token));
      for (let x = place.begin[token]; x < place.end[token]; ++x)
        if (value > cells[row * columns + x]) cells[row * columns + x] = value;
    }
  }
  return cells;
}

/** The same by asking at every row, for selections, from which nothing leaves. */
function planeBySteps(raster, code) {
  const { columns, rows } = raster, cells = new Uint16Array(columns * rows), place = columnsOf(raster);
  for (let row = 0; row < rows; ++row)
    for (let token = raster.tokenBegin; token < Math.min(raster.tokenEnd, raster.endStep(row)); ++token) {
      const value = code(token, Math.max(raster.firstStep(row), token));
      for (let x = place.begin[token]; x < place.end[token]; ++x)
        if (value > cells[row * columns + x]) cells[row * columns + x] = value;
    }
  return cells;
}

function sharePlane(policy, choice, raster) {
  if (policy.read)
    return planeBySteps(raster, (token, step) => {
      const keeps = (lane, i) => reaches(choice.windows[i], step - token) && shows(policy, lane, token, step);
      const kept = choice.lanes.filter(keeps).length;
      return shareCode(policy, choice, kept, token, step);
    });
  const ends = (token, i) => {
    const left = policy.evict[choice.lanes[i] * T + token], window = choice.windows[i];
    return window > 0 ? Math.min(left, token + window - 1) : left;
  };
  const code = (kept, token, step) => shareCode(policy, choice, kept[0], token, step);
  return planeByEnds(raster, choice.lanes.length, 1, ends, code);
}

function differencePlane(policy, reference, pairs, raster) {
  if (policy.read || reference.read)
    return planeBySteps(raster, (token, step) => differenceAt(policy, reference, pairs, token, step));
  const ends = (token, i, kind) => {
    let end = kind === 1 ? T : policy.evict[pairs.first[i] * T + token];
    if (kind > 0) end = Math.min(end, reference.evict[pairs.second[i] * T + token]);
    return pairs.windows[i] > 0 ? Math.min(end, token + pairs.windows[i] - 1) : end;
  };
  return planeByEnds(raster, pairs.lanes.length, 3, ends, (kept, token, step) =>
    differenceCode(pairs, kept[0] - kept[2], kept[1] - kept[2], kept[2], token, step));
}

/** Puts cells on a canvas. `quietBefore`: steps before it are where nothing had to go yet. */
function paintPlane(context, cells, raster, colorOf, palette, quietBefore, left, top) {
  const image = context.createImageData(raster.columns, raster.rows), pixels = new Uint32Array(image.data.buffer);
  for (let row = 0; row < raster.rows; ++row) {
    const quiet = raster.endStep(row) - 1 < quietBefore;
    for (let x = 0; x < raster.columns; ++x) {
      const code = cells[row * raster.columns + x];
      let color = colorOf(code);
      if (code === OUT_OF_REACH && (row + x) % 6 === 0) color = palette.line;
      if (quiet && code > OUT_OF_REACH) color = row % 6 === 0 && x % 6 === 0 ? palette.dot : palette.none;
      pixels[row * raster.columns + x] = color;
    }
  }
  context.putImageData(image, left, top);
}

const sinkTokens = Math.min(T, 8, Math.max(4, ...policies.map((policy) => policy.byRule.sinks)));

/** Where the parts of a map lie, in device pixels. */
function mapGeometry(canvas) {
  const ratio = devicePixelRatio || 1, px = (size) => Math.round(size * ratio);
  const box = canvas.getBoundingClientRect();
  const width = Math.max(px(120), px(box.width)), height = Math.max(px(90), px(box.height));
  const gutter = px(5) * sinkTokens, left = px(34) + gutter + px(4), top = px(5), bottom = px(30);
  const columns = width - left - px(6), rows = height - top - bottom;
  return { px, width, height, gutter, gutterLeft: px(34), left, top, columns, rows };
}

function ticksOf(count, most) {
  const step = [1, 2, 5].flatMap((digit) => [0, 1, 2, 3, 4, 5].map((power) => digit * 10 ** power)).sort((a, b) => a - b)
    .find((size) => count / size <= most) ?? count;
  return Array.from({ length: Math.floor((count - 1) / step) + 1 }, (_, i) => i * step);
}

/** The picture of one policy: map, gutter of the sinks, rug of the last step, axes. `reference`: null without a difference. */
function paintMap(canvas, policy, reference, choice, palette) {
  const g = mapGeometry(canvas), context = canvas.getContext("2d");
  canvas.width = g.width;
  canvas.height = g.height;
  const pairs = reference ? pairsOf(policy, reference, choice) : null;
  const lanes = lanesOf(policy, choice);
  const colorOf = reference ? palette.difference : palette.share;
  const cellsOf = (raster) => (reference ? differencePlane(policy, reference, pairs, raster) : sharePlane(policy, lanes, raster));
  const quiet = reference ? Math.min(policy.choosesFrom, reference.choosesFrom) : policy.choosesFrom;
  const main = rasterOf(0, T, g.columns, g.rows), sinks = rasterOf(0, sinkTokens, g.gutter, g.rows);
  paintPlane(context, cellsOf(main), main, colorOf, palette, quiet, g.left, g.top);
  paintPlane(context, cellsOf(sinks), sinks, colorOf, palette, quiet, g.gutterLeft, g.top);
  const rug = codesAt(policy, reference, choice, T - 1);
  paintStrip(context, rug, main, colorOf, palette, g.left, g.top + g.rows + g.px(3), g.px(4));
  context.fillStyle = context.strokeStyle = palette.muted;
  context.lineWidth = g.px(1);
  context.beginPath(); // where tokens are read
  context.moveTo(g.left, g.top);
  context.lineTo(g.left + g.columns, g.top + g.rows);
  context.stroke();
  context.font = `${g.px(10)}px "Noto Sans", sans-serif`;
  context.textAlign = "center";
  for (const tick of ticksOf(T, g.columns / g.px(60))) {
    const x = Math.min(g.left + ((tick + 0.5) * g.columns) / T, g.width - g.px(16));
    context.fillText(tick.toLocaleString("en"), x, g.height - g.px(8));
  }
  context.textAlign = "right";
  for (const tick of ticksOf(T, g.rows / g.px(28))) {
    const y = g.top + Math.max(g.px(7), g.px(4) + ((tick + 0.5) * g.rows) / T);
    context.fillText(tick.toLocaleString("en"), g.gutterLeft - g.px(3), y);
  }
  if (data.prompt > 0 && data.prompt < T) {
    const y = g.top + Math.round((data.prompt * g.rows) / T);
    context.setLineDash([g.px(4), g.px(3)]);
    context.beginPath();
    context.moveTo(g.left, y);
    context.lineTo(g.left + g.columns, y);
    context.stroke();
    context.setLineDash([]);
    context.fillText("end of prompt", g.left + g.columns - g.px(2), y - g.px(3));
  }
  return g;
}

/** Lines over a map: step, token, marks. */
function paintMarks(canvas, g, state, palette) {
  const context = canvas.getContext("2d");
  canvas.width = g.width;
  canvas.height = g.height;
  const x = (token) => g.left + ((token + 0.5) * g.columns) / T, y = g.top + ((state.step + 0.5) * g.rows) / T;
  context.strokeStyle = context.fillStyle = palette.ink;
  context.lineWidth = g.px(1.5);
  context.beginPath();
  context.moveTo(g.gutterLeft, y);
  context.lineTo(g.left + g.columns, y);
  context.stroke();
  if (state.token !== null) {
    context.lineWidth = g.px(1);
    context.setLineDash([g.px(3), g.px(3)]);
    context.beginPath();
    context.moveTo(x(state.token), g.top);
    context.lineTo(x(state.token), g.top + g.rows);
    context.stroke();
    context.setLineDash([]);
  }
  for (const mark of data.look.marks) {
    const begin = x(mark.begin - 0.5), width = Math.max(g.px(3), x(mark.end - 0.5) - begin);
    for (const top of [g.top - g.px(4), g.top + g.rows]) context.fillRect(begin, top, width, g.px(3));
  }
}

/** Codes of every token after one step. */
function codesAt(policy, reference, choice, step) {
  const codes = new Uint16Array(T);
  if (reference) {
    const pairs = pairsOf(policy, reference, choice);
    for (let token = 0; token <= step; ++token) codes[token] = differenceAt(policy, reference, pairs, token, step);
  } else {
    const lanes = lanesOf(policy, choice), kept = countKept(policy, lanes.lanes, step);
    for (let token = 0; token <= step; ++token) codes[token] = shareCode(policy, lanes, kept[token], token, step);
  }
  return codes;
}

function paintStrip(context, codes, raster, colorOf, palette, left, top, height) {
  const image = context.createImageData(raster.columns, height), pixels = new Uint32Array(image.data.buffer);
  for (let x = 0; x < raster.columns; ++x) {
    let code = UNREAD;
    for (let token = raster.firstToken(x); token < raster.endToken(x); ++token) code = Math.max(code, codes[token]);
    const color = code === UNREAD ? palette.page : colorOf(code);
    for (let row = 0; row < height; ++row) pixels[row * raster.columns + x] = color;
  }
  context.putImageData(image, left, top);
}

function deckGeometry(canvas) {
  const ratio = devicePixelRatio || 1, px = (size) => Math.round(size * ratio);
  const width = Math.max(px(160), px(canvas.getBoundingClientRect().width)), left = px(width / ratio > 600 ? 110 : 76);
  const pitch = px(14), strips = policies.length * pitch;
  return { px, width, left, columns: width - left - px(8), pitch, strips, height: strips + px(20) };
}

/** A strip for every policy, the ruler, the playhead. `codes`: of each policy. */
function paintDeck(canvas, codes, state, palette) {
  const g = deckGeometry(canvas);
  canvas.width = g.width;
  canvas.height = g.height;
  const context = canvas.getContext("2d"), raster = rasterOf(0, T, g.columns, 1);
  context.font = `${g.px(11)}px "Noto Sans", sans-serif`;
  codes.forEach((one, i) => {
    const colorOf = state.difference && i !== state.reference ? palette.difference : palette.share;
    paintStrip(context, one, raster, colorOf, palette, g.left, i * g.pitch, g.pitch - g.px(2));
    context.fillStyle = i === state.focus ? palette.ink : palette.muted;
    context.fillText(`${i + 1} ${policies[i].title}`, 0, i * g.pitch + g.px(10), g.left - g.px(6));
  });
  context.fillStyle = palette.muted;
  context.textAlign = "center";
  for (const tick of ticksOf(T, g.columns / g.px(80))) {
    const x = g.left + ((tick + 0.5) * g.columns) / T;
    context.fillRect(x, g.strips, g.px(1), g.px(4));
    context.fillText(tick.toLocaleString("en"), Math.min(x, g.width - g.px(16)), g.strips + g.px(15));
  }
  const x = g.left + ((state.step + 0.5) * g.columns) / T;
  context.fillStyle = palette.ink;
  context.fillRect(x - g.px(0.5), 0, g.px(1.5), g.strips);
  context.beginPath();
  context.moveTo(x - g.px(6), g.strips + g.px(10));
  context.lineTo(x + g.px(6), g.strips + g.px(10));
  context.lineTo(x, g.strips);
  context.fill();
  if (state.token !== null) {
    const at = g.left + ((state.token + 0.5) * g.columns) / T;
    context.fillStyle = palette.accent;
    context.fillRect(at - g.px(0.5), 0, g.px(1), g.strips);
  }
  return g;
}
