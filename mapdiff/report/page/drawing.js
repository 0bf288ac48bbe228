/*
 * drawing.js - bands and their places -> SVG. A band of changes has ribbons, from where a range was,
 * above, to where it is, below; the others have boxes.
 */

const bandName = (band, between) => [band.label, band.side].filter(Boolean).join(between);
/* Of a band that is turned, and may be narrow. */
const shortBandName = band => band.thick < 60 && band.side || bandName(band, " ");
const AXIS_HEIGHT = 34, RIBBON_HEIGHT = 130;
/* Of two boots, A has its addresses above itself, and B below. */
const isPair = bands => bands.some(band => band.ribbons);

/* Turned, the bands share the width: a third of it is for what lies between the boots. */
function arrangeTurned(bands, room) {
	const plain = bands.filter(band => !band.ribbons).length, ribbon = bands.length > plain ? room * .3 : 0;
	let y = 1;
	for (const band of bands) {
		band.y = y;
		band.thick = band.ribbons ? ribbon : (room - ribbon - 2) / plain;
		y += band.thick;
	}
	return room;
}

/* y of each band; those of one kind stand close together. */
function arrange(bands, place, room) {
	if (place.turned)
		return arrangeTurned(bands, room);
	let y = 10 + (isPair(bands) ? AXIS_HEIGHT : 0);
	for (const [i, band] of bands.entries()) {
		const previous = bands[i - 1];
		if (previous && !band.ribbons && !previous.ribbons)
			y += previous.id === band.id ? 3 : 12;
		band.y = y;
		band.thick = band.height;
		y += band.height;
	}
	return y + 6;
}

/* --- ranges --- */

/* Along the addresses, and across the bands -> x and y. */
const boxAt = (place, along, length, across, thick) => place.turned
	? { x: across, y: along, width: thick, height: length } : { x: along, y: across, width: length, height: thick };
const pointAt = (place, along, across) => place.turned ? `${across} ${along}` : `${along} ${across}`;

/* In words, where the band has room for two lines: what it is, and how large. */
function wordsText(i, { width, height }, turned) {
	const name = i.name, size = i.note || sizeText(bytesOf(i)), fits = text => textWidth(text, 600) + 2 <= width;
	if (turned)
		return height < 14 ? [] : [`${name} ${size}`, name].filter(fits).slice(0, 1);
	return !fits(name) ? [] : textWidth(size, 400) + 2 <= width ? [name, size] : [name];
}

/* In one line: what fits of it, or nothing. The colours have a legend. */
function itemText(i, width) {
	const text = `${i.name}  ${sizeText(bytesOf(i))}`, fits = each => each.length * 6.3 + 8 <= width;
	return fits(text) ? text : fits(i.name) ? i.name : "";
}

/* What has its name in it needs no pattern, which would strike that out. */
function drawRange(i, band, place) {
	const from = place.x(i.from), length = Math.max(1, place.x(i.to) - from);
	const clear = Math.min(length, place.x(i.clear) - from), seen = boxAt(place, from, clear, band.y, band.thick);
	const lines = band.words ? wordsText(i, seen, place.turned) : [itemText(i, clear)].filter(Boolean);
	const rect = { ...boxAt(place, from, length, band.y, band.thick), rx: length > 6 ? 2 : 0,
		"stroke-width": length > 5 ? .7 : length > 1.5 ? .25 : 0 };
	const pattern = { class: "pattern", ...rect, fill: `url(#p-${patternOf(i.kind)})` };
	const middle = { x: seen.x + seen.width / 2, "text-anchor": "middle" };
	const y = k => seen.y + seen.height / 2 + 4 + (k - (lines.length - 1) / 2) * 15;

	return [
		svg("rect", { class: "range", ...rect }),
		PATTERNS[patternOf(i.kind)] && length > 3 && lines.length === 0 ? svg("rect", pattern) : null,
		lines.map((text, k) =>
			svg("text", { class: band.words && !k ? "word" : undefined, ...middle, y: y(k) }, text)),
	];
}

/* What was not there starts, or ends, in a point. */
function drawRibbon(i, band, place) {
	const end = range => [place.x(range.from), Math.max(place.x(range.to), place.x(range.from) + 2)];
	const middle = ([from, to]) => [(from + to) / 2, (from + to) / 2];
	const above = i.before ? end(i.before) : middle(end(i.after));
	const below = i.after ? end(i.after) : middle(end(i.before));
	const [y0, y1] = [band.y, band.y + band.thick], bend = (y0 + y1) / 2, p = (at, y) => pointAt(place, at, y);
	const d = `M${p(above[0], y0)}L${p(above[1], y0)}` +
		`C${p(above[1], bend)} ${p(below[1], bend)} ${p(below[1], y1)}L${p(below[0], y1)}` +
		`C${p(below[0], bend)} ${p(above[0], bend)} ${p(above[0], y0)}Z`;

	return [svg("path", { class: "ribbon", d })];
}

