/*
 * series.js - the report of many boots of one machine -> its page: which maps, what moves, and when.
 */

/* Maps of a series by their number of boots: A, B, ... with a colour each while there are some. */
const MAP_COLOURS = 8;
const mapKind = map => map < MAP_COLOURS ? `m${map}` : "reserved";
function mapLetter(map) {
	return (map >= 26 ? mapLetter(Math.floor(map / 26) - 1) : "") + String.fromCharCode(65 + map % 26);
}
const MOST_BOOTS = 5000, MANY_BOOTS = 400, MOST_MAPS_DRAWN = 8, MOST_STEPS = 200, MOST_SIDES = 4, MOST_DOTS = 600,
	MOST_MOVERS = 24;
const moreText = (n, most) => n > most ? el("p", {}, soft(`and ${numberText(n - most)} more`)) : null;

/* What a hibernation of the boot before would find. */
function resumeText(boot, previous) {
	if (!previous)
		return "";
	return boot.map === previous.map ? "a hibernation of the boot before would resume, judging from the map"
		: "differs from the boot before";
}

function bootText(boot, previous, name, k) {
	return [`${k + 1}: ${name}`, boot.time, boot.label,
		`map ${mapLetter(boot.map)}, ${boot.e820_crc32 ?? "not told"}`,
		resumeText(boot, previous)].filter(Boolean).join("; ");
}

function bootButton(boot, previous, name, k) {
	const text = bootText(boot, previous, name, k);
	return el("button", { type: "button", class: `k-${mapKind(boot.map)}`, title: text, "aria-label": text,
		tabindex: k ? -1 : 0 }, mapLetter(boot.map));
}

/*
 * Under the map of each boot, what each condition was: values have small letters, and a colour each, but for the
 * one that most boots have.
 */
const MOST_ROWS_OF_CONDITIONS = 6;
const valueLetter = value => value === null ? "–" : mapLetter(value).toLowerCase();
const valueKind = (condition, value) => value === condition.usual ? "same" : mapKind(value);
const valueChip = (condition, value, title) => el("i",
	{ class: value === null ? "" : `k-${valueKind(condition, value)}`, title }, valueLetter(value));
const valueTitle = (condition, k) =>
	`${keyText(condition.key)}: ${condition.names[condition.of_boots[k]] ?? "not known"}`;

function withUsual(condition) {
	const groups = groupsOf(condition.of_boots.filter(value => value !== null), value => value);
	const [usual] = [...groups].sort((a, b) => b[1].length - a[1].length)[0] || [null];
	return { ...condition, usual };
}

/* Long values, as command lines are, without the words that all of them have. */
function tellingNames(names) {
	const words = names.map(name => name.split(" "));
	const isShared = word => words.every(list => list.includes(word));
	const telling = list => clipped(list.filter(word => !isShared(word)).join(" ") || "nothing more", 60);
	return names.some(name => name.length > 30) && words.every(list => list.length > 2)
		? words.map(list => `… ${telling(list)}`) : names.map(name => clipped(name, 60));
}

/* What the small letters mean, a line for each condition. */
function conditionsKey(conditions, deciding) {
	const valueNode = (condition, name, value) => [value ? ", " : "",
		el("span", { class: "value" }, valueChip(condition, value)), " ", name];
	return conditions.length === 0 ? "" : el("dl", { class: "facts" }, conditions.map(c => [
		el("dt", {}, keyText(c.key), deciding.includes(c.key) ? el("strong", {}, " (decides)") : ""),
		el("dd", {}, tellingNames(c.names).map((name, value) => valueNode(c, name, value)))]));
}

/* Those first that decide which map there is, then those that go with it. */
function conditionsShown({ conditions, varying, links }) {
	const has = (list, key, isWanted) => list.some(row => row.key === key && isWanted(row));
	const rank = ({ key }) => has(conditions, key, c => c.decides) ? 0 : has(conditions, key, () => true) ? 1
		: has(links, key, () => true) ? 2 : 3;
	return [...varying].sort((a, b) => rank(a) - rank(b)).slice(0, MOST_ROWS_OF_CONDITIONS).map(withUsual);
}

