/*
 * diff.js - the report of what changed between two boots -> its page.
 */

const VERDICTS = {
	yes: ["✓", "Yes: the map would not stop Linux from resuming"],
	no: ["✕", "No: Linux would refuse to resume from hibernation"],
	unknown: ["?", "Unknown: the files do not tell whether Linux would resume"],
};

/* What Linux compares, and what it would say: for who wants to know more than the answer. */
function comparison(resume) {
	const pair = ([a, b]) => a && a === b ? `${a}, both` : !a && !b ? "unknown"
		: `${a || "unknown"} ${a && b ? "≠" : "/"} ${b || "unknown"}`;
	const reason = (text, k) => el("li", { class: `says-${resume.reason_verdicts[k]}` }, sentence(text));
	return el("details", { class: "comparison" }, el("summary", {}, "What Linux compares, and what it would say"),
		el("dl", { class: "facts" },
			el("dt", {}, "e820 CRC-32"), el("dd", { class: "mono" }, pair(resume.e820_crc32)),
			el("dt", {}, "of RAM alone"), el("dd", { class: "mono" }, pair(resume.ram_crc32)),
			el("dt", {}, "by the RAM-only rule"), el("dd", {}, resume.ram_only)),
		el("ul", {}, resume.reasons.map(reason)));
}

/* The answer, what to do, and why: what one looks for in the first ten seconds. */
function answerCard({ resume, pin }) {
	const [sign, answer] = VERDICTS[resume.verdict];
	return banner(resume.verdict, sign, answer, answerList(resume, ["pin = yes", pin.text]), comparison(resume));
}

const numberOf = i => el("span", { class: "number" }, String(i.number));

