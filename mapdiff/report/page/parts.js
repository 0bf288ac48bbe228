/*
 * parts.js - parts of pages that several reports have: banner, legend, what is known of a boot.
 */

/* How a report ends, in one sentence. @verdict: yes, no, unknown. */
function banner(verdict, sign, answer, ...rest) {
	return el("div", { class: `verdict v-${verdict}`, role: "status" },
		el("span", { class: "sign", "aria-hidden": "true" }, sign), el("strong", {}, answer), rest);
}

/* What to do, why, and how sure that is: @of has the sentences. */
const answerList = (of, ...more) => el("dl", { class: "answer" },
	el("dt", {}, "What to do"), el("dd", { class: "to-do" }, sentence(of.to_do)),
	el("dt", {}, "Why"), el("dd", {}, sentence(of.why)),
	el("dt", {}, "How sure"), el("dd", {}, of.sure),
	more.map(([name, text]) => [el("dt", {}, name), el("dd", {}, text)]));

const KIND_NAMES = { loader: "loader", boot: "boot services", runtime: "runtime services", mmio: "MMIO" };

/* Kind -> its name, of all kinds that the bands have; those of the e820 maps first. */
function kindsOf(bands) {
	const kinds = new Map();
	const nameOf = (i, id) => id === "e820" && i.kind === "runtime" ? `runtime services (${i.name})`
		: KIND_NAMES[i.kind] || i.name;
	for (const id of ["e820", "uefi"])
		for (const i of bands.filter(b => b.id === id).flatMap(band => band.items))
			if (!kinds.has(i.kind))
				kinds.set(i.kind, nameOf(i, id));
	return kinds;
}

/* Bytes of a kind in the e820 map; where that has no such kind, in the UEFI map. */
function bytesOfKind(bands, kind, id) {
	const items = bands.filter(band => band.id === id).flatMap(band => band.items);
	return Number(items.filter(i => i.kind === kind).reduce((bytes, i) => bytes + bytesOf(i), 0n));
}

const kindCell = (kind, name) => el("span", { class: "kind" }, swatch(kind), " ", name);

/* What the colours mean, and how much there is of each. @sides as for describer(). */
function legend(sides) {
	const all = sides.flatMap(side => side.bands);
	const has = (kind, ofBand) => all.some(band => ofBand(band) && band.items.some(i => i.kind === kind));
	const inE820 = kind => has(kind, band => band.id === "e820");
	const totals = kind => sides.map(side => bytesOfKind(side.bands, kind, inE820(kind) ? "e820" : "uefi"));
	const columns = [["", "", row => kindCell(row.kind, row.name)], ...sides.map((side, k) =>
		[side.name || "size", "r", row => row.bytes[k] ? sizeText(row.bytes[k]) : "–"])];
	if (sides.length === 2)
		columns.push(["A to B", "r",
			({ bytes: [a, b] }) => a === b ? soft("same") : el("strong", {}, signedSize(b - a))]);
	const names = { taken: "reserved", odd: "reserved, no reason known", beyond: "RAM past its end",
		outside: "no RAM" };
	const fates = Object.entries(names).filter(([kind]) => has(kind, band => TARGETS[band.id]));

	return el("div", { class: "legend", role: "group", "aria-label": "Legend, with totals" },
		table(columns, [...kindsOf(all)].map(([kind, name]) => ({ kind, name, bytes: totals(kind) }))),
		fates.length ? el("p", {}, soft("in the bitmaps: "),
			[["ram", "free"], ...fates].map(([kind, name]) => [kindCell(kind, name), " "])) : null);
}

/* The same without totals, where there are many maps. */
const plainLegend = bands => el("div", { class: "legend", role: "group", "aria-label": "Legend" },
	table([["", "", ([kind, name]) => kindCell(kind, name)]], [...kindsOf(bands)]));

const FACTS = ["machine", "bios", "firmware-vendor", "kernel-version", "command-line", "cpu", "cpu-count", "program",
	"taken", "time", "label", "loader", "origin"];

const sourceText = boot => boot.boots > 1 ? `${boot.source}, boot ${boot.boot} of ${boot.boots}` : boot.source;
const keyText = key => key.replaceAll("-", " ");

function factsOf(boot) {
	const isRead = boot.e820_recorded !== false;
	return { ...boot.facts, "e820 map": isRead ? undefined : "translated from the UEFI map by Linux's rules" };
}

/* One line that says which boot this is. */
function bootLine({ facts, ...boot }) {
	const kernel = facts["kernel-version"] && `Linux ${facts["kernel-version"]}`;
	return [facts.machine || facts.origin, facts.machine && facts.bios, kernel, facts.time]
		.filter(Boolean).join(" · ") || sourceText(boot);
}

function bootFacts(boot) {
	const facts = factsOf(boot), keys = ["e820 map", ...FACTS].filter(key => facts[key] !== undefined);
	return el("dl", { class: "facts" }, el("dt", {}, "file"), el("dd", {}, `${boot.name} (${sourceText(boot)})`),
		keys.map(key => [el("dt", {}, keyText(key)), el("dd", {}, facts[key])]));
}

/* Two boots side by side: what differs first, what is the same once. */
function bootsTable(boots, names, conditions) {
	const facts = boots.map(factsOf);
	const keys = ["e820 map", ...FACTS].filter(key => facts.some(f => f[key] !== undefined));
	const rows = conditions.map(c => ({ key: c.key, values: [c.before, c.after] }));
	for (const key of keys.filter(k => !conditions.some(c => c.key === k)))
		rows.push({ key, values: facts.map(f => f[key] === undefined ? null : f[key]) });
	const isSame = row => row.values[0] === row.values[1];
	rows.sort((a, b) => isSame(a) - isSame(b));
	const cells = row => isSame(row) ? el("td", { colspan: 2 }, row.values[0], soft(" both"))
		: row.values.map(value => el("td", {}, value === null ? "–" : value));
	const heads = boots.map((boot, k) => el("th", { scope: "col" }, el("span", { class: "chip" }, "AB"[k]), " ",
		el("strong", {}, names[k]), soft(` ${sourceText(boot)}`)));

	return el("div", { class: "scroll" }, el("table", { class: "boots" },
		el("thead", {}, el("tr", {}, el("td"), heads)),
		el("tbody", {}, rows.map(row => el("tr", { class: isSame(row) ? "" : "differs" },
			el("th", { scope: "row" }, keyText(row.key)), cells(row))))));
}

const MOST_FAULTS = 5;

/* What could not be read stands above all that was made of the rest. */
function faultsBox(boot, name) {
	const { faults } = boot, n = count(faults.length, "fault");
	const faultText = fault => (fault.line ? `line ${fault.line}: ` : "") + fault.text;
	const more = faults.length - MOST_FAULTS;
	return faults.length === 0 ? "" : el("div", { class: "faults v-unknown", role: "note" },
		el("strong", {}, `${name ? `${name}: ` : ""}${n} in the file; this is of what could be read`),
		el("ul", {}, faults.slice(0, MOST_FAULTS).map(fault => el("li", {}, faultText(fault))),
			more > 0 ? el("li", {}, `and ${more} more; the text has all`) : null));
}