/* Big changes and consequences first, so that the small ones lie upon them. */
const drawingOrder = band => !band.ribbons ? band.items : [...band.items].sort((a, b) =>
	Boolean(b.consequence) - Boolean(a.consequence) || Number(bytesOf(b) - bytesOf(a)));

/* Is a part of it between the places that are drawn? */
const isIn = (i, [from, to]) => placesOf(i).some(p => p.from < to && p.to > from);
/* The same of all that lies between its parts. */
const isSeen = (i, [from, to]) => i.from < to && i.to > from;

/* --- the numbers of changes, and what each is --- */

const BUBBLE = 9.5, CALLOUT_HEIGHT = 28, MOST_CALLOUTS = 40;

/* Where it is now, or was: not upon another number, if there is room. */
function placeBubbles(band, place, isDrawn) {
	const furthest = [-99, -99, -99], bubbles = [];
	for (const i of band.items.filter(each => !each.consequence && isDrawn(each))) {
		const at = i.after || i.before;
		if (at.from < place.last && at.to > place.first)
			bubbles.push({ i, x: Math.max(11, (place.x(at.from) + place.x(at.to)) / 2) });
	}
	bubbles.sort((a, b) => a.x - b.x);
	for (const bubble of bubbles) {
		const free = furthest.findIndex(x => bubble.x - x >= 2 * BUBBLE + 1), level = free < 0 ? 2 : free;
		furthest[level] = bubble.x;
		bubble.y = bubble.i.after ? band.y + band.thick - 16 - level * 22 : band.y + 16 + level * 22;
	}
	return bubbles;
}

function drawBubble({ i, ...at }, { turned }) {
	const [x, y] = turned ? [at.y, at.x] : [at.x, at.y];
	return svg("g", { class: "mark" }, svg("circle", { class: "bubble", cx: x, cy: y, r: BUBBLE }),
		svg("text", { class: "bubble-text", x, y: y + 4 }, String(i.number)));
}

/*
 * Where the lines can stand that tell of @bubble: beside it, or on the next level, where they say the
 * number again. The first is the best.
 */
function calloutPlaces({ i, x, y }, width) {
	const beside = BUBBLE + 3, next = y + (i.after ? -1 : 1) * (CALLOUT_HEIGHT + 4), wide = width + 14;
	const number = i.tellsOfAll ? "" : `${i.number}: `;
	return [
		{ anchor: "start", left: x + beside, right: x + beside + width, y },
		{ anchor: "end", left: x - beside - width, right: x - beside, y },
		{ anchor: "start", left: x - BUBBLE, right: x - BUBBLE + wide, y: next, number },
		{ anchor: "end", left: x + BUBBLE - wide, right: x + BUBBLE, y: next, number },
	];
}

/* Bubble -> its callout's place, for as many as there is room for, if they choose in this order. */
function layOutCallouts(bubbles, all, place) {
	const taken = all.map(({ x, y }) => ({ left: x - BUBBLE, right: x + BUBBLE, y })), places = new Map();
	const isApart = (a, b) =>
		a.right + 2 <= b.left || a.left - 2 >= b.right || Math.abs(a.y - b.y) >= CALLOUT_HEIGHT;
	const isFree = at => at.left >= 0 && at.right <= place.width && taken.every(other => isApart(other, at));

	for (const bubble of bubbles) {
		const width = Math.max(...bubble.lines.map((text, k) => textWidth(text, k ? 400 : 600))) + 4;
		const at = calloutPlaces(bubble, width).find(isFree);
		if (at) {
			taken.push(at);
			places.set(bubble, at);
		}
	}
	return places;
}

function drawCallout({ lines }, { anchor, left, right, y, number = "" }) {
	const x = anchor === "start" ? left + 1 : right - 1, baselines = lines.length === 1 ? [4] : [-3, 10];
	const box = { x: left - 1, y: y - CALLOUT_HEIGHT / 2, width: right - left + 2, height: CALLOUT_HEIGHT, rx: 4 };
	const line = (text, k) => svg("text", { class: `callout${k ? " owner" : ""}`, x, "text-anchor": anchor,
		y: y + baselines[k] }, k ? text : number + text);
	return [svg("rect", { class: "callout-paper", ...box }), lines.map(line)];
}

