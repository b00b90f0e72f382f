"use strict";
// The plan is data in the page; whatever text it holds is only ever put in as text.
const plan = JSON.parse(document.getElementById("plan").textContent);
const EFFECTS = ["fills", "drops", "refetches"];
const ROW = 50; // The height of a node, as in the style sheet.
const MOST_LINES = 3000;
const MOST_BUNDLES = 40;
const SMALL = 300; // Edges of a plan that is drawn as a whole.

const ops = plan.operations;
const reaches = ops.map(() => []);
const reached = ops.map(() => []);
const edges = plan.edges.map(([from, to, effect, sure, when, pairs]) =>
  ({ from, to, effect: EFFECTS[effect], sure, when: plan.phrases[when], pairs }));
for (const edge of edges) {
  reaches[edge.from].push(edge);
  reached[edge.to].push(edge);
}
const byId = new Map();
ops.forEach((op, at) => { if (!byId.has(op.id)) byId.set(op.id, at); });

/** An element with its attributes and children; texts stay texts. */
function make(name, attributes, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value !== undefined && value !== false) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== false));
  return node;
}
function drawn(name, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}
const many = (count, one, more) => `${count.toLocaleString("en")} ${count === 1 ? one : more}`;
const opLink = (at) => "#/op/" + encodeURIComponent(ops[at].id);
const typeLink = (name) => "#/type/" + encodeURIComponent(name);
const few = (texts) => texts.slice(0, 3).join(", ") + (texts.length > 3 ? ` and ${texts.length - 3} more` : "");
const percent = (sure) => make("span", { class: sure < 50 ? "sure unsure" : "sure" }, sure + "%");

// The list on the left, by tag type, and the search over it.

const find = document.getElementById("find");
const view = document.getElementById("view");
const count = document.getElementById("count");
const list = document.getElementById("list");
const rows = [];
const groups = [];
for (const [type, places] of plan.groups) {
  const heading = make("h2", {}, type ? make("a", { href: typeLink(type) }, type) : "Without tags");
  list.append(heading);
  const group = { heading, shown: 0 };
  groups.push(group);
  for (const at of places) {
    const op = ops[at];
    const hit = make("span", { class: "hit" });
    const row = make("a", { class: "op " + op.kind, href: opLink(at), title: `${op.kind} ${op.id}` },
      make("span", { class: "id" }, op.id), make("span", { class: "call" }, op.call), hit);
    list.append(row);
    const tags = op.tags.flatMap((tag) => [tag.words, tag.why]);
    const beside = [...tags, ...op.why, ...op.warnings, op.function].filter((text) => text);
    const shown = `${op.id} ${op.call} ${type} ${op.kind}`.toLowerCase();
    rows.push({ at, row, hit, group, shown, beside, all: [shown, ...beside].join("\n").toLowerCase(), is: false });
  }
}
const none = make("p", { class: "none soft", hidden: "" }, "Nothing has all of these words.");
list.append(none);

function search() {
  const words = find.value.toLowerCase().split(/\s+/).filter((word) => word);
  const kind = document.querySelector("input[name=kind]:checked").value;
  const unsure = document.getElementById("unsure").checked;
  for (const group of groups) group.shown = 0;
  let found = 0;
  for (const each of rows) {
    const op = ops[each.at];
    const is = (kind === "all" || op.kind === kind)
      && (!unsure || op.warnings.length > 0 || op.tags.some((tag) => tag.sure < 50))
      && words.every((word) => each.all.includes(word));
    if (each.row.hidden === is) each.row.hidden = !is;
    each.is = is;
    // Where a word stands in none of what is shown, say what it was found in.
    const word = is && words.find((word) => !each.shown.includes(word));
    const said = word ? each.beside.find((text) => text.toLowerCase().includes(word)) || "" : "";
    if (each.hit.textContent !== said) each.hit.textContent = said;
    if (is) { found += 1; each.group.shown += 1; }
  }
  for (const group of groups) group.heading.hidden = group.shown === 0;
  none.hidden = found > 0;
  count.textContent = found === rows.length ? many(found, "operation", "operations") : `${found} of ${rows.length} operations`;
}

// The picture: two columns of operations, and a line for each edge between them.

