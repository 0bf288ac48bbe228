/*
 * boot.js - the reports about one boot (show, translate, explain, lint, check) -> their pages.
 */

const LEDGER_KINDS = {
	"usable": "ram", "UEFI runtime services": "runtime", "ACPI data": "acpi", "ACPI NVS": "nvs",
	"reserved": "reserved", "unusable": "unusable", "persistent": "pmem",
	"soft reserved (specific purpose)": "soft", "in no map": "outside",
};

function percentText(part) {
	if (part > 0 && part < .0001)
		return "< 0.01 %";
	return part < 1 && part > .9999 ? "> 99.99 %" : `${(100 * part).toFixed(2)} %`;
}

function ledgerBar(report) {
	const total = report.ledger.reduce((sum, row) => sum + row.bytes, 0);
	const kindOf = row => LEDGER_KINDS[row.what] || "odd";
	const pieces = report.ledger.map(row => el("span", {
		class: `k-${kindOf(row)}`, title: `${row.what}: ${sizeText(row.bytes)}`,
		style: `background:var(--fill);flex:${Math.max(row.bytes, total / 150)} 0 0;` +
			"border-right:1px solid var(--paper)",
	}));
	return [
		el("div", { class: "bar", role: "img", "aria-label": "The RAM ledger as a bar" }, pieces),
		table([["", "", row => el("span", {}, swatch(kindOf(row)), " ", row.what)],
			["", "r", row => sizeText(row.bytes)],
			["", "r", row => total ? percentText(row.bytes / total) : ""]], report.ledger),
	];
}

function targetLedger(targets) {
	const whats = [...new Set(targets.flatMap(([, target]) => target.ledger.map(row => row.what)))];
	const bytes = (target, what) => target.ledger.filter(row => row.what === what).map(row => row.bytes)[0];
	const cell = (target, what) => bytes(target, what) === undefined ? "–" : sizeText(bytes(target, what));
	return table([["", "", what => what],
		...targets.map(([id, target]) => [TARGETS[id], "r", what => cell(target, what)])], whats);
}

function bitmapsTable(report, targets) {
	const facts = [["e820 CRC-32", report.e820_crc32 ?? "not told"], ["of RAM alone", report.e820_ram_crc32],
		["e820 map", report.e820_computed ? `translated here, rules: ${report.rules}` : "as recorded"],
		["policy", report.policy],
		["kernel", `${rangeText(parse(report.kernel))}${report.kernel.assumed ? ", assumed" : ""}`],
		...(report.cut_bytes ? [["cut off by a limit", sizeText(report.cut_bytes)]] : [])];
	return [table([
		["target", "head", ([id]) => TARGETS[id]],
		["RAM ends at", "mono", ([, t]) => hex(BigInt(t.max_pfn) << 12n)],
		["bitmap ends at", "mono", ([, t]) => hex(BigInt(t.max_low_pfn) << 12n)],
		["free", "r", ([, t]) => t.failure ? "–" : sizeText(t.free_pages * 4096)],
		["from", "", ([, t]) => t.failure || (t.recorded ? "the capture" : "computed")]], targets),
	el("dl", { class: "facts" }, facts.map(([key, value]) => [el("dt", {}, key), el("dd", {}, value)]))];
}

const LIFETIMES = { boot: "end of boot", acpi: "ACPI is read", forever: "forever" };

/* What both targets reserve stands there once. */
function reservationsTable(report) {
	const rows = Object.entries(report.targets).flatMap(([id, target]) =>
		target.reserved.map(parse).map(r => ({ ...r, target: TARGETS[id] })));
	const both = new Map();
	for (const row of rows) {
		const key = [row.start, row.end, row.owner, row.reason].join();
		const known = both.get(key);
		if (known)
			known.target += ", " + row.target;
		else
			both.set(key, row);
	}
	return table([
		["owner", "head", row => row.owner], ["size", "r", row => sizeText(bytesOf(row))],
		["range", "mono", row => rangeText(row)], ["reason", "", row => row.reason],
		["by", "", row => row.origin === "linux" ? "Linux" : "extension"],
		["until", "", row => LIFETIMES[row.lifetime]],
		["target", "", row => row.target]], [...both.values()]);
}