/* By each number what moved and whose it is, where there is room for it. */
function drawCallouts(bubbles, place) {
	if (bubbles.length > MOST_CALLOUTS)
		return [];
	for (const bubble of bubbles)
		bubble.lines = bubble.i.callout.filter(Boolean).map(text => clipped(text, 44));
	const telling = bubbles.filter(bubble => bubble.lines.length);
	const layouts = [telling, [...telling].reverse()].map(order => layOutCallouts(order, bubbles, place));
	const best = layouts[1].size > layouts[0].size ? layouts[1] : layouts[0];
	return bubbles.filter(bubble => best.has(bubble)).map(bubble => drawCallout(bubble, best.get(bubble)));
}

/* --- the axis --- */

/* Where a stretch is cut out, in each band that goes on behind it. One path: there may be thousands. */
function drawBreaks(scale, place, bands) {
	let d = "";
	for (let k = 0; k < scale.weights.length; k++) {
		if (scale.weights[k] >= 0 || scale.sums[k] < place.first || scale.sums[k + 1] > place.last)
			continue;
		const x = (place.x(scale.sums[k]) + place.x(scale.sums[k + 1])) / 2;
		for (const band of bands) {
			const y = band.y + band.thick / 2, [cx, cy] = place.turned ? [y, x] : [x, y];
			if (!band.marks && band.items[band.items.length - 1].from > scale.sums[k])
				d += `M${cx - 4} ${cy + 5}L${cx} ${cy - 5}M${cx} ${cy + 5}L${cx + 4} ${cy - 5}`;
		}
	}
	return svg("path", { class: "break", d });
}

/* Round addresses first; ends of what changed, and of e820 ranges, before those of descriptors. */
function importanceOf(bands) {
	const bonus = new Map();
	const add = (point, n) => bonus.set(point, Math.max(bonus.get(point) || 0, n));
	for (const band of bands)
		for (const i of band.items)
			for (const part of placesOf(i)) {
				add(part.start, band.marks && !i.consequence ? 60 : band.id === "e820" ? 20 : 0);
				add(part.end, band.id === "e820" ? 12 : 0);
			}
	return point => {
		let zeros = 0;
		while (zeros < 40 && (point >> BigInt(zeros) & 1n) === 0n)
			zeros++;
		return (bonus.get(point) || 0) + zeros;
	};
}

/* As many labels as fit, those that mean most to a person first. */
function chooseTicks(scale, place, importance, isWanted) {
	const candidates = [], rows = new Map(), chosen = [];
	for (const [k, at] of scale.sums.entries())
		if (at >= place.first && at <= place.last && isWanted(scale.points[k]))
			candidates.push({ point: scale.points[k], x: place.x(at), score: importance(scale.points[k]) });
	candidates.sort((a, b) => b.score - a.score || a.x - b.x);

	for (const tick of candidates) {
		tick.text = hex(tick.point);
		tick.half = tick.text.length * 3.3 + 5;
		tick.centre = Math.min(Math.max(tick.x, tick.half - 4), place.width - tick.half + 4);
		/* Only neighbours can be in the way; a label is narrower than a cell of 200 pixels. */
		const cell = Math.floor(tick.centre / 200), near = [-1, 0, 1].flatMap(n => rows.get(cell + n) || []);
		if (near.some(other => Math.abs(other.centre - tick.centre) < other.half + tick.half))
			continue;
		rows.set(cell, [...rows.get(cell) || [], tick]);
		chosen.push(tick);
	}
	return chosen.sort((a, b) => a.centre - b.centre);
}

function drawAxis(scale, place, importance, { y, lines, line, isWanted = () => true }) {
	const labels = [];
	let previous = "";
	for (const { point: address, x, centre, text } of chooseTicks(scale, place, importance, isWanted)) {
		const size = address === 0n ? "0" : sizeText(address), label = { x: centre, "text-anchor": "middle" };
		labels.push(svg("path", { class: "grid", fill: "none", d: line(x, centre) }),
			svg("text", { class: "axis", ...label, y: y + lines[0] }, text));
		if (size !== previous)
			labels.push(svg("text", { class: "axis2", ...label, y: y + lines[1] }, size));
		previous = size;
	}
	return labels;
}

