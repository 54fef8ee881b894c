/* The page about one database: everything that is drawn comes from the JSON in #data.
 *
 * Names of files are anybody's: they reach the page through textContent and setAttribute of
 * aria-label only, never as markup. */
"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const byId = (id) => document.getElementById(id);

/* ---- Data ---- */

/* A table's rows as objects. */
const rowsOf = (name) => data[name].rows.map((row) =>
  Object.fromEntries(data[name].columns.map((column, i) => [column, row[i]])));

const about = rowsOf("about")[0];
const hasOlder = about.before !== null;
const ownerNames = new Map(data.people.rows);

/* A file of the scan's size can be larger than the numbers that JavaScript holds exactly, up to 2^53; what is
 * shown has four digits at most. */
function formatBytes(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
  let i = 0;
  while (bytes >= 1023.95 && i < units.length - 1) {
    bytes /= 1024;
    i++;
  }
  return (i === 0 ? String(bytes) : bytes.toFixed(1)) + " " + units[i];
}
const formatChange = (bytes) => (bytes > 0 ? "+" : bytes < 0 ? "\u2212" : "\u00b1") + formatBytes(Math.abs(bytes));
const formatCount = (count) => count.toLocaleString("en");
const count = (number, one, many) => formatCount(number) + " " + (number === 1 ? one : many);

function formatShare(part, whole) {
  if (whole === 0)
    return "";
  const percent = 100 * part / whole;
  return percent >= 10 ? percent.toFixed(0) + " %" : percent >= 0.1 ? percent.toFixed(1) + " %"
    : part > 0 ? "< 0.1 %" : "0 %";
}