function descriptorsTable(bands, picture) {
	const find = id => bands.find(band => band.id === id), uefi = find("uefi");
	const fate = id => find(id) ? [[find(id).label, "", i => overlapCell(find(id), i)]] : [];
	return table([
		["type", "head", i => typeCell(i.type, uefiKind)], ["size", "r", i => sizeText(bytesOf(i))],
		["range", "mono", i => rangeText(i)],
		["attribute", "mono", i => el("span", { title: attributeText(i.attribute) }, i.attribute)],
		...fate("e820"), ...fate("ia32"), ...fate("amd64")], uefi ? uefi.items : [],
	(tr, i) => linkNode(tr, i, () => picture));
}

function e820Table(bands, picture) {
	const band = bands.find(b => b.id === "e820"), items = band ? band.items : [];
	return table([["type", "head", i => typeCell(i.type)], ["size", "r", i => sizeText(bytesOf(i))],
		["range", "mono", i => rangeText(i)],
		...(items.some(i => i.owner) ? [["owner", "", i => i.owner || ""]] : [])], items,
	(tr, i) => linkNode(tr, i, () => picture));
}

const FAULTS = {
	zero_pages: "of no pages", wraps: "that end past 2^64", unaligned: "that start inside a page",
	out_of_order: "below the one before",
	unknown_types: "of unknown types", ram_not_wb: "of RAM without WB", ram_runtime: "of RAM with RUNTIME",
	runtime_unflagged: "of runtime services without RUNTIME", overlaps: "that overlap",
};

function mapNotes(report) {
	const odd = Object.entries(report.map_faults).filter(([, n]) => n > 0).map(([key, n]) => `${n} ${FAULTS[key]}`);
	const notes = [...(odd.length > 0 ? [`What is odd about the UEFI map: descriptors ${odd.join(", ")}.`] : []),
		...(report.linux ? [`${report.linux}.`] : [])];
	return notes.length === 0 ? "" : el("p", { class: "lead" }, notes.join(" "));
}

/* What is free for a target, or why nothing is known of that. */
function targetFigure([id, t]) {
	return [`free for ${TARGETS[id]}`, t.failure ? "–" : sizeText(t.free_pages * 4096),
		t.failure || `bitmap ends at ${hex(BigInt(t.max_low_pfn) << 12n)}`];
}

function bootFigures(report, targets) {
	const ram = report.e820.filter(range => range.type === 1), installed = report.installed_bytes;
	const usable = ram.reduce((sum, r) => sum + BigInt(r.end) - BigInt(r.start), 0n);
	return figures([
		["usable RAM", sizeText(usable),
			installed === null ? "in the e820 map" : `of ${sizeText(installed)} installed`],
		...targets.map(targetFigure),
		["e820 map", count(report.e820.length, "range"),
			report.e820_computed ? `by the rules of ${report.rules}`
				: `CRC-32 ${report.e820_crc32 ?? "not told"}`],
		...(report.uefi.length ? [["UEFI map", count(report.uefi.length, "descriptor"), ""]] : []),
	]);
}