function changesTable(items, getPicture) {
	const half = range => range ? rangeText(range) : "–";
	const button = i => i.number ? el("button", { type: "button", class: "number",
		"aria-label": `Show change ${i.number} in the picture` }, String(i.number)) : "";
	const what = i => kindCell(i.number ? i.kind : "same", e820Kind((i.before || i.after).type)[0]);
	const amount = i => !i.number || i.pages > 999 ? null : soft(` ${count(i.pages, "page")}`);
	return table([
		["", "nr", button], ["range", "what", what],
		["change", "", i => el("span", {}, changeText(i), amount(i))],
		["size in B", "r", i => sizeText(bytesOf(i.after || i.before))],
		["in boot A", "mono", i => half(i.before)], ["in boot B", "mono", i => half(i.after)],
		["owner", "", i => i.number ? el("strong", {}, ownerText(i)) : soft("changed with its neighbour")],
	], items, (tr, i) => {
		tr.classList.toggle("consequence", i.consequence);
		if (i.number)
			getPicture(tr, i);
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
		: fold("What it means", "by cause, the likeliest first", names.map(causeNode));
}

function tableCell(acpi) {
	return acpi ? el("span", {}, acpi.address, soft(acpi.bytes ? ` ${acpi.bytes} bytes` : "")) : "–";
}

const acpiSection = tables => fold("ACPI tables that differ", numberText(tables.length), table([
	["table", "", row => (row.before || row.after).signature], ["what", "", row => row.what],
	["before (A)", "mono", row => tableCell(row.before)], ["after (B)", "mono", row => tableCell(row.after)],
	["identity", "", row => (row.before || row.after).identity]], tables));

function uefiSection(types) {
	const hasFootprint = types.some(row => row.footprint_pages[0] || row.footprint_pages[1]);
	return fold("UEFI map", "descriptors that are in one of the two only, by type", table([
		["type", "", row => typeCell(row.type, uefiKind)],
		["only in A", "r", row => numberText(row.descriptors[0])],
		["only in B", "r", row => numberText(row.descriptors[1])],
		["pages A", "r", row => numberText(row.pages[0])], ["pages B", "r", row => numberText(row.pages[1])],
		...(hasFootprint ? [["of these bootmem's", "r", row => row.footprint_pages.join(", ")]] : []),
		["in Linux's e820 map", "", row => row.visible ? "visible" : soft("not visible")]], types));
}

/* How many changes there are, of their own, and of RAM beside them. */
function changesNote(report, changes) {
	const own = changes.filter(i => i.number).length, follow = changes.length - own;
	const whose = follow === 1 ? "its" : "their";
	const behind = follow ? `, and ${count(follow, "RAM range")} changed only because ${whose} neighbours did` : "";
	return (report.footprint_subtracted ? "bootmem's own memory left out; " : "") + (own ? own + behind : "none");
}

const TOO_LITTLE = "Neither file has two maps to compare as a picture.";
const DIFF_NOTE = "Not to scale: changes are widened, // marks a gap in the addresses. Grey: the same in both " +
	"boots, or changed only because a neighbour did.";

/* The picture, made anew when a switch is turned; rows of tables are linked to the one of now. */
function switchedPicture(report, changes) {
	const on = { uefi: false, bitmaps: false }, holder = el("div", {}), links = [];
	const sides = report.boots.map((boot, k) => ({ name: "AB"[k], source: boot, bands: bandsOf(boot, "AB"[k]) }));
	const has = ids => sides.some(side => side.bands.some(band => ids.includes(band.id)));
	let picture = null;

	function turn(event, key) {
		on[key] = event.target.checked;
		make();
		picture.start();
	}
	const box = (key, text, ids) => has(ids) ? el("label", { class: "switch" },
		el("input", { type: "checkbox", onchange: event => turn(event, key) }), ` ${text}`) : null;
	const switches = el("span", { class: "switches" }, box("uefi", "UEFI: who owns it", ["uefi"]),
		box("bitmaps", "Bitmaps", Object.keys(TARGETS)));

	function make() {
		const bands = diffBands(report, changes, on), focused = document.activeElement;
		picture = makePicture(bands, describer(sides), null, { note: DIFF_NOTE, switches });
		holder.replaceChildren(bands.length ? picture.element : el("p", {}, TOO_LITTLE));
		links.forEach(([node, i]) => picture.attach(node, i));
		focused.focus();
	}
	make();
	return {
		element: holder, start: () => picture.start(),
		link(node, i) {
			links.push([node, i]);
			linkNode(node, i, () => picture);
		},
	};
}

const differText = ({ length: n }) => `${n ? count(n, "condition") : "no condition"} ${n > 1 ? "differ" : "differs"}`;

function drawDiff(report, page) {
	const changes = changeItems(report.changes), names = shortNames(report.boots.map(boot => boot.name));
	const all = report.boots.map((boot, k) => ({ name: "AB"[k], source: boot, bands: bandsOf(boot, "AB"[k]) }));
	const e820 = report.boots.map(boot => e820Items(boot.e820)), hasBoth = e820.every(list => list.length);
	joinCallouts(changes);
	const picture = switchedPicture(report, changes), own = changes.filter(i => i.number);
	const noChanges = report.pieces ? "The pieces of the two e820 maps are equal."
		: hasBoth ? "The two e820 maps are equal." : "There are no two e820 maps to compare.";

	page.append(...report.boots.map((boot, k) => faultsBox(boot, "AB"[k])), answerCard(report),
		own.length && !report.pieces ? ramStrip(e820, own) : "",
		section("The two maps", "e820, as Linux sees it", picture.element),
		section("Changes", changesNote(report, changes),
			changes.length ? changesTable(changes, picture.link) : el("p", {}, noChanges)),
		causesSection(report, changes));
	if (report.tables.length)
		page.append(acpiSection(report.tables));
	page.append(fold("The two boots", differText(report.conditions),
		bootsTable(report.boots, names, report.conditions)));
	if (report.uefi && report.uefi.length)
		page.append(uefiSection(report.uefi));
	page.append(fold("How much there is of each type", "in A and in B", legend(all)));
	return () => picture.start();
}