const operation = (at) => ({ ...ops[at], href: opLink(at) });
function graph(left, right, between, describe = operation) {
  const tall = Math.max(left.length, right.length);
  const offset = (these) => these.length === 1 ? Math.min((tall - 1) / 2, 4) * ROW : 0;
  const place = (these) => new Map(these.map((at, row) => [at, offset(these) + (row + .5) * ROW]));
  const [from, to] = [place(left), place(right)];
  const lines = between.slice(0, MOST_LINES);
  const crowd = lines.length > 600 ? " crowd" : lines.length > 150 ? " busy" : "";
  const box = make("div", { class: "graph" + crowd });
  const svg = drawn("svg", { viewBox: `0 0 100 ${tall * ROW}`, height: tall * ROW, preserveAspectRatio: "none", "aria-hidden": "true" });
  const paths = lines.map((edge) => {
    const [y, end] = [from.get(edge.from), to.get(edge.to)];
    const path = drawn("path", { d: `M0,${y} C50,${y} 50,${end} 100,${end}`, "stroke-width": (edge.width || .8 + edge.sure / 60).toFixed(2),
      "vector-effect": "non-scaling-stroke", class: edge.effect + (edge.sure < 50 ? " unsure" : "") });
    svg.append(path);
    return path;
  });
  const nodes = new Map();
  const column = (these, side) => {
    const ul = make("ul", {});
    if (these.length === 1) ul.append(make("li", { "aria-hidden": "true" }));
    for (const at of these) {
      const node = describe(at);
      const own = lines.filter((edge) => edge[side] === at);
      const single = own.length === 1 && (left.length === 1 || right.length === 1) && these.length === tall ? own[0] : undefined;
      const note = single ? [make("span", { class: "badge " + single.effect }, single.effect), " " + single.when] : [node.call];
      const link = make("a", { href: node.href, title: single ? `${node.id}: ${single.effect}; ${single.when}` : `${node.id}  ${node.call}` },
        make("span", { class: "top" }, make("span", { class: "id" }, node.id), single && percent(single.sure)),
        make("span", { class: "note" }, ...note));
      ul.append(make("li", { class: "node " + node.kind }, link));
      nodes.set(link, at);
    }
    if (these.length === 1) ul.firstChild.style.height = offset(these) + "px";
    return ul;
  };
  box.append(column(left, "from"), svg, column(right, "to"));
  const light = (event) => {
    const at = nodes.get(event.target.closest && event.target.closest("a"));
    lines.forEach((edge, index) => {
      const on = at !== undefined && (edge.from === at || edge.to === at);
      paths[index].classList.toggle("on", on && (left.length > 1 || edge.to === at) && (right.length > 1 || edge.from === at));
      paths[index].classList.toggle("off", at !== undefined && !on);
    });
  };
  for (const name of ["pointerover", "focusin", "pointerleave"]) box.addEventListener(name, light);
  return [key(), crowd && make("p", { class: "soft" }, "Point at an operation to see its lines alone."), box, between.length > lines.length && make("p", { class: "look" },
    `${many(between.length, "line", "lines")} would be too many: the ${MOST_LINES} surest are drawn.`)].filter((node) => node);
}
function key() {
  return make("p", { class: "key" },
    make("span", {}, make("span", { class: "badge refetches" }, "refetches"), ": it is asked for again"),
    make("span", {}, make("span", { class: "badge drops" }, "drops"), ": what it shows is gone"),
    make("span", {}, make("span", { class: "badge fills" }, "fills"), ": from the response, without a request"),
    make("span", { class: "soft" }, "dashed: less than 50% sure"));
}
const surestFirst = (these) => [...these].sort((a, b) => b.sure - a.sure);
const within = (these, describe) => {
  const sides = (side) => [...new Set(these.map((edge) => edge[side]))];
  const [left, right] = [sides("from").sort((a, b) => a - b), sides("to")];
  // Queries stand near the middle of what reaches them, so that fewer lines cross.
  const sum = new Map(right.map((at) => [at, [0, 0]]));
  const row = new Map(left.map((at, index) => [at, index]));
  for (const edge of these) {
    const entry = sum.get(edge.to);
    entry[0] += row.get(edge.from);
    entry[1] += 1;
  }
  right.sort((a, b) => sum.get(a)[0] / sum.get(a)[1] - sum.get(b)[0] / sum.get(b)[1] || a - b);
  return graph(left, right, surestFirst(these), describe);
};

