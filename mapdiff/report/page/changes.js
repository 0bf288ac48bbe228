/*
 * changes.js - the changes between two maps -> their words, and the bands of the picture: the two e820 maps,
 * in which only what changed has a colour, with the changes between them.
 */

/* How far, or by how much: in the unit that people use. */
function distanceText(i) {
	const bytes = sizeText(i.pages * 4096), [was, is] = [i.before, i.after];
	if (i.change === "moved") {
		const grown = bytesOf(is) - bytesOf(was), way = is.start > was.start ? "up" : "down";
		const also = grown > 0n ? `, and ${sizeText(grown)} larger` : `, and ${sizeText(-grown)} smaller`;
		return `${way} by ${bytes}${grown ? also : ""}`;
	}
	return i.change === "grew" || i.change === "shrank" ? `by ${bytes}` : "";
}

/* "moved down by 88 KiB", "grew by 32 KiB"; of what has another type now, that. */
function changeText(i) {
	if (i.change === "retyped")
		return `became ${e820Kind(i.after.type)[0]}`;
	const words = { appeared: "is new", vanished: "is gone" };
	return words[i.change] || `${i.change} ${distanceText(i)}`;
}

/* RAM is nobody's. */
const ownerText = i => i.owner || ((i.before || i.after).type === 1 ? "RAM" : "owner not known");

function changeItem(change, number) {
	const [before, after] = [change.before, change.after].map(half => half && parse(half));
	const parts = change.kind === "retyped" ? [after] : [before, after].filter(Boolean);
	const sorted = [...parts].sort(byAddress), end = parts.reduce((most, p) => p.end > most ? p.end : most, 0n);
	const i = item({ ...change, change: change.kind, before, after, parts, number, start: sorted[0].start, end },
		e820Kind((before || after).type));
	i.kind = hotKind(i.kind);
	i.title = `${number ? `${number}: ` : ""}${i.name} ${changeText(i)}`;
	i.callout = [`${i.name} ${changeText(i)}`, ownerText(i)];
	i.text = [change.owner ? `${change.owner}. ` : "", change.meaning,
		change.cause !== "unknown" ? ` Cause: ${change.cause}.` : ""].join("");
	return i;
}

function changeItems(changes) {
	let number = 0;
	return changes.map(change => changeItem(change, change.consequence ? null : ++number));
}

/* Where several changes are alike, the last one's lines tell of all: "2 to 7: moved up by 88 MiB". */
const LEAST_ALIKE = 3;
function joinCallouts(changes) {
	for (const list of groupsOf(changes.filter(i => i.number), changeText).values()) {
		const [first, last] = [list[0], list[list.length - 1]];
		if (list.length < LEAST_ALIKE || last.number - first.number !== list.length - 1)
			continue;
		list.forEach(i => { i.callout = []; });
		last.tellsOfAll = true;
		last.callout = [`${first.number} to ${last.number}: all ${changeText(first)}`];
	}
}

/* What is the same is one box; behind a gap like this, what is no RAM is another. */
const WIDE_GAP = 1n << 28n;
/* Which of a boot's e820 ranges changed by itself, and which only gave way. */
function changedItems(band, side, changes) {
	const state = new Map();
	for (const change of [...changes].sort((a, b) => Boolean(b.consequence) - Boolean(a.consequence))) {
		const half = change[side];
		for (const i of half ? itemsIn(band, half) : [])
			if (i.type === half.type)
				state.set(i, change.consequence ? "follows" : "changed");
	}
	return state;
}

/* With a colour what changed, in grey what only gave way, and, as one box a run, what is the same. */
function markedItems(items, state) {
	const marked = [];
	let run = [];
	if (state.size === 0)
		return items.map(i => ({ ...i, kind: "same" }));
	const close = () => {
		if (run.length === 1)
			marked.push({ ...run[0], kind: "same" });
		else if (run.length)
			marked.push(item({ start: run[0].start, end: run[run.length - 1].end, type: 0 },
				[count(run.length, "range"), "same"], { note: "the same", list: run }));
		run = [];
	};
	for (const i of items) {
		const isFar = run.length && i.start - run[run.length - 1].end > WIDE_GAP;
		if (state.has(i) || (isFar && i.type !== 1 && run.some(r => r.type === 1)))
			close();
		if (!state.has(i))
			run.push(i);
		else if (state.get(i) === "follows")
			marked.push({ ...i, kind: "same", isLoud: false });
		else
			marked.push({ ...i, kind: hotKind(i.kind), isLoud: true });
	}
	close();
	return marked;
}

/*
 * The two e820 maps with their changes between them; and outside of these, if wanted, UEFI's maps and the
 * bitmaps.
 */
function diffBands(report, changes, { uefi, bitmaps }) {
	const wanted = ["e820", ...(uefi ? ["uefi"] : []), ...(bitmaps ? Object.keys(TARGETS) : [])];
	const sides = report.boots.map((boot, k) => bandsOf(boot, "AB"[k]));
	const hasBoth = sides.every(list => list.some(band => band.id === "e820"));
	const marked = (band, k) => ({ ...band, reach: null, height: 58, words: true,
		items: markedItems(band.items, changedItems(band, ["before", "after"][k], changes)) });
	const [a, b] = sides.map((list, k) => wanted.map(id => list.find(band => band.id === id)).filter(Boolean)
		.map(band => band.id === "e820" && hasBoth ? marked(band, k) : band));
	const between = hasBoth && changes.length ? [{ id: "changes", label: "changes", height: RIBBON_HEIGHT,
		ribbons: true, marks: true, items: changes.filter(i => i.number) }] : [];
	return [...[...a].reverse(), ...between, ...b];
}

