// The page: what is told of a part, and what mouse, fingers and keys do.

const $ = id => document.getElementById(id);
const element = (name, text, of) => { const made = document.createElement(name); made.textContent = text; if (of) made.className = of; return made; };

const model = new Model(JSON.parse($("data").textContent));
const view = new View(model, $("canvas"), $("scroll"), $("height"));

document.title = $("title").textContent = model.title;
const notes = [];
if (!model.parts) notes.push("Nothing was recorded.");
if (model.dropped) notes.push(`The recorder was full: ${model.dropped.toLocaleString("en")} events more were not recorded.`);
$("note").textContent = notes.join(" ");
$("note").hidden = !notes.length;

// What is told of a part

function says({ row, i }) {
  const name = row.events[i].name;
  return row.kind[i] === RUNS ? "runs" : row.kind[i] === READY ? "ready, but others run" : name === "waits" ? "waits" : "waits for " + name;
}
function fillTip(part) {
  const { row, i } = part, args = row.events[i].args || {}, tip = $("tip");
  tip.replaceChildren(element("h2", `${row.name}: ${says(part)}`));
  tip.append(element("p", `${lengthText(row.end[i] - row.begin[i])}, from ${lengthText(row.begin[i])} to ${lengthText(row.end[i])}`));
  if (args.woken_by) tip.append(element("p", `woken by ${args.woken_by}`));
  for (const m of row.marks) {
    if (m.ts >= row.begin[i] && m.ts <= row.end[i]) tip.append(element("p", `${m.name} at ${lengthText(m.ts)}`, "mark"));
  }
  if (args.ends) tip.append(element("p", `the task ${args.ends}`));
  const chain = model.chain(row, i);
  if (!chain.some(link => link.stack.length)) return;
  const list = tip.appendChild(document.createElement("ol"));
  chain.forEach((link, n) => {
    if (n > 0) list.append(element("li", `awaited by ${link.row.name}`, "task"));
    for (const frame of link.stack) {
      const [where, at] = frame.split("\t");
      const line = list.appendChild(element("li", where));
      if (at) line.append(element("small", at));
    }
  });
}
function showTip(part, x, y, pinned) {
  const tip = $("tip");
  tip.hidden = !part;
  if (!part) return;
  fillTip(part);
  tip.classList.toggle("pinned", pinned);
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(8, Math.min(innerWidth - box.width - 8, x + 14)) + "px";
  tip.style.top = (y + 18 + box.height < innerHeight - 8 ? y + 18 : Math.max(8, y - box.height - 12)) + "px";
}

function hover(part, x, y) {
  if (view.chosen || (part?.row === view.hovered?.row && part?.i === view.hovered?.i && !$("tip").hidden)) return;
  view.hovered = part;
  showTip(part, x, y, false);
  view.later();
}
function choose(part) {
  view.chosen = part;
  view.hovered = null;
  $("tip").hidden = true;
  if (part) {
    view.reveal(part.row, part.i);
    const box = $("canvas").getBoundingClientRect();
    const x = Math.max(view.left, Math.min(view.width - 20, view.x((part.row.begin[part.i] + part.row.end[part.i]) / 2)));
    const y = box.top + view.places.get(part.row).top - view.scroll.scrollTop + RULER + ROW / 2;
    showTip(part, x, y, true);
    $("told").textContent = $("tip").innerText;
  }
  view.later();
}

// Search

let hits = [], hit = -1;
function search() {
  const wanted = $("search").value.trim().toLowerCase();
  choose(null);
  view.found = wanted ? model.search(wanted) : null;
  view.scroll.scrollTop = 0;
  view.arrange();
  hits = []; hit = -1;
  for (const [row, { named, parts }] of view.found || []) {
    if (parts.size) for (const i of parts) hits.push({ row, i });
    else if (named && row.size) hits.push({ row, i: 0 });
  }
  hits.sort((a, b) => a.row.begin[a.i] - b.row.begin[b.i]);
  tellFound();
}
function tellFound() {
  $("found").textContent = !view.found ? "" : !view.found.size ? "nothing" : hit < 0 ? String(hits.length) : `${hit + 1}/${hits.length}`;
}
function next(step) {
  if (!hits.length) return;
  hit = (hit + step + hits.length) % hits.length;
  if (hit < 0) hit = hits.length - 1;
  choose(hits[hit]);
  tellFound();
}

// Keys