/* Each section that the report has something for, below the picture. */
function bootSections(report, bands, picture, targets) {
	const installed = report.installed_bytes, hasFates = bands.some(band => band.id === "e820");
	const ram = report.ledger && report.ledger.length ? section("RAM", installed === null ? "what the map has"
		: `${sizeText(installed)} installed = usable and what is lost, by cause`, ledgerBar(report)) : "";
	const ofTargets = targets.some(([, target]) => target.ledger.length) ? section("RAM by target",
		"what of the e820 map's RAM is free, and who has the rest", targetLedger(targets)) : "";
	const e820 = report.e820.length === 0 ? ""
		: section("e820 map", count(report.e820.length, "range"), e820Table(bands, picture));
	const bitmaps = targets.length ? section("Bitmaps", "", bitmapsTable(report, targets)) : "";
	const sections = [el("div", { class: "two" }, e820, el("div", {}, ram, bitmaps, ofTargets))];

	if (report.rules_differences && report.rules_differences.length)
		sections.push(section("Where the rules differ",
			`bootmem's, on purpose, from those of ${report.other_rules}`, table([
			["descriptors", "r", d => String(d.descriptors)], ["size", "r", d => sizeText(d.bytes)],
			["why", "", d => d.reason]], report.rules_differences)));
	if (report.uefi.length)
		sections.push(fold("UEFI map",
			count(report.uefi.length, "descriptor") + (hasFates ? ", and what became of each" : ""),
			report.map_faults ? mapNotes(report) : "", descriptorsTable(bands, picture)));
	if (targets.some(([, target]) => target.reserved.length))
		sections.push(fold("Reservations", "in the order in which they were made",
			reservationsTable(report)));
	return [...sections, section("The boot", "", bootFacts(report.boot))];
}

/* All that is no RAM, or not the kernel's, in the colours of the picture. */
const ramOfBoot = e820 => ramStrip([["", e820]],
	e820.filter(i => i.type !== 1).map(i => ({ ...i, k: 0 })), "what is not usable stands out", false);

/* What explain, lint and check say comes first: @lead(picture, bands); @marks are their band. */
function drawBoot(report, page, marks, lead) {
	const bands = bandsOf(report), targets = Object.entries(report.targets || {});
	const e820 = bands.find(band => band.id === "e820");
	if (e820)
		Object.assign(e820, { height: 44, words: true });
	const sides = [{ name: "", source: { ...report, landmarks: report.boot.landmarks }, bands }];
	const picture = makePicture([...marks, ...bands], describer(sides), legend(sides));

	page.append(faultsBox(report.boot), ...lead(picture, bands, targets), e820 ? ramOfBoot(e820.items) : "",
		section("Physical address space", targets.length ? "from the UEFI map to the bitmaps" : "",
			bands.length ? picture.element : el("p", {}, "The file has no map.")),
		...bootSections(report, bands, picture, targets));
	return picture;
}

const markBand = (label, items) => items.length === 0 ? []
	: [{ id: "marks", label, height: 18, marks: true, items: [...items].sort(byAddress) }];

/* What one boot tells of a resume, and what to do; a translation alone tells nothing. */
function bootAnswer(report) {
	if (report.to_do === undefined)
		return "";
	const [verdict, sign, answer] = report.forbidden
		? ["no", "✕", "No: hibernation would not work with this boot"]
		: ["unknown", "?", "Unknown: one boot does not tell whether Linux would resume"];
	return banner(verdict, sign, answer, answerList(report, ["Firmware (lint)", report.lint]));
}

function drawShow(report, page) {
	const picture = drawBoot(report, page, [], (_, bands, targets) =>
		[bootAnswer(report), bands.length ? bootFigures(report, targets) : ""]);
	return () => picture.start();
}

/* What each map has at the page, first of all. */
function pageFigures(mark, bands) {
	return figures(bands.map(band => {
		const found = itemsIn(band, mark), only = found.length === 1 ? found[0] : {};
		const nothing = TARGETS[band.id] ? "not in the bitmap" : "nothing";
		const reason = only.by ? only.by.reason : only.owner || "";
		return [band.label, found.map(i => i.name).join(", ") || nothing, reason];
	}));
}

function drawExplain(report, page) {
	const address = BigInt(report.address), start = address >> 12n << 12n;
	const mark = item({ start, end: start + 4096n }, ["this page", "mark"]);
	const steps = el("ol", { class: "steps" }, report.steps.map(step =>
		el("li", { class: step.decisive ? "decisive" : "" }, soft(TARGETS[step.stage] || step.stage),
			el("span", {}, step.text))));
	const picture = drawBoot(report, page, markBand("address", [mark]), (_, bands) => [pageFigures(mark, bands),
		section("What happened to it", "in this order; what decided is in bold", steps)]);
	return () => picture.start(mark);
}