/* Turned, there is no room for addresses: the list below the picture has them. */
function drawAxes(scale, place, bands, height, importance) {
	const below = { y: height, lines: [18, 30],
		line: (x, centre) => `M${x} 4V${height + 2}L${centre} ${height + 8}` };
	if (place.turned)
		return [];
	if (!isPair(bands))
		return drawAxis(scale, place, importance, below);
	const edges = bands.filter(band => band.words).map(band =>
		new Set(band.items.filter(i => i.isLoud).flatMap(i => [i.start, i.end])));
	const [top, bottom] = [bands[0].y, bands[bands.length - 1].y + bands[bands.length - 1].thick];
	const above = { y: 0, lines: [14, 27], isWanted: address => edges[0].has(address),
		line: (x, centre) => `M${centre} ${top - 11}L${x} ${top - 6}V${top}` };
	Object.assign(below, { isWanted: address => edges[1].has(address),
		line: (x, centre) => `M${x} ${bottom}V${bottom + 6}L${centre} ${bottom + 10}` });
	return [above, below].flatMap(side => drawAxis(scale, place, importance, side));
}

/* --- all of it --- */

/* What does not depend on which part is in sight. */
function drawGround(bands, scale, place, importance, room) {
	const height = arrange(bands, place, room);
	const nodes = [drawAxes(scale, place, bands, height, importance), drawBreaks(scale, place, bands)];
	return { height: height + (place.turned ? 0 : AXIS_HEIGHT), nodes };
}

/* The items that @isDrawn wants, through @wrap(node, item). */
function drawItems(bands, place, isDrawn, wrap) {
	return bands.map(band => svg("g", { role: "group", "aria-label": bandName(band, ", "), class: "band" },
		drawingOrder(band).filter(isDrawn).map(i =>
			wrap(svg("g", { class: `item k-${i.kind}${i.consequence ? " consequence" : ""}` },
				band.ribbons ? drawRibbon(i, band, place) : drawRange(i, band, place)), i))));
}

function drawNumbers(bands, place, isDrawn, wrap) {
	const bubbles = bands.filter(band => band.ribbons).flatMap(band => placeBubbles(band, place, isDrawn));
	return [place.turned ? [] : drawCallouts(bubbles, place),
		bubbles.map(bubble => wrap(drawBubble(bubble, place), bubble.i))];
}

function drawLabels(bands, width, place, room) {
	const height = arrange(bands, place, room);
	if (place.turned)
		return svg("svg", { width: room, height: 22, class: "labels" }, bands.map(band =>
			svg("text", { class: band.ribbons ? "side" : "label", x: band.y + band.thick / 2, y: 15,
				"text-anchor": "middle" }, shortBandName(band))));
	return svg("svg", { width, height: height + AXIS_HEIGHT, class: "labels" }, bands.map((band, k) => {
		const y = band.y + band.thick / 2 + 4, isFirst = !bands[k - 1] || bands[k - 1].label !== band.label;
		const side = { class: "side", x: width - 10, y, "text-anchor": "end" };
		return [isFirst ? svg("text", { class: band.ribbons ? "side" : "label", x: 10, y }, band.label) : null,
			band.side ? svg("text", side, band.side) : null];
	}));
}

/* Paper shows finer things than a screen. */
const PAPER_WIDTH = 606, LEAST_ON_PAPER = .6;

/* Where to begin a new line, as indices of points: lines of about one length. */
function paperLines(scale) {
	const lines = Math.max(1, Math.round(scale.total * LEAST_ON_PAPER / scale.least / PAPER_WIDTH)), ends = [0];
	if (scale.isFitted)
		return [0, scale.sums.length - 1];
	for (let k = 0, line = 1; k < scale.sums.length && line < lines; k++)
		if (scale.sums[k] >= line * scale.total / lines) {
			ends.push(k);
			line = Math.floor(scale.sums[k] * lines / scale.total) + 1;
		}
	if (ends[ends.length - 1] !== scale.sums.length - 1)
		ends.push(scale.sums.length - 1);
	return ends;
}

/* For paper, what is too wide goes on in the next line; where words stand in it, it is made smaller. */
function drawPaper(bands, scale, importance) {
	const ends = paperLines(scale).map(k => scale.sums[k]), keep = node => node;
	const longest = ends.slice(1).reduce((most, end, k) => Math.max(most, end - ends[k]), 0);
	const unit = scale.isFitted ? 1 : PAPER_WIDTH / longest, width = Math.ceil(unit * longest) + 2;

	return ends.slice(1).map((end, k) => {
		const place = positions(unit, ends[k], end), isDrawn = i => isIn(i, [place.first, place.last]);
		const { height, nodes } = drawGround(bands, scale, place, importance);
		return svg("svg", { width: width + 82, height, viewBox: `0 0 ${width + 82} ${height}` },
			drawLabels(bands, 82, place), svg("svg", { x: 82, width, height }, nodes,
				drawItems(bands, place, isDrawn, keep), drawNumbers(bands, place, isDrawn, keep)));
	});
}

