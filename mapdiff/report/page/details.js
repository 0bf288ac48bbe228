/*
 * details.js - a range that is pointed at -> what each band, and each boot, has there.
 */

/* The items of a band that share bytes with @range, summed up by name. */
function overlaps(band, range) {
	const sums = new Map();
	for (const i of itemsIn(band, range)) {
		const start = i.start > range.start ? i.start : range.start;
		const end = i.end < range.end ? i.end : range.end;
		const sum = sums.get(i.name) || { name: i.name, kind: i.kind, bytes: 0n, by: i.by };
		sum.bytes += end - start;
		sums.set(i.name, sum);
	}
	return [...sums.values()].sort((a, b) => a.bytes < b.bytes ? 1 : -1);
}

const MOST_PARTS = 5, MOST_LANDMARKS = 6;

function overlapCell(band, range, withReasons) {
	const found = overlaps(band, range), whole = bytesOf(range);
	if (found.length === 0)
		return soft(TARGETS[band.id] ? "not in the bitmap" : "nothing");
	const part = (sum, k) => [
		k ? ", " : "", el("span", { class: "kind" }, swatch(sum.kind, 11, 11), " ", sum.name),
		found.length > 1 || sum.bytes !== whole ? soft(` ${sizeText(sum.bytes)}`) : null,
		withReasons && sum.by ? soft(` – ${sum.by.reason} (${sum.by.origin})`) : null,
	];
	return el("span", {}, found.slice(0, MOST_PARTS).map(part),
		found.length > MOST_PARTS ? ` and ${found.length - MOST_PARTS} more` : null);
}

function landmarksCell(source, range) {
	const inside = (source.landmarks || []).filter(l => l.kind !== "MTRR")
		.map(parse).filter(l => l.start < range.end && l.end > range.start);
	const landmark = (l, k) => [k ? ", " : "", l.name, " ", el("span", { class: "soft mono" }, hex(l.start))];
	const more = inside.length > MOST_LANDMARKS ? [` and ${inside.length - MOST_LANDMARKS} more`] : [];
	return [...inside.slice(0, MOST_LANDMARKS).map(landmark), ...more];
}

/* What each band has at @range. @sides: [{ name, source, bands }]. */
function rangeRows(range, sides) {
	const kinds = [...new Map(sides.flatMap(side => side.bands.map(band => [band.id, band.label])))];
	const rows = kinds.map(([id, label]) => el("tr", {}, el("th", { scope: "row" }, label), sides.map(side => {
		const band = side.bands.find(b => b.id === id);
		return el("td", {}, band ? overlapCell(band, range, true) : "–");
	})));
	const landmarks = sides.map(side => landmarksCell(side.source, range));

	if (landmarks.some(list => list.length))
		rows.push(el("tr", {}, el("th", { scope: "row" }, "in it"),
			landmarks.map(list => el("td", {}, list.length ? list : "–"))));
	return rows;
}

/* A change has two places, and each is looked at in both boots. */
function describeRange(i, sides) {
	const places = placesOf(i);
	const head = place => el("tr", { class: "place" },
		el("th", { class: "mono" }, places.length > 1 ? rangeText(place) : ""),
		sides.map(side => el("th", { scope: "col" }, side.name)));
	return el("div", { class: "scroll" }, el("table", {}, places.map(place =>
		[sides.length > 1 ? head(place) : null, rangeRows(place, sides)])));
}

function describer(sides) {
	const sizes = i => placesOf(i).map(p => `${sizeText(bytesOf(p))}, ${count(pagesOf(bytesOf(p)), "page")}`)
		.filter((text, k, all) => all.indexOf(text) === k).join(" → ");
	const text = i => i.text || [i.owner ? `${i.owner}. ` : "",
		i.attribute ? `Attributes ${i.attribute}: ${attributeText(i.attribute) || "none"}. ` : ""].join("");
	return i => [
		el("h3", {}, swatch(i.kind, 22, 16), el("span", {}, i.title || i.name),
			el("span", { class: "mono" }, placesOf(i).map(rangeText).join(" → ")),
			soft(`${sizes(i)}; ${bandName(i.band, " ")}`)),
		el("p", {}, text(i)),
		describeRange(i, sides),
	];
}