function placeNode(place, mark, picture) {
	const range = place.start === null ? "" : [el("span", { class: "mono" }, rangeText(parse(place))), " "];
	const node = el("li", {}, range, place.text, mark ? [" ", el("button", { type: "button" }, "Show")] : "");
	if (mark)
		linkNode(node, mark, () => picture);
	return node;
}

/* A finding: what its rule is about, and each place. */
function ruleNode({ severity, title, rule, explanation, reference, places }, markOf, picture) {
	return el("div", { class: `finding k-${severity}` },
		el("p", {}, el("span", { class: "chip severity" }, severity), " ", el("strong", {}, title), " ",
			el("code", { class: "soft" }, rule)),
		el("p", { class: "soft" }, explanation, reference ? ` (${reference})` : ""),
		el("ul", {}, places.map(place => placeNode(place, markOf.get(place), picture))));
}

/* Rules that could not be asked, by the reason. */
function uncheckedNodes(rules) {
	const groups = [...groupsOf(rules.filter(row => !row.checked), row => row.why_not)];
	return groups.map(([why, rows]) => el("p", { class: "soft" },
		`${rows.length} of ${count(rules.length, "rule")} not checked: ${why}: `,
		`${rows.map(row => row.rule).join(", ")}.`));
}

function findingsSection({ findings, rules, counts: all }, marks, picture) {
	const counts = ["error", "warning", "note"].map(s => [s, all[s]]).filter(([, n]) => n);
	const markOf = new Map(marks.map(mark => [mark.place, mark]));
	return section("Findings", counts.map(([s, n]) => count(n, s)).join(", ") || "none",
		findings.map(finding => ruleNode(finding, markOf, picture)),
		findings.length ? "" : el("p", {}, "None of the rules that were checked found anything."),
		uncheckedNodes(rules));
}

function drawLint(report, page) {
	const marks = report.findings.flatMap(({ title, severity, explanation, places }) =>
		places.filter(place => place.start !== null).map(place =>
			item(parse(place), [title, severity],
				{ place, text: `${place.text}. ${explanation}` })));
	const picture = drawBoot(report, page, markBand("findings", marks), linked =>
		[findingsSection(report, marks, linked)]);
	return () => picture.start();
}

function drawCheck(report, page) {
	const best = report.rules[0], nameOf = type => type === 0 ? "nothing" : e820Kind(type)[0];
	const cell = type => type === 0 ? soft("nothing") : typeCell(type);
	const result = r => r.exact ? el("strong", {}, "exact")
		: `${count(r.differences.length, "difference")}, ${sizeText(r.different_bytes)}`;
	const marks = best.differences.map(parse).map(d => item(d, ["difference", "error"],
		{ text: `expected ${nameOf(d.expected)}, found ${nameOf(d.found)}` }));
	const answer = best.exact ? `Yes: the e820 map follows from the UEFI map, by the rules of ${best.text}`
		: `No: the e820 map follows from the UEFI map by no known rules; nearest: ${best.text}`;
	const lead = linked => [
		banner(best.exact ? "yes" : "no", best.exact ? "✓" : "✕", answer, el("p", {}, report.ambiguous
			? "Other rules give this very list too: the map does not tell them apart." : "")),
		section("Rules", "the nearest first",
			table([["rules", "", r => r.text], ["result", "", result]], report.rules)),
		best.differences.length ? section("Differences", best.text, table([["range", "mono", d => rangeText(d)],
			["UEFI", "", d => d.uefi === null ? "–" : typeCell(d.uefi, uefiKind)],
			["expected", "", d => cell(d.expected)], ["found", "", d => cell(d.found)]], marks,
		(tr, d) => linkNode(tr, d, () => linked))) : "",
	];
	const picture = drawBoot(report, page, markBand("differences", marks), lead);
	return () => picture.start();
}