function step(rows, parts) {
  const rowsShown = [...view.places.keys()].filter(r => r.size);
  if (!rowsShown.length) return;
  if (!view.chosen) {
    if (parts) return view.pan(parts * view.plot / 5);
    const row = rows > 0 ? rowsShown[0] : rowsShown.at(-1);
    return choose({ row, i: Math.min(row.size - 1, row.firstEndingAfter(view.begin)) });
  }
  let { row, i } = view.chosen;
  if (parts) return choose({ row, i: Math.max(0, Math.min(row.size - 1, i + parts)) });
  const to = rowsShown[Math.max(0, Math.min(rowsShown.length - 1, rowsShown.indexOf(row) + rows))];
  if (to !== row) choose({ row: to, i: Math.min(to.size - 1, to.firstEndingAfter(row.begin[i])) });
}
const keys = {
  ArrowLeft: () => step(0, -1), ArrowRight: () => step(0, 1), ArrowUp: () => step(-1, 0), ArrowDown: () => step(1, 0),
  "+": () => view.zoom(1 / 1.6), "=": () => view.zoom(1 / 1.6), "-": () => view.zoom(1.6), 0: () => view.fit(),
  Home: () => view.pan(-1e9), End: () => view.pan(1e9),
  PageUp: () => view.scroll.scrollBy(0, -view.high * 0.8), PageDown: () => view.scroll.scrollBy(0, view.high * 0.8),
  Enter: () => view.chosen && view.showPart(view.chosen),
  Escape: () => choose(null), "/": () => $("search").focus(), t: toggleTheme, "?": ask,
};
addEventListener("keydown", e => {
  if (e.ctrlKey || e.metaKey || e.altKey || $("keys").open) return;
  if (e.target === $("search")) {
    if (e.key === "Enter") { next(e.shiftKey ? -1 : 1); e.preventDefault(); }
    else if (e.key === "Escape") { $("search").value = ""; search(); $("canvas").focus(); }
    return;
  }
  if (e.target.tagName === "BUTTON" && e.key === "Enter") return;
  const act = keys[e.key];
  if (!act) return;
  act();
  if (view.chosen && !["Escape", "/", "?"].includes(e.key)) choose(view.chosen);
  e.preventDefault();
});

// Mouse and fingers

const pointers = new Map();
let drag = null, pinch = null;
const place = e => { const box = $("canvas").getBoundingClientRect(); return [e.clientX - box.left, e.clientY - box.top]; };
$("canvas").addEventListener("pointerdown", e => {
  const [x, y] = place(e);
  pointers.set(e.pointerId, x);
  if (pointers.size === 2) {
    const [a, b] = pointers.values();
    pinch = { a: view.t(Math.min(a, b)), b: view.t(Math.max(a, b)) };
    drag = null;
  } else if (e.button === 0) {
    drag = { x, y, from: x, ruler: y < RULER && x >= view.left, moved: false };
  }
});
addEventListener("pointermove", e => {
  const [x, y] = place(e);
  if (pointers.has(e.pointerId)) pointers.set(e.pointerId, x);
  if (pinch && pointers.size === 2) return movePinch();
  if (!drag) { if (e.target === $("canvas") && e.pointerType === "mouse") hover(view.partAt(x, y), e.clientX, e.clientY); return; }
  if (Math.abs(x - drag.from) > 3) drag.moved = true;
  if (!drag.moved) return;
  hover(null);
  if (drag.ruler) { view.marked = [drag.from, x]; view.later(); }
  else { view.pan(drag.x - x); if (e.pointerType === "mouse") view.scroll.scrollTop += drag.y - y; drag.x = x; drag.y = y; }
});
function movePinch() {
  const [a, b] = [...pointers.values()].sort((p, q) => p - q);
  if (b - a < 8) return;
  const perPixel = (pinch.b - pinch.a) / (b - a), begin = pinch.a - (a - view.left) * perPixel;
  view.show(begin, begin + view.plot * perPixel);
}
function release(e) {
  pointers.delete(e.pointerId);
  if (pointers.size < 2) pinch = null;
  if (!drag) return;
  const { from, ruler, moved } = drag, [x, y] = place(e);
  drag = null; view.marked = null;
  if (e.type === "pointercancel") return;
  if (moved && ruler) view.show(view.t(Math.min(from, x)), view.t(Math.max(from, x)));
  else if (moved && view.chosen) choose(view.chosen);
  else if (!moved) choose(view.partAt(x, y));
}
addEventListener("pointerup", release);
addEventListener("pointercancel", release);
$("canvas").addEventListener("pointerleave", () => hover(null));
$("canvas").addEventListener("dblclick", e => { const part = view.partAt(...place(e)); if (part) { choose(null); view.showPart(part); } });
$("scroll").addEventListener("wheel", e => {
  const [x] = place(e);
  if (e.ctrlKey) view.zoom(Math.exp(Math.max(-1, Math.min(1, e.deltaY / 200))), view.t(Math.max(view.left, x)));
  else if (e.shiftKey || Math.abs(e.deltaX) > Math.abs(e.deltaY)) view.pan(e.deltaX || e.deltaY);
  else return;
  if (view.chosen) choose(view.chosen); else hover(null);
  e.preventDefault();
}, { passive: false });
$("scroll").addEventListener("scroll", () => { if (!view.chosen) hover(null); view.later(); });

// Light and dark, size, buttons

const dark = matchMedia("(prefers-color-scheme: dark)");
let theme = null;
try { theme = localStorage.getItem("fermata-theme"); } catch { /* a page without storage */ }
function applyTheme() {
  document.documentElement.dataset.theme = theme || (dark.matches ? "dark" : "light");
  view.colours();
}
function toggleTheme() {
  theme = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  try { localStorage.setItem("fermata-theme", theme); } catch { /* the same */ }
  applyTheme();
}
dark.addEventListener("change", applyTheme);
function ask() { $("keys").showModal(); $("ask").setAttribute("aria-expanded", "true"); }
$("keys").addEventListener("close", () => $("ask").setAttribute("aria-expanded", "false"));
$("in").onclick = () => view.zoom(1 / 1.6);
$("out").onclick = () => view.zoom(1.6);
$("fit").onclick = () => view.fit();
$("theme").onclick = toggleTheme;
$("ask").onclick = ask;
$("search").addEventListener("input", search);
// Drawn at once: another size empties the canvas, and the next frame would be shown without anything.
new ResizeObserver(() => { view.resize(); view.draw(); if (view.chosen) choose(view.chosen); }).observe($("scroll"));
applyTheme();
