/*
 * diff.js - the report of what changed between two boots -> its page.
 */

const VERDICTS = {
	yes: ["✓", "Yes: Linux would resume from hibernation"],
	no: ["✕", "No: Linux would not resume from hibernation"],
	unknown: ["?", "Unknown: whether Linux would resume cannot be said from these two"],
};

function verdictBanner(resume) {
	const [sign, answer] = VERDICTS[resume.verdict];
	const pair = ([a, b]) => a && a === b ? `${a}, both` : !a && !b ? "unknown"
		: `${a || "unknown"} ${a && b ? "≠" : "/"} ${b || "unknown"}`;
	const [first, ...others] = resume.reasons.map(sentence), verdicts = resume.reason_verdicts;
	const reason = (text, k) => el("li", { class: `says-${verdicts[k + 1]}` }, text);
	return banner(resume.verdict, sign, answer,
		el("dl", {}, el("dt", {}, "e820 CRC-32"), el("dd", {}, pair(resume.e820_crc32)),
			el("dt", {}, "RAM alone"), el("dd", {}, pair(resume.ram_crc32)),
			el("dt", {}, "by the RAM-only rule"), el("dd", {}, resume.ram_only)),
		el("p", {}, first || ""),
		others.length ? el("ul", {}, others.map(reason)) : null);
}

/* "moved 22 pages down", "grew +8 pages"; of what has another type now, that. */
const changeText = i =>
	i.change === "retyped" ? `became ${e820Kind(i.after.type)[0]}, ${i.amount}` : `${i.change} ${i.amount}`;

/* The same for the picture, where there is little room. */
function changeShort(i) {
	switch (i.change) {
	case "moved": case "grew": case "shrank": return i.amount;
	case "retyped": return `→ ${e820Kind(i.after.type)[0]}`;
	default: return i.change;
	}
}

/* RAM is nobody's. */
const ownerText = i => i.owner || ((i.before || i.after).type === 1 ? "" : "owner not known");

function changeItem(change, number) {
	const [before, after] = [change.before, change.after].map(half => half && parse(half));
	const parts = change.kind === "retyped" ? [after] : [before, after].filter(Boolean);
	const sorted = [...parts].sort(byAddress), end = parts.reduce((most, p) => p.end > most ? p.end : most, 0n);
	const i = item({ ...change, change: change.kind, before, after, parts, number, start: sorted[0].start, end },
		e820Kind((before || after).type));
	i.title = `${number ? `${number}: ` : ""}${i.name} ${changeText(i)}`;
	i.callout = [`${i.name} ${changeShort(i)}`, ownerText(i)];
	i.text = [change.owner ? `${change.owner}. ` : "", change.meaning,
		change.cause !== "unknown" ? ` Cause: ${change.cause}.` : ""].join("");
	return i;
}

function changeItems(changes) {
	let number = 0;
	return changes.map(change => changeItem(change, change.consequence ? null : ++number));
}

/* A over B in each kind of band, with the changes between the two e820 maps. */
function diffBands(report) {
	const [a, b] = report.boots.map((boot, k) => bandsOf(boot, "AB"[k])), changes = changeItems(report.changes);
	const bands = [];
	for (const id of ["uefi", "e820", "ia32", "amd64"]) {
		const pair = [a, b].map(list => list.find(band => band.id === id)).filter(Boolean);
		if (id === "e820" && pair.length === 2 && changes.length)
			pair.splice(1, 0, { id: "changes", label: "changes", height: RIBBON_HEIGHT, ribbons: true,
				marks: true, items: changes });
		bands.push(...pair);
	}
	return { a, b, bands, changes };
}

const numberOf = i => el("span", { class: "number" }, String(i.number));

function changesTable(items, picture) {
	const half = range => range ? el("span", {}, rangeText(range), " ", soft(sizeText(bytesOf(range)))) : "–";
	const button = i => i.number ? el("button", { type: "button", class: "number",
		"aria-label": `Show change ${i.number} in the picture` }, String(i.number)) : "";
	return table([
		["", "", button],
		["what", "what", i => el("span", {}, typeCell((i.before || i.after).type), " ", changeText(i))],
		["before (A)", "mono", i => half(i.before)], ["after (B)", "mono", i => half(i.after)],
		["owner", "", i => i.owner ? el("strong", {}, i.owner) : soft(ownerText(i) || "–")],
		["cause", "what", i => i.cause === "unknown" ? soft("not known") : i.cause],
	], items, (tr, i) => {
		tr.classList.toggle("consequence", i.consequence);
		picture.link(tr, i);
	});
}