function bootsStrip(report, names) {
	const boots = report.boots.slice(0, MOST_BOOTS), more = report.boots.length - MOST_BOOTS;
	const isSmall = boots.length > MANY_BOOTS, conditions = conditionsShown(report);
	const deciding = report.conditions.filter(c => c.decides).map(c => c.key);
	const info = el("p", { class: "soft screen" }, "Point at a boot, or use the arrow keys.");
	const strip = el("div", { class: `boots-strip${isSmall ? " small" : ""}`, role: "group",
		"aria-label": "Boots in order" });
	const labels = el("div", { class: "boot-column labels", "aria-hidden": "true" }, el("span", {}, "map"),
		conditions.map(c => el("i", {}, keyText(c.key))));
	const columns = boots.map((boot, k) => el("div", { class: "boot-column" },
		bootButton(boot, boots[k - 1], names[k], k),
		isSmall ? null : conditions.map(c => valueChip(c, c.of_boots[k], valueTitle(c, k)))));
	strip.append(...(isSmall || !conditions.length ? [] : [labels]), ...columns);
	for (const kind of ["pointerover", "focusin"])
		strip.addEventListener(kind, event => {
			info.textContent = event.target.title || info.textContent;
		});
	strip.addEventListener("keydown", event => {
		const at = columns.indexOf(event.target.parentNode);
		const places = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: columns.length - 1 };
		const next = columns[places[event.key]];
		if (!next)
			return;
		event.preventDefault();
		event.target.tabIndex = -1;
		next.firstChild.tabIndex = 0;
		next.firstChild.focus();
	});
	return [strip, info, isSmall ? "" : conditionsKey(conditions, deciding),
		more > 0 ? el("p", {}, soft(`and ${more} more; the text has all`)) : ""];
}

/* Where a mover is in each map, from the maps themselves. */
function moverPlaces(mover, maps) {
	const [low, high] = [BigInt(mover.lowest), BigInt(mover.highest)], [least, most] = mover.pages.map(BigInt);
	const isIt = r => r.type === mover.type && r.start >= low && r.start <= high &&
		pagesOf(bytesOf(r)) >= least && pagesOf(bytesOf(r)) <= most;
	return maps.map(map => map.find(isIt) || null);
}

function moverPlot(mover, boots, maps) {
	const width = 560, left = 96, places = moverPlaces(mover, maps), low = BigInt(mover.lowest);
	const span = Number(BigInt(mover.highest) - low), height = span ? 84 : 40;
	const x = k => left + 8 + (width - left - 16) * (boots.length > 1 ? k / (boots.length - 1) : .5);
	const y = place => span ? height - 12 - (height - 24) * Number(place.start - low) / span : height / 2;
	const shown = boots.map((boot, k) => ({ k, boot, place: places[boot.map] })).filter(p => p.place);
	const start = (p, n) => n && shown[n - 1].k === p.k - 1 ? `H${x(p.k)}V` : `M${x(p.k)} `;
	const line = shown.map((p, n) => start(p, n) + y(p.place)).join("");
	const levels = span ? [[12, mover.highest], [height - 12, mover.lowest]] : [[height / 2, mover.lowest]];
	const level = ([at, text]) => [svg("line", { class: "grid", x1: left, x2: width, y1: at, y2: at }),
		svg("text", { class: "axis", x: left - 8, y: at + 4, "text-anchor": "end" }, text)];
	const dot = p => svg("circle", { class: `range k-${mapKind(p.boot.map)}`, cx: x(p.k), cy: y(p.place), r: 4.5 },
		svg("title", {}, `boot ${p.k + 1}, map ${mapLetter(p.boot.map)}: ${rangeText(p.place)}`));
	const name = mover.owner || e820Kind(mover.type)[0];

	return svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", style: "max-width:100%",
		"aria-label": `Place of ${name} by boot, from ${mover.lowest} to ${mover.highest}` },
	levels.map(level), svg("path", { d: line, class: "break" }),
	shown.length <= MOST_DOTS ? shown.map(dot) : null);
}

