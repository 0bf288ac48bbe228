/*
 * ram.js - maps -> all RAM in true scale, a line for each map: where in the machine it happens, and how
 * small it is.
 */

const RAM_STEPS = 1000;

/* Ranges -> pieces of the line in thousandths; of those that would lie in one place, the first. */
function linePieces(ranges, end) {
	const at = address => Math.min(RAM_STEPS, Number(address) / Number(end) * RAM_STEPS);
	const taken = new Set();
	return ranges.filter(r => r.start < end).map(r => ({ range: r, from: at(r.start), to: at(r.end) }))
		.filter(({ from, to }) => {
			const key = Math.round(from), isNew = !taken.has(key) || to - from > 1;
			taken.add(key);
			return isNew;
		});
}

function lineOf(name, pieces, marks, note) {
	const style = ({ from, to }) => `left:${from / 10}%;width:${(to - from) / 10}%`;
	return el("div", { class: "ram-row" }, el("strong", {}, name), el("div", { class: "ram-line" },
		pieces.map(piece => el("span", { class: "ram-piece", style: style(piece) })),
		marks.map(mark => el("span", { class: `ram-mark k-${mark.range.kind}`, style: style(mark) })),
		note ? el("small", { style: note.style }, el("span", {}, "RAM ends at "), note.text) : null));
}

/* What the picture below widens, if that is a small part of it. */
function bracket(parts, end) {
	const telling = parts.filter(p => p.type !== 1);
	if (telling.length === 0)
		return null;
	const from = telling.reduce((least, p) => p.start < least ? p.start : least, end);
	const to = telling.reduce((most, p) => p.end > most ? p.end : most, 0n);
	const left = Number(from * 1000n / end) / 10, width = Number((to - from) * 1000n / end) / 10;
	return width > 60 ? null : el("div", { class: "ram-bracket" },
		el("i", { style: `left:${Math.min(left, 98)}%;width:${Math.max(width, 2)}%` }),
		el("small", { style: left > 50 ? `right:${Math.max(0, 98 - left - width)}%` : `left:${left}%` },
			"widened below"));
}

/* Ranges of RAM that touch are one. */
function joined(ranges) {
	const list = [];
	for (const r of ranges) {
		const last = list[list.length - 1];
		if (last && last.end >= r.start)
			last.end = last.end > r.end ? last.end : r.end;
		else
			list.push({ start: r.start, end: r.end });
	}
	return list;
}

/*
 * @maps: [name, e820 items], a line each; @parts: ranges with a colour, `k' is the map that each is in; @what
 * says what they are. Where only some of it @isWidened below, that is shown. "" where there is no RAM.
 */
function ramStrip(maps, parts, what, isWidened = true) {
	const ends = maps.map(([, items]) => items.filter(i => i.type === 1)
		.reduce((most, i) => i.end > most ? i.end : most, 0n));
	const ramEnd = ends.reduce((most, end) => end > most ? end : most, 0n);
	const near = parts.filter(p => p.start <= ramEnd + (ramEnd >> 3n));
	const end = near.reduce((most, p) => p.end > most ? p.end : most, ramEnd), far = parts.length - near.length;
	if (ramEnd === 0n)
		return "";
	const topOf = k => near.filter(p => p.k === k).reduce((most, p) => p.end > most ? p.end : most, ends[k]);
	const note = k => topOf(k) < end - end / 6n ? { text: sizeText(topOf(k)),
		style: `left:calc(${Number(topOf(k) * 1000n / end) / 10}% + 6px)` } : null;
	const lines = maps.map(([name, items], k) => lineOf(name,
		linePieces(joined(items.filter(i => i.type !== 2 && i.type !== 5)), end),
		linePieces(near.filter(p => p.k === k && p.type !== 1), end), note(k)));
	const text = `0 to ${sizeText(end)}${far ? `; ${count(far, "place")} far above` : ""}; ${what}`;

	const label = `All RAM in true scale, from 0 to ${sizeText(end)}`;
	return section("All RAM, true to scale", text,
		el("div", { class: "ram", role: "img", "aria-label": label }, lines,
			isWidened ? bracket(near, end) : null));
}

/* What changed, in both boots. */
function ramOfChanges(sides, changes) {
	const halves = i => [i.before, i.after].map((half, k) => half && { ...half, kind: i.kind, k });
	return ramStrip([["A", sides[0]], ["B", sides[1]]], changes.flatMap(halves).filter(Boolean),
		"what changed stands out");
}
