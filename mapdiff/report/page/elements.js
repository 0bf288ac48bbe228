/*
 * elements.js - elements of the page, of HTML and of SVG. Texts become text, whatever is in them.
 */

const PATTERNS = {
	reserved: "M0 6L6 0", mmio: "M0 6L6 0M0 0L6 6", acpi: "M2.5 3h1M5.5 6h1M5.5 0h1", nvs: "M0 3h6",
	runtime: "M3 0v6", unusable: "M0 0L6 6M0 6L6 0", loader: "M0 0L6 6", taken: "M0 0L6 6",
	pmem: "M0 3h6M3 0v6", soft: "M0 3h3", odd: "M3 0v3", beyond: "M0 6L6 0",
};

function fill(node, attributes, children) {
	for (const [name, value] of Object.entries(attributes || {})) {
		if (name.startsWith("on"))
			node.addEventListener(name.slice(2), value);
		else if (value !== undefined && value !== false)
			node.setAttribute(name, value === true ? "" : value);
	}
	node.append(...children.flat(Infinity).filter(child => ![null, undefined, ""].includes(child)));
	return node;
}
const el = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const svg = (tag, attributes, ...children) =>
	fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

/* What changed has a colour of its own, and the pattern of its kind. */
const HOT = { ram: "hot-ram", reserved: "hot-reserved", runtime: "hot-reserved", mmio: "hot-reserved", acpi: "hot-acpi",
	nvs: "hot-nvs" };
const hotKind = kind => HOT[kind] || kind;
const patternOf = kind => kind.replace("hot-", "");

function swatch(kind, width = 16, height = 14) {
	return svg("svg", { class: `swatch k-${kind}`, width, height, "aria-hidden": "true" },
		svg("rect", { class: "range", width, height, rx: 2 }),
		PATTERNS[patternOf(kind)] ? svg("rect",
			{ class: "pattern", width, height, rx: 2, fill: `url(#p-${patternOf(kind)})` }) : null);
}
const typeCell = (type, kindOf = e820Kind) => {
	const [name, kind] = kindOf(type);
	return el("span", { class: "kind" }, swatch(kind), " ", name);
};
/* A sentence of the text report: a browser would break the line inside its arrows. */
const sentence = text => text.replaceAll(" -> ", " → ");
const soft = (...children) => el("span", { class: "soft" }, children);

/* In pixels, of the picture's letters. */
const ruler = document.createElement("canvas").getContext("2d");
function textWidth(text, weight) {
	ruler.font = `${weight} 11px ${getComputedStyle(document.body).fontFamily}`;
	return ruler.measureText(text).width;
}

function patternDefinitions() {
	return svg("svg", { width: 0, height: 0, style: "position:absolute", "aria-hidden": "true" },
		svg("defs", {}, Object.entries(PATTERNS).map(([kind, d]) =>
			svg("pattern", { id: `p-${kind}`, width: 6, height: 6, patternUnits: "userSpaceOnUse" },
				svg("path", { d, class: `k-${kind}`, fill: "none", style: "stroke: var(--text)",
					"stroke-width": kind === "acpi" ? 1.5 : 1, "stroke-opacity": .38 })))));
}

const section = (title, note, ...children) =>
	el("section", {}, el("h2", {}, title, note ? el("small", {}, note) : null), children);

/* The same, closed at first: for what one looks up. */
function fold(title, note, ...children) {
	return el("section", {}, el("details", { class: "fold" },
		el("summary", {}, el("h2", {}, title, note ? el("small", {}, note) : null)), children));
}

/* More rows than these are drawn when asked for. */
const MOST_ROWS = 500;

/* @columns: [title, class, cell(row, index)]. Returns the table; @each(tr, row) sees each row. */
function table(columns, rows, each = () => {}) {
	const makeRow = (row, index) => {
		const tr = el("tr", {}, columns.map(([title, style, cell]) =>
			el("td", { class: style, "data-title": title || undefined }, cell(row, index))));
		each(tr, row);
		return tr;
	};
	const body = el("tbody", {}, rows.slice(0, MOST_ROWS).map(makeRow));
	const showAll = () => {
		body.append(...rows.slice(MOST_ROWS).map((row, k) => makeRow(row, MOST_ROWS + k)));
		more.remove();
	};
	const more = rows.length <= MOST_ROWS ? null : el("p", { class: "more" },
		soft(`The first ${MOST_ROWS} of ${numberText(rows.length)}. `),
		el("button", { type: "button", onclick: showAll }, "Show all"));
	const heads = columns.map(([title, style]) => el("th", { class: style, scope: "col" }, title));
	const head = columns.some(([title]) => title) ? el("thead", {}, el("tr", {}, heads)) : null;

	const style = columns.length > 3 ? "cards" : undefined;
	return el("div", { class: "scroll" }, el("table", { class: style }, head, body), more);
}

/* What a report comes to, in big letters: [label, value, note]. */
function figures(list) {
	return el("dl", { class: "figures" }, list.map(([label, value, note]) =>
		el("div", {}, el("dt", {}, label), el("dd", {}, value, note ? el("small", {}, note) : null))));
}