/* Control characters as their pictures, so that they show. */
const visible = (name) => name.replace(/[\u0000-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
  .replace(/\u007f/g, "\u2421");

function formatOwner(owner) {
  if (owner === null)
    return "several";
  if (owner < 0)
    return "\u2013";
  return visible(ownerNames.get(owner) ?? String(owner));
}

const directories = []; /* in preorder, as the rows of the tree */

/* The rows in preorder as a tree. What a directory holds beside the directories shown becomes
 * entries of their own, so that the children of every node add up to it. */
function makeTree() {
  const path = about.path ?? "/";
  const top = {label: visible(path), path, parent: null, children: [], owner: null, kind: "directory",
    files: about.files, size: about.size, alloc: about.alloc, directories: about.directories, cold: about.cold,
    files_here: 0, size_here: 0, alloc_here: 0, cold_here: 0, before: about.before, before_here: 0, accessed: null};
  const rows = rowsOf("tree");
  const single = about.roots === 1 && rows.length > 0;
  const open = single ? [] : [top];
  for (const row of rows) {
    while (open.length > 0 && open[open.length - 1].depth >= row.depth)
      open.pop();
    const parent = open[open.length - 1] ?? null;
    const node = {...row, kind: "directory", parent, children: [], label: visible(row.name)};
    node.path = parent === null || parent === top ? row.name : parent.path.replace(/\/$/, "") + "/" + row.name;
    if (parent !== null)
      parent.children.push(node);
    open.push(node);
    directories.push(node);
  }
  directories.forEach(fillUp);
  if (single)
    return directories[0];
  fillUp(top);
  top.accessed = top.children.reduce((latest, child) => child.accessed > (latest ?? "") ? child.accessed : latest, null);
  return top;
}

function fillUp(node) {
  const shown = (key) => node.children.reduce((sum, child) => sum + (child[key] ?? 0), 0);
  const hidden = node.directories - shown("directories") - node.children.length;
  const rest = Object.fromEntries(["files", "size", "alloc", "cold"].map((key) =>
    [key, Math.max(0, node[key] - node[key + "_here"] - shown(key))]));
  const before = node.before === null ? null : Math.max(0, node.before - node.before_here - shown("before"));
  const entry = {parent: node, children: [], directories: 0, accessed: null, owner: node.owner};
  if (node.files_here > 0)
    node.children.push({...entry, kind: "files", label: count(node.files_here, "file", "files") + " here",
      files: node.files_here, size: node.size_here, alloc: node.alloc_here, cold: node.cold_here,
      before: node.before_here, accessed: node.accessed_here});
  if (hidden > 0)
    node.children.push({...entry, ...rest, before, kind: "rest", label: count(hidden, "other directory", "other directories")});
}

const root = makeTree();

/* ---- Parts ---- */

/* What lies below a directory: {node, owners, access, sizes, cold}, by the node. Directories without files
 * need none; others without one go by that of the nearest directory above. */
const parts = new Map();

function partAt(row) {
  const node = row === null ? root : directories[row];
  if (!parts.has(node))
    parts.set(node, {node, owners: [], access: [], sizes: [], cold: []});
  return parts.get(node);
}

function readParts() {
  const places = rowsOf("places");
  partAt(null);
  for (const name of ["owners", "access", "sizes"])
    for (const row of rowsOf(name))
      partAt(row.at)[name].push(row);
  for (const {at, of} of rowsOf("cold"))
    partAt(at).cold.push(of >= 0 ? directories[of] : places[-1 - of]);
}

function partOf(node) {
  if (node.files === 0)
    return {node, owners: [], access: [], sizes: [], cold: []};
  while (!parts.has(node))
    node = node.parent;
  return parts.get(node);
}

readParts();

/* ---- Elements ---- */

/* Properties are set as they are named; text, class and ARIA have names of their own. */
function element(tag, {text, className, ...attributes} = {}, ...children) {
  const made = document.createElement(tag);
  if (text !== undefined)
    made.textContent = text;
  if (className)
    made.className = className;
  for (const [name, value] of Object.entries(attributes))
    made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const nameOf = (text) => element("bdi", {className: "name", text: visible(text)});
const say = (text) => byId("said").textContent = text;

function bar(part, whole) {
  const made = element("span", {className: "bar", "aria-hidden": "true"});
  made.style.width = (whole > 0 ? Math.max(0, 60 * part / whole) : 0) + "%";
  return part > 0 ? [made] : [];
}

/* A directory's name as a way to it, where there is more to see. */
function link(node, text) {
  if (node.kind !== "directory" || node.children.length === 0)
    return nameOf(text);
  const made = element("button", {type: "button", className: "link"}, nameOf(text));
  made.addEventListener("click", () => show(node, true));
  return made;
}

/* ---- Tables ---- */

/* A table whose columns {head, kind} its reader sorts by. Kinds: text, number, day, and barred, a number with
 * a bar. Returns a function that takes rows: a cell {show, key} a column; rows come sorted by column
 * `sorted`, and the first so many are shown until its reader asks for all. The roles are said again
 * because a style that lays a table out otherwise takes them away. */
function makeTable(id, columns, sorted, first) {
  const table = byId(id);
  const more = byId(id + "-more");
  const body = element("tbody", {role: "rowgroup"});
  const falls = (column) => columns[column].kind !== "text";
  let falling = falls(sorted);
  let rows = [];
  let all = false;

  const classOf = ({kind}) => kind === "barred" ? "number barred" : kind === "text" ? "" : kind;
  const heads = columns.map((column, i) => {
    const button = element("button", {type: "button", className: "sort", text: column.head});
    button.addEventListener("click", () => {
      falling = sorted === i ? !falling : falls(i);
      sorted = i;
      draw();
      say("Sorted by " + column.head + (falling ? ", falling" : ", rising"));
    });
    return element("th", {scope: "col", role: "columnheader", className: classOf(column)}, button);
  });

  function compare(a, b) {
    const [left, right] = [a[sorted].key, b[sorted].key];
    if (left === null || right === null || left === right)
      return (left === null) - (right === null);
    return (left > right ? 1 : -1) * (falling ? -1 : 1);
  }
  function makeCell(cell, i) {
    const made = i === 0 ? element("th", {scope: "row", role: "rowheader"})
      : element("td", {role: "cell", className: classOf(columns[i]), "data-head": columns[i].head});
    made.append(...[cell.show].flat());
    return made;
  }
  function draw() {
    heads.forEach((head, i) => head.setAttribute("aria-sort", i !== sorted ? "none" : falling ? "descending" : "ascending"));
    const shown = [...rows].sort(compare).slice(0, all ? rows.length : first);
    body.replaceChildren(...shown.map((row) => element("tr", {role: "row"}, ...row.map(makeCell))));
    table.hidden = rows.length === 0;
    if (more !== null) {
      more.hidden = shown.length === rows.length;
      more.textContent = "Show all " + formatCount(rows.length);
    }
  }
  table.setAttribute("role", "table");
  table.replaceChildren(element("thead", {role: "rowgroup"}, element("tr", {role: "row"}, ...heads)), body);
  more?.addEventListener("click", () => {
    all = true;
    draw();
  });
  return (newRows) => {
    rows = newRows;
    all = false;
    draw();
  };
}

const cellOf = (show, key = show) => ({show, key});
const bytesCell = (bytes) => cellOf(formatBytes(bytes), bytes);
const countCell = (number) => cellOf(formatCount(number), number);
const dayCell = (day) => cellOf(day ?? "\u2013", day ?? null);
const ownerCell = (owner) => cellOf(nameOf(formatOwner(owner)), formatOwner(owner));
const shareCell = (part, whole) => cellOf(formatShare(part, whole), whole > 0 ? part / whole : null);
const barCell = (text, part, most) => cellOf([...bar(part, most), text], part);

function changeOf(node) {
  return node.before === null ? null : node.size - node.before;
}
function formatGrowth(node) {
  return node.before === null ? "new" : formatChange(node.size - node.before);
}

/* ---- Colours ---- */

let shown = root;
let measure = "size";
let colour = "cold";

const coldBounds = [0.1, 0.3, 0.6, 0.9];
const MOST_OWNERS = 7; /* that have a colour each */
let colouredOwners = [];

const growths = ["shrank by over 20 %", "shrank", "about the same (1 %)", "grew", "grew by over 20 %", "new"];

function growthOf(node) {
  if (node.before === null)
    return 5;
  const change = (node.size - node.before) / Math.max(node.before, 1);
  return change < -0.2 ? 0 : change < -0.01 ? 1 : change <= 0.01 ? 2 : change <= 0.2 ? 3 : 4;
}

/* By what the reader chose: a class of the style. */
function classOf(node) {
  if (colour === "growth")
    return "growth" + growthOf(node);
  if (colour === "cold") {
    const share = node.cold / node.size;
    return node.size > 0 ? "cold" + coldBounds.filter((bound) => share >= bound).length : "none";
  }
  if (node.owner === null)
    return "several";
  const place = colouredOwners.indexOf(node.owner);
  return place >= 0 ? "owner" + place : node.owner < 0 ? "none" : "other";
}

/* The same in words. */
function wordsOf(node) {
  if (colour === "growth")
    return formatGrowth(node);
  if (colour === "cold")
    return node.size > 0 ? formatShare(node.cold, node.size) + " cold" : "";
  return node.owner === null ? "several owners" : formatOwner(node.owner);
}

function drawLegend() {
  const entries = {
    cold: ["under 10 %", "10\u201330 %", "30\u201360 %", "60\u201390 %", "90 % and more"].map((name, i) => ["cold" + i, name]),
    growth: growths.map((name, i) => ["growth" + i, name]),
    owner: [...colouredOwners.map((owner, i) => ["owner" + i, formatOwner(owner)]), ["other", "another owner"], ["several", "several owners"]],
  }[colour];
  byId("legend-label").textContent = {cold: "Share of bytes that were " + unused + " for a year", owner: "Owner",
    growth: "Size since " + (about.older ?? "the older scan")}[colour];
  byId("legend").replaceChildren(...entries.map(([name, text]) =>
    element("li", {}, element("span", {className: name, "aria-hidden": "true"}), nameOf(text))));
}

/* ---- The map ---- */

const map = byId("map");
const unused = {mtime: "not modified", latest: "not used"}[about.age_by] ?? "not accessed";
const amountOf = (node) => measure === "files" ? count(node.files, "file", "files") : formatBytes(node[measure]);

/* Squarified treemap (Bruls, Huizing, van Wijk 2000): rows are filled along the shorter side for as
 * long as that makes the worst tile of the row no longer. -> [{node, x, y, width, height}] */
function layOut(nodes, x, y, width, height) {
  const placed = [];
  const left = nodes.filter((node) => node[measure] > 0).sort((a, b) => b[measure] - a[measure]);
  let sum = left.reduce((total, node) => total + node[measure], 0);
  let at = 0;
  while (at < left.length && width > 0 && height > 0) {
    const side = Math.min(width, height);
    const scale = width * height / sum;
    let end = at;
    let row = 0;
    let worst = Infinity;
    while (end < left.length) {
      const area = (row + left[end][measure]) * scale;
      const next = Math.max(side * side * left[at][measure] * scale / (area * area),
        area * area / (side * side * left[end][measure] * scale));
      if (next > worst)
        break;
      worst = next;
      row += left[end++][measure];
    }
    const thickness = row * scale / side;
    let along = 0;
    for (; at < end; at++) {
      const length = left[at][measure] / row * side;
      placed.push(width < height
        ? {node: left[at], x: x + along, y, width: length, height: thickness}
        : {node: left[at], x, y: y + along, width: thickness, height: length});
      along += length;
    }
    if (width < height) {
      y += thickness;
      height -= thickness;
    } else {
      x += thickness;
      width -= thickness;
    }
    sum -= row;
  }
  return placed;
}

const HEADING = 22;   /* pixels of a tile's label */
const SMALLEST = 3;   /* pixels: what is smaller is not drawn; the table has it */
const MOST_TILES = 400;
const LEVELS = 3;     /* drawn inside a tile */

/* As shares of what it lies in, so that the map fits a sheet of paper too. */
function place(made, box, {width, height}) {
  made.style.left = 100 * box.x / width + "%";
  made.style.top = 100 * box.y / height + "%";
  made.style.width = 100 * box.width / width + "%";
  made.style.height = 100 * box.height / height + "%";
}

function paint(made, node) {
  made.classList.add(classOf(node));
  if (node.kind !== "directory")
    made.classList.add("rest");
}

function label(node, box) {
  const made = element("span", {className: "label"}, nameOf(node.label));
  const words = [amountOf(node), box.width > 220 ? wordsOf(node) : ""].filter((text) => text !== "");
  if (box.width > 120)
    made.append(element("span", {className: "amount", text: words.join(" \u00b7 ")}));
  return made;
}

function describe(node) {
  const parts = [node.label, amountOf(node), formatShare(node[measure], shown[measure]) + " of " + shown.label];
  if (node.kind === "directory")
    parts.push(count(node.files, "file", "files"));
  if (node.size > 0)
    parts.push(formatShare(node.cold, node.size) + " cold");
  if (node.kind === "directory")
    parts.push(node.owner === null ? "several owners" : node.owner < 0 ? "no owner" : "owner " + formatOwner(node.owner));
  if (hasOlder)
    parts.push(node.before === null ? "new" : "growth " + formatGrowth(node));
  if (node.accessed)
    parts.push("last access " + node.accessed);
  return parts.join(", ");
}

/* What lies in a directory, inside its tile: to be seen only. */
function fillTile(tile, {node, width, height}, level) {
  if (level > LEVELS || width < 40 || height < HEADING + 20)
    return;
  for (const box of layOut(node.children, 3, HEADING, width - 8, height - HEADING - 5)) {
    if (box.width <= SMALLEST || box.height <= SMALLEST)
      continue;
    const cell = element("span", {className: "cell", "aria-hidden": "true"});
    paint(cell, box.node);
    place(cell, box, {width, height});
    if (box.width > 44 && box.height > 17)
      cell.append(label(box.node, box));
    fillTile(cell, box, level + 1);
    tile.append(cell);
  }
}

function makeTile(box, index) {
  const {node} = box;
  const opens = node.kind === "directory" && node.children.length > 0;
  const tile = element("button", {type: "button", className: "tile" + (opens ? "" : " leaf"),
    "aria-label": describe(node) + (opens ? ", opens" : ""),
    title: [node.path ? visible(node.path) : node.label, amountOf(node), wordsOf(node)].join("\n"),
    tabindex: index === 0 ? "0" : "-1"});
  tile.node = node;
  tile.box = box;
  paint(tile, node);
  place(tile, box, {width: map.clientWidth, height: map.clientHeight});
  if (box.width > 34 && box.height > 18)
    tile.append(label(node, box));
  fillTile(tile, box, 1);
  if (opens)
    tile.addEventListener("click", () => show(node, true));
  return tile;
}

function drawMap() {
  const boxes = layOut(shown.children, 0, 0, map.clientWidth, map.clientHeight)
    .filter((box) => box.width > SMALLEST && box.height > SMALLEST).slice(0, MOST_TILES);
  map.replaceChildren(...boxes.map(makeTile));
  map.setAttribute("aria-label", "Map of " + shown.label + ", " + count(boxes.length, "tile", "tiles"));
  if (boxes.length === 0)
    map.append(element("p", {className: "quiet note", text: measure === "files" ? "There are no files here." : "Nothing here holds any bytes."}));
}

function drawPath() {
  const line = [];
  for (let node = shown; node !== null; node = node.parent)
    line.unshift(node);
  byId("path").replaceChildren(...line.map((node) => {
    const item = element("li");
    if (node === shown) {
      item.setAttribute("aria-current", "page");
      item.append(nameOf(node.label));
    } else {
      const button = element("button", {type: "button"}, nameOf(node.label));
      button.addEventListener("click", () => show(node, true));
      item.append(button);
    }
    return item;
  }));
}

/* ---- What follows the zoom ---- */

const setContent = makeTable("content", [{head: "Name", kind: "text"}, {head: "Share", kind: "barred"}, {head: "Size", kind: "number"},
  {head: "Allocated", kind: "number"}, {head: "Files", kind: "number"}, {head: "Cold", kind: "number"}, {head: "Cold share", kind: "number"},
  ...(hasOlder ? [{head: "Growth", kind: "number"}] : []), {head: "Last access", kind: "day"}, {head: "Owner", kind: "text"}], 1, 12);
const setCold = makeTable("cold", [{head: "Directory", kind: "text"}, {head: "Cold", kind: "number"}, {head: "Cold share", kind: "number"},
  {head: "Size", kind: "number"}, {head: "Cold files", kind: "number"}, {head: "Last access", kind: "day"}, {head: "Owner", kind: "text"}], 1, 10);
const setOwners = makeTable("owners", [{head: "Owner", kind: "text"}, {head: "Share", kind: "barred"}, {head: "Size", kind: "number"},
  {head: "Allocated", kind: "number"}, {head: "Files", kind: "number"}, {head: "Cold", kind: "number"}, {head: "Cold share", kind: "number"},
  {head: "Last access", kind: "day"}], 2, 10);
const setHistogram = Object.fromEntries([["access", "Age"], ["sizes", "Size of a file"]].map(([id, head]) =>
  [id, makeTable(id, [{head, kind: "text"}, {head: "Size", kind: "barred"}, {head: "Files", kind: "barred"}], 0, 10)]));

function drawContent() {
  const most = Math.max(...shown.children.map((node) => node[measure]));
  setContent(shown.children.map((node) => [
    cellOf(link(node, node.label), node.label),
    barCell(formatShare(node[measure], shown[measure]), node[measure], most),
    bytesCell(node.size), bytesCell(node.alloc), countCell(node.files), bytesCell(node.cold), shareCell(node.cold, node.size),
    ...(hasOlder ? [cellOf(formatGrowth(node), changeOf(node) ?? node.size)] : []),
    dayCell(node.accessed), node.kind === "directory" ? ownerCell(node.owner) : cellOf([], "")]));
}

function drawCold(part) {
  byId("cold-note").textContent = part.cold.length > 0
    ? "Where most bytes lie that were " + unused + " for a year before the scan."
    : "No bytes were " + unused + " for a year before the scan.";
  setCold(part.cold.map((row) => [
    cellOf(row.kind === "directory" ? link(row, row.path) : nameOf(row.path), row.path),
    bytesCell(row.cold), shareCell(row.cold, row.size), bytesCell(row.size), countCell(row.cold_files),
    dayCell(row.accessed), ownerCell(row.owner)]));
}

function drawOwners(part) {
  const most = part.owners.length > 0 ? part.owners[0].size : 0;
  setOwners(part.owners.map((row) => [
    ownerCell(row.owner), barCell(formatShare(row.size, part.node.size), row.size, most), bytesCell(row.size), bytesCell(row.alloc),
    countCell(row.files), bytesCell(row.cold), shareCell(row.cold, row.size), dayCell(row.accessed)]));
}

/* Every bucket has a row, those without files too. */
function drawHistogram(id, part) {
  const rows = data.buckets.rows.map((labels, i) => ({label: labels[data.buckets.columns.indexOf(id)],
    ...(part[id].find((row) => row.bucket === i) ?? {size: 0, files: 0})}));
  const most = (key) => Math.max(...rows.map((row) => row[key]));
  setHistogram[id](part.node.files === 0 ? [] : rows.map((row, i) => [cellOf(row.label, i),
    barCell(formatBytes(row.size), row.size, most("size")), barCell(formatCount(row.files), row.files, most("files"))]));
}

/* Says of which directory the figures are. */
function drawScope(part) {
  for (const made of document.querySelectorAll(".scope")) {
    if (shown.files === 0)
      made.replaceChildren("There are no files below ", nameOf(shown.path), ".");
    else if (part.node === shown)
      made.replaceChildren("Of all files below ", nameOf(shown.path), ".");
    else
      made.replaceChildren("Of all files below ", nameOf(part.node.path), ": the page has no such figures of ",
        nameOf(shown.path), " alone.");
  }
}

function show(node, focus) {
  const from = shown;
  const part = partOf(node);
  shown = node;
  colouredOwners = part.owners.slice(0, MOST_OWNERS).map((row) => row.owner);
  drawPath();
  drawLegend();
  drawMap();
  drawContent();
  drawScope(part);
  drawCold(part);
  drawOwners(part);
  drawHistogram("access", part);
  drawHistogram("sizes", part);
  say(node.label + ", " + amountOf(node) + ", " + count(node.children.length, "entry", "entries"));
  if (focus) {
    const tiles = [...map.querySelectorAll(".tile")];
    focusTile(tiles.find((tile) => tile.node === from) ?? tiles[0]);
  }
}

function focusTile(tile) {
  if (!tile)
    return;
  for (const other of map.querySelectorAll('.tile[tabindex="0"]'))
    other.setAttribute("tabindex", "-1");
  tile.setAttribute("tabindex", "0");
  tile.focus({preventScroll: true});
}

/* The tile that lies nearest in a direction: distances aside of it count double. */
function neighbour(from, [right, down]) {
  const middle = ({x, y, width, height}) => [x + width / 2, y + height / 2];
  const [x, y] = middle(from.box);
  let best = null;
  let least = Infinity;
  for (const tile of map.querySelectorAll(".tile")) {
    const [tx, ty] = middle(tile.box);
    const ahead = (tx - x) * right + (ty - y) * down;
    const aside = Math.abs((tx - x) * down) + Math.abs((ty - y) * right);
    if (tile !== from && ahead > 0.5 && ahead + 2 * aside < least) {
      least = ahead + 2 * aside;
      best = tile;
    }
  }
  return best;
}

const directions = {ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1]};

map.addEventListener("keydown", (event) => {
  const tile = event.target.closest(".tile");
  if (tile === null || event.ctrlKey || event.altKey || event.metaKey)
    return;
  const tiles = map.querySelectorAll(".tile");
  if (event.key in directions)
    focusTile(neighbour(tile, directions[event.key]));
  else if (event.key === "Home")
    focusTile(tiles[0]);
  else if (event.key === "End")
    focusTile(tiles[tiles.length - 1]);
  else if ((event.key === "Escape" || event.key === "Backspace") && shown.parent !== null)
    show(shown.parent, true);
  else
    return;
  event.preventDefault();
});

/* Buttons of which one is pressed; choose() takes its value. */
function makeChoice(name, choose) {
  const buttons = [...document.querySelectorAll("[data-" + name + "]")];
  for (const button of buttons)
    button.addEventListener("click", () => {
      for (const other of buttons)
        other.setAttribute("aria-pressed", String(other === button));
      choose(button.dataset[name]);
    });
}

makeChoice("measure", (chosen) => {
  measure = chosen;
  show(shown, false);
});
makeChoice("colour", (chosen) => {
  colour = chosen;
  drawLegend();
  drawMap();
  say("Colours: " + byId("legend-label").textContent);
});

new ResizeObserver(() => {
  if (!map.contains(document.activeElement))
    drawMap();
}).observe(map);

/* ---- Search ---- */

const find = byId("find");
const found = byId("found");
const MOST_FOUND = 30;
let matches = [];
let chosen = 0;

function choose(i) {
  chosen = i;
  [...found.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === i)));
  found.children[i]?.scrollIntoView({block: "nearest"});
  if (found.children[i])
    find.setAttribute("aria-activedescendant", "found-" + i);
  else
    find.removeAttribute("aria-activedescendant");
}

