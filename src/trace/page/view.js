// What is seen of it: the range of time, the rows, and how they are drawn. A row is drawn pixel by pixel where its parts are
// narrower than one: what is drawn is bounded by the size of the window, not by the number of events.

const RULER = 26, ROW = 24, HEAD = 28, RIGHT = 18;

class View {
  constructor(model, canvas, scroll, spacer) {
    Object.assign(this, { model, canvas, scroll, spacer, context: canvas.getContext("2d") });
    this.chosen = null; this.hovered = null; this.marked = null; this.found = null; this.drawn = { rectangles: 0, looks: 0 };
    this.begin = model.begin; this.end = model.end;
    this.arrange();
    this.fit();
  }

  // Rows from top to bottom, with a head for each group.
  arrange() {
    this.items = [];
    let top = 0;
    for (const group of this.model.groups) {
      const rows = this.found ? group.rows.filter(r => this.found.has(r)) : group.rows;
      if (!rows.length) continue;
      this.items.push({ group, top, height: HEAD });
      top += HEAD;
      for (const row of rows) { this.items.push({ row, top, height: ROW }); top += ROW; }
    }
    this.places = new Map(this.items.filter(i => i.row).map(i => [i.row, i]));
    this.height = top;
    this.resize();
  }
  resize() {
    const ratio = window.devicePixelRatio || 1;
    this.width = this.scroll.clientWidth; this.high = this.scroll.clientHeight;
    this.left = Math.round(Math.min(260, Math.max(104, this.width * 0.2)));
    this.canvas.width = Math.round(this.width * ratio); this.canvas.height = Math.round(this.high * ratio);
    this.canvas.style.width = this.width + "px"; this.canvas.style.height = this.high + "px";
    this.spacer.style.height = Math.max(0, this.height + RULER + 8 - this.high) + "px";
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.later();
  }
  get plot() { return Math.max(10, this.width - this.left - RIGHT); }
  x(t) { return this.left + (t - this.begin) / (this.end - this.begin) * this.plot; }
  t(x) { return this.begin + (x - this.left) / this.plot * (this.end - this.begin); }

  fit() { this.show(this.model.begin, this.model.end); }
  show(begin, end) {
    const whole = this.model.end - this.model.begin;
    const least = Math.min(whole, Math.max(0.01, this.model.end * 1e-12));
    let length = Math.min(whole, Math.max(least, end - begin));
    let from = (begin + end) / 2 - length / 2;
    from = Math.max(this.model.begin, Math.min(this.model.end - length, from));
    this.begin = from; this.end = from + length;
    this.later();
  }
  zoom(factor, at = (this.begin + this.end) / 2) { this.show(at - (at - this.begin) * factor, at + (this.end - at) * factor); }
  pan(pixels) { const d = pixels / this.plot * (this.end - this.begin); this.show(this.begin + d, this.end + d); }
  // So that a part can be seen: something around it, and its row in the window.
  showPart({ row, i }) {
    const length = Math.max(row.end[i] - row.begin[i], (this.end - this.begin) / this.plot);
    this.show(row.begin[i] - length / 2, row.end[i] + length / 2);
    this.reveal(row, i);
  }
  reveal(row, i) {
    const place = this.places.get(row);
    if (!place) return;
    const top = this.scroll.scrollTop;
    if (place.top < top) this.scroll.scrollTop = place.top - HEAD;
    else if (place.top + ROW + RULER > top + this.high) this.scroll.scrollTop = place.top + ROW + RULER - this.high + 8;
    if (row.end[i] < this.begin || row.begin[i] > this.end) {
      const half = (this.end - this.begin) / 2, middle = (row.begin[i] + row.end[i]) / 2;
      this.show(middle - half, middle + half);
    }
    this.later();
  }

  // The item at a height, the part at a place; a part too narrow to point at is found within two pixels.
  itemAt(y) {
    if (y < RULER) return null;
    const at = y - RULER + this.scroll.scrollTop;
    const i = firstWhere(0, this.items.length, k => this.items[k].top + this.items[k].height > at);
    return this.items[i] || null;
  }
  partAt(x, y) {
    const row = this.itemAt(y)?.row;
    if (!row || x < this.left) return null;
    const near = this.t(x + 2);
    let best = null;
    for (let i = row.firstEndingAfter(this.t(x - 2)), looks = 0; i < row.size && row.begin[i] <= near && looks < 64; ++i, ++looks) {
      const inside = row.begin[i] <= this.t(x) && this.t(x) < row.end[i];
      const narrow = this.x(row.end[i]) - this.x(row.begin[i]) < 4;
      const worth = (narrow ? 4 - row.kind[i] : 0) + (inside ? 1 : 0);
      if (!best || worth > best.worth) best = { row, i, worth };
    }
    return best && { row: best.row, i: best.i };
  }