function moverNode(report, k, maps) {
	const mover = report.movers[k], [least, most] = mover.pages;
	const links = report.links.filter(link => link.mover === k);
	const pages = least === most ? count(least, "page") : `${least} to ${most} pages`;
	const note = `${pages} · ${count(mover.places, "place")}, ${count(mover.moves, "move")}`;
	const together = mover.with_previous ? "It moves in the same steps as the one before. " : "";
	return el("div", { class: "mover" },
		el("h3", {}, typeCell(mover.type), mover.owner ? ` · ${mover.owner} ` : " ", soft(note)),
		moverPlot(mover, report.boots, maps),
		el("p", { class: "soft" }, `${together}Class of cause: ${mover.cause}. ${mover.meaning}`),
		links.map(link => el("p", {}, link.text)));
}

function mapsTable(report, names) {
	const style = map => `background:var(--fill);width:${100 * map.boots / report.maps[0].boots}%`;
	return table([
		["map", "", (m, k) => el("span", { class: "kind" }, swatch(mapKind(k)), " ", mapLetter(k))],
		["e820 CRC-32", "mono", m => m.e820_crc32 ?? "not told"], ["boots", "r", m => numberText(m.boots)],
		["first seen in", "", m => names[m.first_boot]],
		["", "", m => el("div", { class: "bar share" },
			el("span", { class: "k-boot", style: style(m) }))]], report.maps);
}

const conditionsTable = conditions => table([
	["condition", "", c => keyText(c.key)], ["values", "r", c => String(c.values)],
	["decides", "", c => c.decides ? el("strong", {}, "yes") : "no"],
	["which value, which maps", "", c => c.text]], conditions);

const stableTable = ranges => table([
	["range", "mono", r => rangeText(parse(r))], ["size", "r", r => sizeText(bytesOf(parse(r)))],
	["type", "", r => typeCell(r.type)]], ranges);

const UNTOLD = "the files do not tell what Linux compares";

/* Whether the next boot had the same map: always, never, or in how many; and what Linux makes of it. */
function seriesAnswer({ boots, maps, steps, ...series }) {
	const all = boots.length === 2 ? "both boots" : `all ${count(boots.length, "boot")}`;
	const changed = steps.length - series.same_as_previous;
	const has = verdict => steps.some(step => step.resume.verdict === verdict);
	const where = steps.length === 1 ? "" : ` in ${changed} of ${count(steps.length, "boot")}`;
	if (boots.length < 2)
		return ["unknown", "?", "Unknown: one boot does not tell whether the next has the same map"];
	if (maps.length === 1)
		return has("unknown") ? ["unknown", "?", `Unknown: the map is the same in ${all}, but ${UNTOLD}`]
			: ["yes", "✓", `Yes: the map is the same in ${all}, and would not stop Linux from resuming`];
	if (!has("no"))
		return ["unknown", "?", `Unknown: the map changed${where}, but ${UNTOLD}`];
	return ["no", "✕", `${series.same_as_previous ? "Not always" : "No"}: the map changed${where}, ` +
		"and Linux would refuse to resume"];
}

const seriesBanner = series => banner(...seriesAnswer(series), answerList(series), el("p", {}, series.chance));

/* Which ranges of each map are not in all of them: RAM only gives way. */
function movingItems(maps) {
	const key = i => `${i.start} ${i.end} ${i.type}`, seen = new Map();
	for (const i of maps.flat())
		seen.set(key(i), (seen.get(key(i)) || 0) + 1);
	const isMoving = i => seen.get(key(i)) < maps.length;
	return maps.map(items => new Map(items.filter(isMoving).map(i => [i, i.type === 1 ? "follows" : "changed"])));
}