function closeFound() {
  found.hidden = true;
  find.setAttribute("aria-expanded", "false");
  find.removeAttribute("aria-activedescendant");
}

function goTo(node) {
  closeFound();
  byId("found-said").textContent = "";
  show(node, true);
}

/* Directories of the tree, the largest first. */
function search() {
  const text = find.value.toLowerCase();
  matches = text === "" ? [] : directories.filter((node) => visible(node.path).toLowerCase().includes(text)).sort((a, b) => b.size - a.size);
  found.replaceChildren(...matches.slice(0, MOST_FOUND).map((node, i) => {
    const item = element("li", {id: "found-" + i, role: "option"}, nameOf(node.path),
      element("span", {className: "amount", text: formatBytes(node.size)}));
    item.addEventListener("click", () => goTo(node));
    return item;
  }));
  found.hidden = matches.length === 0;
  find.setAttribute("aria-expanded", String(!found.hidden));
  choose(0);
  byId("found-said").textContent = text === "" ? "" : matches.length === 0 ? "No directory of this page matches."
    : count(matches.length, "directory matches", "directories match") + (matches.length > MOST_FOUND ? ", here are the largest " + MOST_FOUND : "") + ".";
}

find.addEventListener("input", search);
find.addEventListener("focus", search);
find.addEventListener("keydown", (event) => {
  const most = found.children.length;
  if (event.key === "ArrowDown" && most > 0)
    choose((chosen + 1) % most);
  else if (event.key === "ArrowUp" && most > 0)
    choose((chosen + most - 1) % most);
  else if (event.key === "Enter" && !found.hidden)
    goTo(matches[chosen]);
  else if (event.key === "Escape" && find.value !== "") {
    find.value = "";
    search();
  } else
    return;
  event.preventDefault();
});
byId("search").addEventListener("focusout", closeFound);
found.addEventListener("mousedown", (event) => event.preventDefault());    /* the focus stays */