/** The picture of a large plan: the tag types that mutations are about, and those of the queries that they reach. */
function byType() {
  const types = plan.groups.length;
  const typeOf = new Map(plan.groups.flatMap(([, places], group) => places.map((at) => [at, group])));
  const bundles = new Map();
  for (const edge of edges) {
    const [from, to] = [typeOf.get(edge.from), typeOf.get(edge.to) + types];
    const bundle = bundles.get(from * types * 2 + to) || { from, to, count: 0, sum: 0, effect: "refetches" };
    bundle.count += 1;
    bundle.sum += edge.sure;
    bundles.set(from * types * 2 + to, bundle);
  }
  const all = [...bundles.values()].sort((a, b) => b.count - a.count);
  const strongest = all.slice(0, MOST_BUNDLES);
  for (const bundle of strongest) {
    bundle.sure = bundle.sum / bundle.count;
    bundle.width = 1 + Math.log2(bundle.count);
  }
  const describe = (at) => {
    const isMutation = at < types;
    const [name, places] = plan.groups[at % types];
    const kind = isMutation ? "mutation" : "query";
    const own = places.filter((place) => ops[place].kind === kind).length;
    const call = isMutation ? many(own, "mutation", "mutations") : many(own, "query", "queries");
    return { id: name || "Without tags", call, kind, href: name ? typeLink(name) : "#/" };
  };
  const rest = all.length > strongest.length ? `; the ${strongest.length} strongest of ${all.length.toLocaleString("en")} connections` : "";
  return [make("h3", {}, "By tag type"), make("p", { class: "soft" },
    "Mutations on the left, the queries that they reach on the right; thicker where there are more edges" + rest + "."), ...within(strongest, describe)];
}

// What is shown on the right.

function table(headings, body, wide) {
  const cell = (name) => (content) => make(name, { class: typeof content === "number" ? "number" : undefined },
    ...(Array.isArray(content) ? content : [typeof content === "number" ? content.toLocaleString("en") : content]));
  return make("table", { class: wide ? "wide" : undefined },
    make("thead", {}, make("tr", {}, ...headings.map(cell("th")))),
    make("tbody", {}, ...body.map((row) => make("tr", {}, ...row.map(cell("td"))))));
}
const reasons = (texts) => make("ul", { class: "why" }, ...texts.map((text) => make("li", {}, text)));

function overview() {
  const queries = ops.filter((op) => op.kind === "query").length;
  const mutations = ops.length - queries;
  const share = (part, whole) => whole ? Math.round(100 * part / whole) + "%" : "–";
  const unsure = edges.filter((edge) => edge.sure < 50).length;
  const figure = (value, text) => make("li", {}, make("b", {}, value.toLocaleString("en")), text);
  const nodes = [make("h2", {}, "What each mutation makes stale"),
    make("p", { class: "soft" }, "Pick an operation on the left, or a tag type. Press / to search, Escape to come back here."),
    make("ul", { class: "figures" }, figure(queries, "queries"), figure(mutations, "mutations"),
      figure(plan.tag_types.length, "tag types"), figure(edges.length, "edges"),
      figure(share(edges.length, queries * mutations), "of all pairs"), figure(share(unsure, edges.length), "of the edges are unsure"))];
  if (edges.length > 0 && edges.length <= SMALL) nodes.push(make("h3", {}, "All of it"), ...within(edges));
  if (edges.length > SMALL) nodes.push(...byType());
  const looks = plan.warnings.map(([operation, message]) =>
    [byId.has(operation) ? [make("a", { class: "id", href: opLink(byId.get(operation)) }, operation)] : operation, message]);
  if (looks.length) {
    nodes.push(make("details", { open: looks.length <= 12 ? "" : undefined },
      make("summary", { class: "look" }, many(looks.length, "operation", "operations") + " to look at"), table(["operation", "why"], looks, true)));
  }
  const types = plan.tag_types.map((type) => {
    return [[make("a", { href: typeLink(type.name) }, type.name)], type.shown, type.changed, type.edges,
      type.edges ? [percent(type.least)] : "–", few(type.places)];
  });
  types.sort((a, b) => b[3] - a[3]);
  nodes.push(make("h3", {}, "Tag types"), table(["tag type", "queries show it", "mutations change it", "edges", "least sure", "where"],
    types, true));
  const shaky = ops.map((op, at) => [at, reaches[at].filter((edge) => edge.sure < 50).length]).filter(([, some]) => some);
  shaky.sort((a, b) => b[1] - a[1]);
  if (shaky.length) {
    nodes.push(make("h3", {}, "Mutations with unsure edges"), table(["mutation", "unsure edges", "of"],
      shaky.slice(0, 100).map(([at, some]) => [[make("a", { class: "id", href: opLink(at) }, ops[at].id)], some, reaches[at].length])));
  }
  return nodes;
}

function ofType(name) {
  const type = plan.tag_types.find((each) => each.name === name);
  if (!type) return missing(name);
  const has = (edge) => edge.pairs.some(([of]) => ops[edge.from].tags[of].type === name);
  const own = edges.filter(has);
  return [make("h2", {}, name),
    make("p", { class: "soft" }, [type.ids.length ? "by " + type.ids.join(" or ") : "", type.places.join(", ")].filter((text) => text).join("; ")),
    make("h3", {}, `${many(own.length, "edge", "edges")} by this tag type`),
    ...(own.length ? within(own) : [make("p", {}, "No mutation reaches a query by it.")])];
}