const MOST_NUMBERS = 12;

/* What some changes mean, with their numbers. */
function meaningNode([text, list]) {
	const numbered = list.filter(i => i.number);
	return el("li", { class: numbered.length ? "" : "soft" },
		numbered.slice(0, MOST_NUMBERS).map(i => [numberOf(i), " "]),
		numbered.length > MOST_NUMBERS ? `and ${numbered.length - MOST_NUMBERS} more: ` : "", text);
}

/* By cause: what shows it, and what the changes that it made mean, each meaning once. */
function causesSection(report, changes) {
	const names = [...new Set([...report.causes, ...changes].map(c => c.cause))].filter(cause => cause !== "");
	const causeNode = cause => {
		const evidence = report.causes.filter(c => c.cause === cause).map(c => sentence(c.text)).join("; ");
		const meanings = groupsOf(changes.filter(c => c.cause === cause && c.meaning), c => c.meaning);
		return el("div", { class: "cause" },
			el("h3", {}, cause === "unknown" ? "Cause not known" : cause, evidence ? soft(evidence) : null),
			meanings.size ? el("ul", {}, [...meanings].map(meaningNode)) : null);
	};
	return names.length === 0 ? ""
		: section("Why, and what it means", "the likeliest cause first", names.map(causeNode));
}

function tableCell(acpi) {
	return acpi ? el("span", {}, acpi.address, soft(acpi.bytes ? ` ${acpi.bytes} bytes` : "")) : "–";
}

const acpiSection = tables => section("ACPI tables that differ", "", table([
	["table", "", row => (row.before || row.after).signature], ["what", "", row => row.what],
	["before (A)", "mono", row => tableCell(row.before)], ["after (B)", "mono", row => tableCell(row.after)],
	["identity", "", row => (row.before || row.after).identity]], tables));

function uefiSection(types) {
	const hasFootprint = types.some(row => row.footprint_pages[0] || row.footprint_pages[1]);
	return section("UEFI map", "descriptors that are in one of the two only, by type", table([
		["type", "", row => typeCell(row.type, uefiKind)],
		["only in A", "r", row => numberText(row.descriptors[0])],
		["only in B", "r", row => numberText(row.descriptors[1])],
		["pages A", "r", row => numberText(row.pages[0])], ["pages B", "r", row => numberText(row.pages[1])],
		...(hasFootprint ? [["of these bootmem's", "r", row => row.footprint_pages.join(", ")]] : []),
		["in Linux's e820 map", "", row => row.visible ? "visible" : soft("not visible")]], types));
}

/* How many changes there are, of their own, and of RAM behind them. */
function changesNote(report, changes) {
	const own = changes.filter(i => !i.consequence).length, follow = changes.length - own;
	const verb = follow === 1 ? "follows" : "follow";
	const behind = follow ? `, and ${follow} of RAM that ${verb} from ${own === 1 ? "it" : "them"}` : "";
	return (report.footprint_subtracted ? "bootmem's own memory left out; " : "") +
		(own ? count(own, "change") + behind : "none");
}

const TOO_LITTLE = "Neither file has two maps to compare as a picture.";

function drawDiff(report, page) {
	const { a, b, bands, changes } = diffBands(report), names = shortNames(report.boots.map(boot => boot.name));
	const sides = [a, b].map((list, k) => ({ name: "AB"[k], source: report.boots[k], bands: list }));
	const picture = makePicture(bands, describer(sides), legend(sides));
	const hasBoth = [a, b].every(list => list.some(band => band.id === "e820"));
	const noChanges = report.pieces ? "The pieces of the two e820 maps are equal."
		: hasBoth ? "The two e820 maps are equal." : "There are no two e820 maps to compare.";

	page.append(...report.boots.map((boot, k) => faultsBox(boot, "AB"[k])),
		verdictBanner(report.resume),
		section("Physical address space", "A over B", bands.length ? picture.element : el("p", {}, TOO_LITTLE)),
		section("Changes", changesNote(report, changes),
			changes.length ? changesTable(changes, picture) : el("p", {}, noChanges)),
		causesSection(report, changes));
	if (report.tables.length)
		page.append(acpiSection(report.tables));
	page.append(section("The two boots", "what differs first", bootsTable(report.boots, names, report.conditions)));
	if (report.uefi && report.uefi.length)
		page.append(uefiSection(report.uefi));
	return () => picture.start();
}