/* ---- The rest of the page ---- */

function drawHead() {
  const title = about.filesystem ?? about.path ?? "File system";
  byId("title").textContent = visible(title);
  document.title = visible(title) + " \u2013 fstally report";
  byId("subtitle").replaceChildren("Scanned " + (about.scanned ?? "at an unknown time"),
    ...(about.whole ? [] : [", only ", nameOf(about.path ?? "/")]),
    hasOlder ? ", compared with the scan of " + (about.older ?? "an unknown time") : "");
  for (const [name, value] of [["Size", formatBytes(about.size)], ["Allocated", formatBytes(about.alloc)],
    ["Cold", formatShare(about.cold, about.size) || "0 %"], ["Files", formatCount(about.files)], ["Directories", formatCount(about.directories)],
    ...(hasOlder ? [["Growth", formatChange(about.size - about.before)]] : [])])
    byId("figures").append(element("div", {}, element("dt", {text: name}), element("dd", {text: value})));
  byId("access-heading").textContent = {mtime: "Last modified", latest: "Last used"}[about.age_by] ?? "Last access";
}

function drawChanges() {
  if (!hasOlder)
    return;
  const rows = rowsOf("changes");
  document.querySelector("[data-colour=growth]").hidden = false;
  byId("changes-section").hidden = false;
  byId("changes-note").textContent = rows.length === 0 ? "Nothing has changed." :
    "Since " + (about.older ?? "the older scan") + ", in all of " + visible(about.path ?? "/") + ", vanished directories too. A directory is left out where one of its subdirectories explains its change.";
  const byPath = new Map(directories.map((node) => [node.path, node]));
  makeTable("changes", [{head: "Directory", kind: "text"}, {head: "Change", kind: "number"}, {head: "Before", kind: "number"},
    {head: "Now", kind: "number"}, {head: "Status", kind: "text"}], 1, 10)(
    rows.map((row) => [cellOf(byPath.has(row.path) ? link(byPath.get(row.path), row.path) : nameOf(row.path), row.path),
      cellOf(formatChange(row.size - row.before), row.size - row.before), bytesCell(row.before), bytesCell(row.size), cellOf(row.status)]));
}

function drawFoot() {
  const logs = rowsOf("logs");
  byId("foot").textContent = "fstally " + data.version + ", from " + logs.map((log) => visible(log.source_file)).join(", ") + ".";
}

drawHead();
drawChanges();
drawFoot();
/* A chain of directories that hold nothing but the next one shows nothing: begin at its end. */
let first = root;
while (first.children.length === 1 && first.children[0].children.length > 0)
  first = first.children[0];
show(first, false);
})();