function ofOperation(at) {
  const op = ops[at];
  const isMutation = op.kind === "mutation";
  const own = (isMutation ? reaches : reached)[at].slice();
  own.sort((a, b) => EFFECTS.indexOf(a.effect) - EFFECTS.indexOf(b.effect) || b.sure - a.sure);
  const other = (edge) => isMutation ? edge.to : edge.from;
  const nodes = [make("p", { class: "badge " + op.kind }, op.kind), make("h2", { class: "id" }, op.id),
    make("p", {}, make("span", { class: "call" }, op.call), make("span", { class: "soft" }, " in Rust "), make("code", {}, op.function)),
    reasons(op.why), ...op.warnings.map((text) => make("p", { class: "look" }, "Look at this: " + text))];
  nodes.push(make("h3", {}, isMutation ? `Reaches ${many(own.length, "query", "queries")}`
    : `${many(own.length, "mutation reaches", "mutations reach")} it`));
  if (own.length) nodes.push(...(isMutation ? graph([at], own.map(other), own) : graph(own.map(other), [at], own)));
  nodes.push(make("h3", {}, isMutation ? "It invalidates" : "It provides"));
  nodes.push(op.tags.length ? table(["tag", "from", "why", "sure"], op.tags.map((tag) =>
    [[make("code", {}, tag.words)], tag.from, tag.why || "–", [percent(tag.sure)]]), true) : make("p", {}, "No tag."));
  if (own.length) {
    const body = own.map((edge) => {
      const pairs = edge.pairs.map(([of, to]) => [ops[edge.from].tags[of], ops[edge.to].tags[to]]);
      const own = pairs.flatMap((pair) => pair.map((tag) => tag.why)).filter((why) => why);
      const whys = [...new Set(own.length ? own : [...ops[edge.from].why, ...ops[edge.to].why])];
      const tags = [...new Set(pairs.map(([of, to]) => `${of.words} reaches ${to.words}`))];
      return [[make("a", { class: "id", href: opLink(other(edge)) }, ops[other(edge)].id)],
        [make("span", { class: "badge " + edge.effect }, edge.effect), " " + edge.when],
        [reasons([...whys, ...tags])], [percent(edge.sure)]];
    });
    nodes.push(make("h3", {}, "Each edge, and why"), table([isMutation ? "query" : "mutation", "what becomes of it", "because", "sure"], body, true));
  }
  nodes.push(make("h3", {}, "To say otherwise"),
    make("p", { class: "soft" }, "In larder.toml, below the document's [[api]]. This is what was inferred; change it."), make("pre", {}, op.override));
  return nodes;
}
const missing = (name) => [make("h2", {}, "There is no such thing"), make("p", {}, `Nothing in this plan is called ${name}.`)];

// Where one is: `#/op/ID`, `#/type/NAME`, `#/find/WORDS`.

function go() {
  const [, what, ...rest] = location.hash.split("/");
  let name = rest.join("/");
  try { name = decodeURIComponent(name); } catch { /* It is what it is. */ }
  if (what === "find") { find.value = name; search(); }
  const at = what === "op" ? byId.get(name) : undefined;
  for (const each of rows) {
    if (each.at === at) {
      each.row.setAttribute("aria-current", "true");
      if (!list.contains(document.activeElement)) each.row.scrollIntoView({ block: "nearest" });
    } else if (each.row.hasAttribute("aria-current")) each.row.removeAttribute("aria-current");
  }
  const nodes = at !== undefined ? ofOperation(at) : what === "op" ? missing(name) : what === "type" ? ofType(name) : overview();
  view.replaceChildren(...nodes);
  view.scrollTop = 0;
  document.title = (at !== undefined || what === "type" ? name + " – " : "") + plan.title;
}

find.addEventListener("input", search);
document.querySelector("fieldset").addEventListener("change", search);
addEventListener("hashchange", go);
addEventListener("keydown", (event) => {
  const typing = event.target === find;
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    find.focus();
    find.select();
  } else if (event.key === "Escape") {
    if (find.value) { find.value = ""; search(); } else location.hash = "#/";
  } else if (event.key === "Enter" && typing) {
    const first = rows.find((each) => each.is);
    if (first) location.hash = opLink(first.at);
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && (typing || list.contains(event.target))) {
    const shown = rows.filter((each) => each.is).map((each) => each.row);
    const next = typing ? 0 : shown.indexOf(event.target.closest("a")) + (event.key === "ArrowDown" ? 1 : -1);
    event.preventDefault();
    (next < 0 ? find : shown[Math.min(next, shown.length - 1)] || find).focus();
  }
});
document.body.classList.add("live");
for (const node of document.querySelectorAll("[data-live]")) node.hidden = false;
search();
go();