  later() {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => { this.asked = 0; this.draw(); });
  }
  colours() {
    const style = getComputedStyle(document.documentElement);
    const names = ["back", "back-2", "line", "text", "text-2", "runs", "ready", "waits", "waits-text", "mark", "chosen", "found"];
    this.colour = Object.fromEntries(names.map(n => [n, style.getPropertyValue("--" + n).trim()]));
    this.later();
  }
  draw() {
    const began = performance.now();
    const c = this.context, top = this.scroll.scrollTop;
    this.drawn = { rectangles: 0, looks: 0, rows: 0 };
    c.fillStyle = this.colour.back;
    c.fillRect(0, 0, this.width, this.high);
    c.textBaseline = "middle";
    this.drawGrid(c);
    let k = firstWhere(0, this.items.length, n => this.items[n].top + this.items[n].height > top);
    for (; k < this.items.length && this.items[k].top - top + RULER < this.high; ++k) {
      const y = this.items[k].top - top + RULER;
      if (this.items[k].group) this.drawHead(c, this.items[k].group, y); else this.drawRow(c, this.items[k].row, y);
    }
    this.drawLinks(c, this.chosen || this.hovered);
    this.drawRuler(c);
    this.drawn.milliseconds = performance.now() - began;
  }
  rectangle(c, colour, x, y, w, h) { c.fillStyle = colour; c.fillRect(x, y, w, h); ++this.drawn.rectangles; }

  ticks() {
    const step = niceStep((this.end - this.begin) / Math.max(1, Math.floor(this.plot / 75)));
    const found = [];
    for (let n = Math.ceil((this.begin - 1e-9) / step); n * step <= this.end + 1e-9; ++n) found.push(n * step);
    return { step, found };
  }
  drawGrid(c) {
    c.fillStyle = this.colour.line;
    for (const t of this.ticks().found) c.fillRect(Math.round(this.x(t)), RULER, 1, this.high);
  }
  drawRuler(c) {
    this.rectangle(c, this.colour["back-2"], 0, 0, this.width, RULER);
    this.rectangle(c, this.colour.line, 0, RULER - 1, this.width, 1);
    c.font = FONT_SMALL; c.fillStyle = this.colour["text-2"]; c.textAlign = "center";
    const { step, found } = this.ticks();
    let free = this.left - 6;
    for (const t of found) {
      const text = timeText(t, step), half = c.measureText(text).width / 2;
      const x = Math.min(this.width - half - 4, Math.max(this.left + half - 6, this.x(t)));
      if (x - half < free) continue;
      c.fillText(text, x, RULER / 2);
      free = x + half + 10;
    }
    c.textAlign = "left";
    const shown = lengthText(this.end - this.begin);
    c.fillText(shown, 10, RULER / 2);
    if (this.marked) {
      c.globalAlpha = 0.25;
      const [a, b] = this.marked;
      this.rectangle(c, this.colour.runs, Math.min(a, b), 0, Math.abs(b - a), this.high);
      c.globalAlpha = 1;
    }
  }
  drawHead(c, group, y) {
    this.rectangle(c, this.colour["back-2"], 0, y, this.width, HEAD - 2);
    c.font = FONT_BOLD; c.fillStyle = this.colour.text;
    c.fillText(shortened(c, group.name, this.width - 20), 10, y + HEAD / 2 - 1);
  }
  drawRow(c, row, y) {
    ++this.drawn.rows;
    c.save();
    c.beginPath(); c.rect(this.left, y, this.plot + RIGHT, ROW); c.clip();
    this.drawParts(c, row, y);
    for (const m of row.marks) {
      if (m.ts < this.begin || m.ts > this.end) continue;
      const x = this.x(m.ts);
      this.rectangle(c, this.colour.back, x - 2.5, y + 1, 5, ROW - 3);
      this.rectangle(c, this.colour.mark, x - 1.5, y + 1, 3, ROW - 3);
    }
    c.restore();
    const lit = row === this.chosen?.row || row === this.hovered?.row;
    c.font = lit ? FONT_BOLD : FONT; c.fillStyle = this.found?.get(row)?.named ? this.colour.found : this.colour.text;
    c.fillText(shortened(c, row.label, this.left - 20), 10, y + ROW / 2);
  }
  drawParts(c, row, y) {
    const until = this.end, found = this.found?.get(row)?.parts;
    for (let i = row.firstEndingAfter(this.begin); i < row.size && row.begin[i] <= until;) {
      ++this.drawn.looks;
      const x = this.x(row.begin[i]), w = this.x(row.end[i]) - x;
      if (w >= 2) { this.drawPart(c, row, i, x, w, y, found?.has(i)); ++i; continue; }
      const pixel = Math.floor(x), after = this.t(pixel + 1);
      let next = Math.max(i + 1, row.firstBeginningAt(after, i));
      if (next - 1 > i && this.x(row.end[next - 1]) - pixel >= 2) --next;  // the last of them goes on: drawn as itself
      this.drawPixel(c, row, i, next, pixel, after, y);
      i = next;
    }
    for (const each of [this.hovered, this.chosen]) if (each?.row === row) this.drawFrame(c, each, y);
  }
  shape(kind, y) { return kind === RUNS ? [y + 2, ROW - 5] : kind === READY ? [y + 6, ROW - 13] : [y + 8, ROW - 17]; }
  drawPart(c, row, i, x, w, y, found) {
    const kind = row.kind[i];
    const from = Math.max(x, this.left - 2), to = Math.min(x + w, this.width + 2);
    const [top, height] = this.shape(kind, y);
    const gap = to - from > 4 ? 1 : 0;
    this.rectangle(c, found ? this.colour.found : this.colour[KINDS[kind]], from, top, to - from - gap, height);
    const text = row.events[i].name;
    if (kind !== WAITS || to - from < 30) return;
    c.font = FONT_SMALL;
    const label = shortened(c, text, to - from - 12), wide = c.measureText(label).width;
    if (label.length < 2) return;
    this.rectangle(c, this.colour.back, from + 4, y + 4, wide + 6, ROW - 8);
    c.fillStyle = found ? this.colour.found : this.colour["waits-text"];
    c.fillText(label, from + 7, y + ROW / 2);
  }
  // Many parts in one pixel: as dark as the task was busy in it.
  drawPixel(c, row, i, next, pixel, after, y) {
    const kind = row.runsBefore[next] > row.runsBefore[i] ? RUNS : row.readyBefore[next] > row.readyBefore[i] ? READY : WAITS;
    const busy = (row.timeBefore[next] - row.timeBefore[i]) / Math.max(after - row.begin[i], 1e-9);
    const [top, height] = this.shape(kind, y);
    if (kind === RUNS) c.globalAlpha = Math.min(1, 0.45 + 0.55 * busy + (next - i < 3 ? 0.55 : 0));
    this.rectangle(c, this.colour[KINDS[kind]], pixel, top, next - i === 1 ? 1.5 : 1, height);
    c.globalAlpha = 1;
  }
  drawFrame(c, { row, i }, y) {
    const x = Math.max(this.left - 2, this.x(row.begin[i])), to = Math.min(this.width + 2, this.x(row.end[i]));
    c.strokeStyle = this.colour.chosen; c.lineWidth = 1.5;
    c.strokeRect(x - 1.5, y + 1.5, Math.max(4, to - x + 2), ROW - 4);
  }
  // From who woke it; and to who awaits it.
  drawLinks(c, part) {
    if (!part) return;
    const { row, i } = part, args = row.events[i].args || {};
    this.drawLink(c, row, row.group.byId.get(args.woken_by_row), row.kind[i] === WAITS ? row.end[i] : row.begin[i], this.colour.ready);
    this.drawLink(c, row, row.group.byId.get(args.awaited_by), row.begin[i], this.colour["text-2"]);
  }
  drawLink(c, row, other, t, colour) {
    const a = this.places.get(row), b = this.places.get(other), x = Math.round(this.x(t)) + 0.5;
    if (!a || !b || a === b || x < this.left || x > this.width) return;
    const y = place => place.top - this.scroll.scrollTop + RULER + ROW / 2;
    c.strokeStyle = c.fillStyle = colour; c.lineWidth = 2;
    c.beginPath(); c.moveTo(x, y(b)); c.lineTo(x, y(a)); c.stroke();
    c.beginPath(); c.arc(x, y(b), 4, 0, 7); c.fill();
  }
}

const FAMILY = 'system-ui, "Segoe UI", "DejaVu Sans", sans-serif';
const FONT = "12px " + FAMILY, FONT_BOLD = "600 12px " + FAMILY, FONT_SMALL = "11px " + FAMILY;

function shortened(c, text, width) {
  if (c.measureText(text).width <= width) return text;
  const fits = firstWhere(1, text.length, n => c.measureText(text.slice(0, n) + "…").width > width) - 1;
  return fits > 0 ? text.slice(0, fits) + "…" : "";
}
function niceStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map(n => n * power).find(s => s >= least * 0.999);
}
const UNITS = [[1e6, "s"], [1e3, "ms"], [1, "µs"], [1e-3, "ns"]];
function timeText(t, step) {
  if (t === 0) return "0";
  const [unit, name] = UNITS.find(u => step >= u[0] * 0.0999) || UNITS[3];
  const digits = Math.max(0, Math.min(9, Math.ceil(-Math.log10(step / unit) - 1e-9)));
  return (t / unit).toFixed(digits) + " " + name;
}
function lengthText(t) {
  const [unit, name] = UNITS.find(u => t >= u[0] * 0.9995) || UNITS[3];
  return Number((t / unit).toPrecision(4)) + " " + name;
}
