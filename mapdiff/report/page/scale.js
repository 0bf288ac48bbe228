/*
 * scale.js - addresses -> places from left to right. Each stretch between two boundaries has a width
 * by the logarithm of its size, so that 4 KiB and 64 GiB can both be seen; where nothing is, the
 * stretch is cut out. A place is in units of the scale; positions() makes pixels of it.
 */

const GAP = 6, NOTABLE = 9;
/* A stretch that only the UEFI map has boundaries in is drawn closer, by a factor between these. */
const CLOSEST = .15, LOOSEST = .5;

const logWidth = bytes => 2.5 + Math.log2(Math.max(1, Number(bytes) / 4096));

/* What the eye should find at once: ranges that changed by themselves, RAM left out, and findings. */
const isNotable = i => !i.consequence && i.kind !== "ram";

/* Of each stretch: how many items cover it, and how many of these are notable. */
function coverage(points, indexOf, bands) {
	const covered = new Int32Array(points.length + 1), notable = new Int32Array(points.length + 1);
	const add = (list, part) => {
		list[indexOf.get(part.start)]++;
		list[indexOf.get(part.end)]--;
	};
	for (const band of bands)
		for (const i of band.items)
			for (const part of placesOf(i)) {
				add(covered, part);
				if (band.marks && isNotable(i))
					add(notable, part);
			}
	for (let k = 1; k < points.length; k++) {
		covered[k] += covered[k - 1];
		notable[k] += notable[k - 1];
	}
	return { covered, notable };
}

/*
 * Descriptors of boot services come in hundreds and mean little to the eye: taken as they are, they
 * would leave no room for the rest. The stretches between two boundaries of other bands get about as
 * much room together as those other bands have.
 */
function drawCloser({ points, weights }, bands) {
	const firm = new Set(bands.filter(band => band.id !== "uefi").flatMap(band => band.items)
		.flatMap(i => placesOf(i).flatMap(part => [part.start, part.end])));
	const runs = [];

	for (let from = 0, to; from < weights.length; from = to) {
		to = from + 1;
		while (to < weights.length && !firm.has(points[to]))
			to++;
		runs.push({ from, to, sum: weights.slice(from, to).reduce((a, b) => a + Math.abs(b), 0),
			whole: logWidth(points[to] - points[from]) });
	}
	const sumOf = (list, value) => list.reduce((sum, run) => sum + value(run), 0);
	const crowded = runs.filter(run => run.sum > run.whole && run.to > run.from + 1);
	const room = sumOf(runs, run => Math.min(run.whole, run.sum)) / (sumOf(crowded, run => run.sum) || 1);
	const closeness = Math.min(LOOSEST, Math.max(CLOSEST, room));
	for (const run of crowded)
		for (let k = run.from; k < run.to; k++)
			weights[k] *= Math.min(1, Math.max(run.whole / run.sum, closeness));
}

/* Where ranges overlap, as in broken maps, the next one lies upon this one from here on. */
function findClear(band) {
	for (const [k, i] of band.items.entries()) {
		const next = band.items[k + 1];
		i.clear = next && next.from >= i.from ? Math.min(i.to, next.from) : i.to;
	}
}

function setPlaces({ sums }, bands, indexOf) {
	for (const i of bands.flatMap(band => band.items))
		for (const part of [i, ...placesOf(i), i.before, i.after].filter(Boolean)) {
			part.from = sums[indexOf.get(part.start)];
			part.to = sums[indexOf.get(part.end)];
		}
	bands.forEach(findClear);
}

/* Gives all items, and their parts, their places: `from' and `to'. */
function makeScale(bands) {
	const drawn = bands.flatMap(band => band.items.flatMap(i => placesOf(i)));
	const points = [...new Set(drawn.flatMap(r => [r.start, r.end]))].sort((a, b) => a < b ? -1 : 1);
	const indexOf = new Map(points.map((point, index) => [point, index]));
	const { covered, notable } = coverage(points, indexOf, bands);
	const weights = [], sums = [0];

	for (let k = 0; k + 1 < points.length; k++)
		weights.push(covered[k] === 0 ? -GAP
			: logWidth(points[k + 1] - points[k]) * (notable[k] ? 1.25 : 1) + (notable[k] ? NOTABLE : 0));
	drawCloser({ points, weights }, bands);
	for (const weight of weights)
		sums.push(sums[sums.length - 1] + Math.abs(weight));
	setPlaces({ sums }, bands, indexOf);
	const total = sums[sums.length - 1] || 1;
	const least = weights.reduce((smallest, weight) => Math.min(smallest, Math.abs(weight)), total);
	return { points, weights, sums, total, least };
}

/*
 * Places in pixels instead, so that the words fit into each of @boxes (their `least'), and all of it
 * into @room if that can be. The stretches of a box that is too narrow are widened alike.
 */
function fitScale(scale, base, bands, boxes, room) {
	const indexOf = new Map(scale.points.map((point, index) => [point, index]));
	const spans = boxes.map(i => [indexOf.get(i.start), indexOf.get(i.end), i.least])
		.sort((a, b) => a[1] - a[0] - (b[1] - b[0]));
	const widen = unit => {
		const widths = base.map(weight => Math.abs(weight) * (weight < 0 ? Math.max(unit, 3) : unit));
		for (const [from, to, least] of spans) {
			const missing = least - widths.slice(from, to).reduce((a, b) => a + b, 0);
			for (let k = from; missing > 0 && k < to; k++)
				widths[k] += missing / (to - from);
		}
		return widths;
	};
	const lengthOf = unit => widen(unit).reduce((a, b) => a + b, 0);
	let low = 0, high = room / scale.total * 2;

	for (let k = 0; k < 24; k++) {
		const middle = (low + high) / 2;
		if (lengthOf(middle) <= room)
			low = middle;
		else
			high = middle;
	}
	const widths = widen(low);
	scale.weights = widths.map((width, k) => base[k] < 0 ? -width : width);
	scale.sums = widths.reduce((sums, width) => [...sums, sums[sums.length - 1] + width], [0]);
	scale.total = scale.sums[scale.sums.length - 1];
	setPlaces(scale, bands, indexOf);
}

/* Pixels for the places from @first to @last, so that @first is at 0. @turned: from top to bottom. */
function positions(unit, first, last, turned = false) {
	const width = (last - first) * unit;
	const x = place => Math.min(width, Math.max(0, (place - first) * unit));
	return { unit, first, last, width, turned, x };
}