/* What a diff of the two boots says of each step in which the map changed. */
const stepsTable = (steps, names) => table([
	["from", "", s => names[s.from]], ["to", "", s => names[s.to]],
	["changes", "r", s => numberText(s.changes.filter(change => !change.consequence).length)],
	["resume", "", s => s.resume.verdict], ["pin = yes helps", "", s => s.pin.helps],
	["cause", "what", s => s.cause === "unknown" ? soft("not known") : s.cause],
	["what shows it", "", s => sentence(s.because)]], steps);

const SERIES_NOTE = "Not to scale: what moves is widened, // marks a gap in the addresses. Grey: the same in all " +
	"maps, or changed only because a neighbour did.";

/* The boots of one machine. */
function drawMachine(series, page) {
	const names = shortNames(series.boots.map(boot => boot.name));
	const all = series.maps.map(map => e820Items(map.e820));
	const states = movingItems(all), drawn = all.slice(0, MOST_MAPS_DRAWN);
	const bandOf = (items, k) =>
		({ id: "e820", label: "e820", side: mapLetter(k), height: 40, words: true, items });
	const bands = drawn.map((items, k) => bandOf(markedItems(items, states[k]), k));
	const sides = drawn.slice(0, MOST_SIDES).map((items, k) =>
		({ name: `map ${mapLetter(k)}`, source: {}, bands: [bandOf(items, k)] }));
	const moving = drawn.flatMap((items, k) => items.filter(i => states[k].get(i) === "changed")
		.map(i => ({ ...i, kind: hotKind(i.kind), k })));
	const picture = makePicture(bands, describer(sides), plainLegend(bands), { note: SERIES_NOTE });
	const steps = series.steps.filter(step => step.changes.length);

	const which = all.length > MOST_MAPS_DRAWN ? `the ${MOST_MAPS_DRAWN} maps that most boots have` : "all maps";
	page.append(seriesBanner(series), section("Boots",
		`one column a boot, in order; ${count(series.maps.length, "map")}, a letter each`,
		bootsStrip(series, names)));
	if (series.movers.length)
		page.append(section("What moves", "its address, by boot; a gap: not there",
			el("div", { class: "two movers" },
				series.movers.slice(0, MOST_MOVERS).map((_, k) => moverNode(series, k, all))),
			moreText(series.movers.length, MOST_MOVERS)));
	page.append(ramStrip(drawn.map((items, k) => [mapLetter(k), items]), moving,
		moving.length ? "what moves stands out" : "nothing moves"),
		section("The maps", which, picture.element),
		fold("Each map", "and the boots that have it", mapsTable(series, names)));
	if (steps.length)
		page.append(fold("Steps", "from one boot to the next, where the map changed",
			stepsTable(steps.slice(0, MOST_STEPS), names), moreText(steps.length, MOST_STEPS)));
	if (series.conditions.length)
		page.append(fold("Conditions", "what goes with the map", conditionsTable(series.conditions)));
	if (series.stable.length)
		page.append(fold("Stable", "in all boots at one place", stableTable(series.stable)));
	return picture;
}

const textsList = texts => el("ul", {}, texts.map(text => el("li", {}, text)));

/* Of many machines, first of all, each answer in a line. */
const machinesTable = list => table([
	["machine", "head", series => series.machine || "no machine is named"],
	["boots", "r", series => numberText(series.boots.length)],
	["answer", "", series => el("strong", {}, seriesAnswer(series)[2])],
	["what to do", "", series => series.to_do]], list);

function drawSeries(report, page) {
	if (report.machines > 1)
		page.append(section("The machines", "each below", machinesTable(report.series)));
	const pictures = (report.series || [report]).map(series => {
		if (report.machines > 1)
			page.append(el("h2", { class: "machine" }, series.machine || "no machine is named"));
		return drawMachine(series, page);
	});
	if (report.left_out.length)
		page.append(section("In no series", numberText(report.left_out.length), textsList(report.left_out)));
	if (report.skipped.length)
		page.append(section("Left out", count(report.skipped.length, "file"), textsList(report.skipped)));
	return () => pictures.forEach(picture => picture.start());
}
