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
const owners = rowsOf("owners");
const ownerNames = new Map(owners.map((owner) => [owner.owner, owner.name]));

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
const formatCount = (count) => count.toLocaleString("en");
const count = (number, one, many) => formatCount(number) + " " + (number === 1 ? one : many);

function formatShare(part, whole) {
  if (whole === 0)
    return "";
  const percent = 100 * part / whole;
  return percent >= 10 ? percent.toFixed(0) + " %" : percent >= 0.1 ? percent.toFixed(1) + " %" : "< 0.1 %";
}

/* Control characters as their pictures, so that they show. */
const visible = (name) => name.replace(/[\u0000-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
  .replace(/\u007f/g, "\u2421");

function formatOwner(owner, name) {
  if (owner === null)
    return "several";
  if (owner < 0)
    return "\u2013";
  return name ?? ownerNames.get(owner) ?? String(owner);
}

/* The rows in preorder as a tree. What a directory holds beside the directories shown becomes
 * entries of their own, so that the children of every node add up to it. */
function makeTree() {
  const top = {label: visible(about.path), path: about.path, parent: null, children: [],
    files: about.files, size: about.size, alloc: about.alloc, directories: about.directories,
    files_here: 0, size_here: 0, alloc_here: 0, accessed: null, owner: null, kind: "directory"};
  const open = about.roots === 1 ? [] : [top];
  for (const row of rowsOf("tree")) {
    while (open.length > 0 && open[open.length - 1].depth >= row.depth)
      open.pop();
    const parent = open[open.length - 1] ?? null;
    const node = {...row, kind: "directory", parent, children: [], label: visible(row.name)};
    node.path = parent === null || parent === top ? row.name : parent.path.replace(/\/$/, "") + "/" + row.name;
    if (parent !== null)
      parent.children.push(node);
    open.push(node);
    fillUp.nodes.push(node);
  }
  const root = about.roots === 1 ? fillUp.nodes[0] : top;
  if (root === top)
    fillUp.nodes.push(top);
  fillUp.nodes.forEach(fillUp);
  return root;
}

function fillUp(node) {
  const shown = (key) => node.children.reduce((sum, child) => sum + child[key], 0);
  const isTop = node.depth === undefined;
  const hidden = node.directories - shown("directories") - node.children.length;
  const rest = Object.fromEntries(["files", "size", "alloc"].map((key) => [key, node[key] - node[key + "_here"] - shown(key)]));
  const entry = {parent: node, children: [], directories: 0, accessed: null, owner: node.owner};
  if (node.files_here > 0)
    node.children.push({...entry, kind: "files", label: count(node.files_here, "file", "files") + " here",
      files: node.files_here, size: node.size_here, alloc: node.alloc_here,
      accessed: node.accessed_here});
  if (hidden > 0)
    node.children.push({...entry, ...rest, kind: "rest", label: count(hidden, "smaller directory", "smaller directories")});
  if (isTop)
    node.accessed = node.children.reduce((latest, child) => child.accessed > (latest ?? "") ? child.accessed : latest, null);
}
fillUp.nodes = [];

const root = makeTree();

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

const classOf = (column) => ["number", "bars", "day"].find((name) => column[name]) ?? "";

/* A table with a heading row. Cells are elements or texts; columns {head, number, bars, day}. */
function fillTable(table, columns, rows) {
  const head = element("thead", {}, element("tr", {}, ...columns.map((column) =>
    element("th", {scope: "col", text: column.head, className: classOf(column)}))));
  const body = element("tbody", {}, ...rows.map((cells) => element("tr", {}, ...cells.map((cell, i) => {
    const made = element(i === 0 ? "th" : "td", {className: classOf(columns[i])});
    if (i === 0)
      made.setAttribute("scope", "row");
    made.append(cell);
    return made;
  }))));
  table.replaceChildren(head, body);
}

/* The first rows, and a button for all. */
function fillLongTable(table, button, columns, rows, first) {
  const all = rows.length <= first;
  fillTable(table, columns, all ? rows : rows.slice(0, first));
  button.hidden = all;
  button.textContent = "Show all " + formatCount(rows.length);
  button.onclick = () => {
    fillTable(table, columns, rows);
    button.hidden = true;
  };
}

function bar(part, whole) {
  const made = element("span", {className: "bar", "aria-hidden": "true"});
  made.style.width = (whole > 0 ? Math.max(0, 100 * part / whole) : 0) + "%";
  return part > 0 ? made : "";
}

const nameOf = (text) => element("bdi", {className: "name", text: visible(text)});

/* ---- Ages ---- */

const ages = [["within 90 days", 90], ["within a year", 365], ["within 2 years", 730],
  ["within 3 years", 1095], ["within 5 years", 1825], ["longer ago", Infinity]];
const scanned = Date.parse(about.scanned);

function ageOf(node) {
  if (!node.accessed)
    return -1;
  const days = (scanned - Date.parse(node.accessed)) / 86400000;
  return ages.findIndex(([, most]) => days < most);
}
function colour(made, node) {
  const age = ageOf(node);
  if (age >= 0)
    made.classList.add("age" + age);
  if (node.kind !== "directory")
    made.classList.add("rest");
}

/* ---- The map ---- */

const map = byId("map");
let shown = root;
let measure = "size";
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

function label(node, box) {
  const made = element("span", {className: "label"}, nameOf(node.label));
  if (box.width > 120)
    made.append(element("span", {className: "amount", text: amountOf(node)}));
  return made;
}

function describe(node) {
  const parts = [node.label, amountOf(node), formatShare(node[measure], shown[measure]) + " of " + shown.label];
  if (node.kind === "directory")
    parts.push(count(node.files, "file", "files"));
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
    colour(cell, box.node);
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
    "aria-label": describe(node) + (opens ? ", opens" : ""), title: (node.path ? visible(node.path) : node.label) + "\n" + amountOf(node),
    tabindex: index === 0 ? "0" : "-1"});
  tile.node = node;
  tile.box = box;
  colour(tile, node);
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
    map.append(element("p", {className: "quiet note", text: "Nothing here holds any bytes."}));
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

function drawContent() {
  const columns = [{head: "Name"}, {head: "", bars: true}, {head: "Share", number: true}, {head: "Size", number: true},
    {head: "Allocated", number: true}, {head: "Files", number: true}, {head: "Last access", day: true}, {head: "Owner"}];
  const sorted = [...shown.children].sort((a, b) => b[measure] - a[measure]);
  const most = sorted.length > 0 ? sorted[0][measure] : 0;
  const rows = sorted.map((node) => {
    let name = nameOf(node.label);
    if (node.kind === "directory" && node.children.length > 0) {
      name = element("button", {type: "button", className: "link"}, name);
      name.addEventListener("click", () => show(node, true));
    }
    return [name, bar(node[measure], most), formatShare(node[measure], shown[measure]),
      formatBytes(node.size), formatBytes(node.alloc), formatCount(node.files), node.accessed ?? "\u2013",
      node.kind === "directory" ? formatOwner(node.owner) : ""];
  });
  fillLongTable(byId("content"), byId("content-more"), columns, rows, 12);
}

function show(node, focus) {
  const from = shown;
  shown = node;
  drawPath();
  drawMap();
  drawContent();
  byId("said").textContent = node.label + ", " + amountOf(node) + ", " + count(node.children.length, "entry", "entries");
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

for (const button of document.querySelectorAll("[data-measure]"))
  button.addEventListener("click", () => {
    measure = button.dataset.measure;
    for (const other of document.querySelectorAll("[data-measure]"))
      other.setAttribute("aria-pressed", String(other === button));
    show(shown, false);
  });

new ResizeObserver(() => {
  if (!map.contains(document.activeElement))
    drawMap();
}).observe(map);

/* ---- The rest of the page ---- */

function drawHead() {
  const title = about.filesystem ?? about.path ?? "File system";
  byId("title").textContent = visible(title);
  document.title = visible(title) + " \u2013 fstally report";
  byId("subtitle").replaceChildren("Scanned " + (about.scanned ?? "at an unknown time"),
    ...(about.whole ? [] : [", only ", nameOf(about.path)]));
  for (const [name, value] of [["Size", formatBytes(about.size)], ["Allocated", formatBytes(about.alloc)],
    ["Files", formatCount(about.files)], ["Directories", formatCount(about.directories)]])
    byId("figures").append(element("div", {}, element("dt", {text: name}), element("dd", {text: value})));
  byId("legend").append(...ages.map(([name], i) => element("li", {}, element("span", {className: "age" + i, "aria-hidden": "true"}), name)));
  byId("access-heading").textContent = {mtime: "Last modified", latest: "Last used"}[about.age_by] ?? "Last access";
  for (const made of document.querySelectorAll(".scope"))
    made.textContent = about.whole ? "All files, by logical size." : "All files below, by logical size.";
}

function drawHistogram(id, head) {
  const rows = rowsOf(id);
  byId(id).hidden = rows.length === 0;
  const most = {size: Math.max(...rows.map((row) => row.size)), files: Math.max(...rows.map((row) => row.files))};
  fillTable(byId(id), [{head}, {head: "", bars: true}, {head: "Size", number: true}, {head: "", bars: true}, {head: "Files", number: true}],
    rows.map((row) => [row.label, bar(row.size, most.size), formatBytes(row.size), bar(row.files, most.files), formatCount(row.files)]));
}

function drawOwners() {
  const rows = owners.map((row) => [nameOf(formatOwner(row.owner, row.name)), bar(row.size, owners[0].size),
    formatShare(row.size, about.size), formatBytes(row.size), formatBytes(row.alloc), formatCount(row.files), row.accessed?.slice(0, 10) ?? "\u2013"]);
  fillLongTable(byId("owners"), byId("owners-more"), [{head: "Owner"}, {head: "", bars: true}, {head: "Share", number: true},
    {head: "Size", number: true}, {head: "Allocated", number: true}, {head: "Files", number: true}, {head: "Last access", day: true}], rows, 15);
}

function drawCold() {
  const rows = rowsOf("cold");
  const unused = {mtime: "not modified", latest: "not used"}[about.age_by] ?? "not accessed";
  byId("cold-note").textContent = rows.length > 0
    ? "Where most bytes lie that were " + unused + " for a year before the scan."
    : "No bytes were " + unused + " for a year before the scan.";
  byId("cold").parentElement.hidden = rows.length === 0;
  fillLongTable(byId("cold"), byId("cold-more"), [{head: "Directory"}, {head: "Cold", number: true}, {head: "Share", number: true},
    {head: "Size", number: true}, {head: "Cold files", number: true}, {head: "Last access", day: true}, {head: "Owner"}],
    rows.map((row) => [nameOf(row.path), formatBytes(row.cold_size), formatShare(row.cold_size, row.size), formatBytes(row.size),
      formatCount(row.cold_files), row.accessed?.slice(0, 10) ?? "\u2013", nameOf(formatOwner(row.owner, row.name))]), 12);
}

function drawFoot() {
  const logs = rowsOf("logs");
  byId("foot").textContent = "fstally " + data.version + ", from " + logs.map((log) => visible(log.source_file)).join(", ") + ".";
}

drawHead();
drawHistogram("access", "Age");
drawHistogram("sizes", "Size of a file");
drawOwners();
drawCold();
drawFoot();
/* A chain of directories that hold nothing but the next one shows nothing: begin at its end. */
let first = root;
while (first.children.length === 1 && first.children[0].children.length > 0)
  first = first.children[0];
show(first, false);
})();
