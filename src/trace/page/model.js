// What was recorded: Chrome trace events made into groups of rows, each row's parts in arrays, in the order of time.
// Times are in microseconds, as in the events.

const KINDS = ["runs", "ready", "waits"];
const RUNS = 0, READY = 1, WAITS = 2;

// Each text once: a search looks at each once, however many parts have it.
class Texts {
  constructor() { this.all = []; this.ids = new Map(); }
  id(text) {
    let id = this.ids.get(text);
    if (id === undefined) { id = this.all.length; this.ids.set(text, id); this.all.push(text); }
    return id;
  }
}

class Row {
  constructor(group, id, name) { Object.assign(this, { group, id, name, sort: id, events: [], marks: [] }); }
  get label() { return this.name; }

  // Sums of what comes before each part, so that thousands of parts in one pixel cost no more than one.
  seal(texts) {
    this.events.sort((a, b) => a.ts - b.ts);
    this.marks.sort((a, b) => a.ts - b.ts);
    const n = this.size = this.events.length;
    this.begin = new Float64Array(n); this.end = new Float64Array(n);
    this.kind = new Uint8Array(n); this.text = new Int32Array(n);
    this.runsBefore = new Uint32Array(n + 1); this.readyBefore = new Uint32Array(n + 1); this.timeBefore = new Float64Array(n + 1);
    this.events.forEach((e, i) => {
      this.begin[i] = e.ts; this.end[i] = e.ts + (e.dur || 0);
      const kind = this.kind[i] = Math.max(0, KINDS.indexOf(e.cat));
      this.text[i] = texts.id([e.name, ...(e.args?.stack || [])].join("\n"));
      this.runsBefore[i + 1] = this.runsBefore[i] + (kind === RUNS);
      this.readyBefore[i + 1] = this.readyBefore[i] + (kind === READY);
      this.timeBefore[i + 1] = this.timeBefore[i] + (kind === RUNS ? this.end[i] - this.begin[i] : 0);
    });
  }
  // The first part, from `from` on, that begins at t or later; and that ends after t.
  firstBeginningAt(t, from = 0) { return firstWhere(from, this.size, i => this.begin[i] >= t); }
  firstEndingAfter(t) { return firstWhere(0, this.size, i => this.end[i] > t); }
}

function firstWhere(low, high, holds) {
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle; else low = middle + 1;
  }
  return low;
}

class Model {
  constructor(trace) {
    const groups = new Map();
    this.texts = new Texts();
    const group = pid => {
      if (!groups.has(pid)) groups.set(pid, { pid, name: String(pid), sort: 0, rows: new Map() });
      return groups.get(pid);
    };
    const row = e => {
      const of = group(e.pid);
      if (!of.rows.has(e.tid)) of.rows.set(e.tid, new Row(of, e.tid, String(e.tid)));
      return of.rows.get(e.tid);
    };
    for (const e of Array.isArray(trace) ? trace : trace.traceEvents) {
      if (e.ph === "X") row(e).events.push(e);
      else if (e.ph === "i") row(e).marks.push(e);
      else if (e.ph === "M" && e.name === "process_name") group(e.pid).name = e.args.name;
      else if (e.ph === "M" && e.name === "process_sort_index") group(e.pid).sort = e.args.sort_index;
      else if (e.ph === "M" && e.name === "thread_name") row(e).name = e.args.name;
      else if (e.ph === "M" && e.name === "thread_sort_index") row(e).sort = e.args.sort_index;
    }
    this.groups = [...groups.values()].sort((a, b) => a.sort - b.sort);
    this.begin = Infinity; this.end = -Infinity; this.parts = 0;
    for (const each of this.groups) {
      each.byId = each.rows;
      each.rows = [...each.byId.values()].sort((a, b) => a.sort - b.sort);
      for (const r of each.rows) this.take(r);
    }
    if (!(this.begin < this.end)) { this.begin = Number.isFinite(this.begin) ? this.begin : 0; this.end = this.begin + 1; }
    this.title = trace.otherData?.title || "Timeline";
    this.dropped = Number(trace.otherData?.dropped || 0);
  }
  take(row) {
    row.seal(this.texts);
    this.parts += row.size;
    for (let i = 0; i < row.size; ++i) { this.begin = Math.min(this.begin, row.begin[i]); this.end = Math.max(this.end, row.end[i]); }
    for (const m of row.marks) { this.begin = Math.min(this.begin, m.ts); this.end = Math.max(this.end, m.ts); }
  }
  get rows() { return this.groups.flatMap(g => g.rows); }

  // From the part outwards: its own coroutines, then those of the task that awaits it, at that time, and so on.
  chain(row, i) {
    const found = [], seen = new Set();
    while (row && i < row.size && !seen.has(row)) {
      seen.add(row);
      const args = row.events[i].args || {};
      found.push({ row, stack: args.stack || [] });
      const outer = row.group.byId.get(args.awaited_by);
      if (!outer) break;
      i = outer.firstEndingAfter(row.begin[i]);
      while (i < outer.size && outer.kind[i] !== WAITS) ++i;
      row = outer;
    }
    return found;
  }
  // What has a text: rows by their names, parts by what they wait for and where.
  search(wanted) {
    const has = text => text.toLowerCase().includes(wanted);
    const texts = this.texts.all.map(has);
    const rows = new Map();
    for (const row of this.rows) {
      const named = has(row.name), parts = [];
      for (let i = 0; i < row.size; ++i) if (texts[row.text[i]]) parts.push(i);
      if (named || parts.length) rows.set(row, { named, parts: new Set(parts) });
    }
    return rows;
  }
}
