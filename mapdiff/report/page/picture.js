/*
 * picture.js - bands -> the picture that one moves in: pointer, keys, zoom, and the details of the
 * range that is pointed at. Only what is in sight is drawn, since a map can have ten thousand ranges.
 */

/*
 * How narrow a stretch should be at least, in pixels: else the picture is made wider than the window.
 * Up to TIGHT times narrower is better than a picture that does not quite fit.
 */
const LEAST_PX = 1.25, TIGHT = 1.8;
const MOST_ZOOM = 60;

const KEY_HELP = [
	["← →", "the range beside it"], ["↑ ↓", "the other bands, at this address"],
	["Home End", "the first range, the last"], ["Enter", "pins the range: click does, too"],
	["Esc", "lets go"], ["+ − 0", "zoom in, out, all"],
];
/* For the `?' of the page: what the mouse does, and what each key. */
function keyHelp(text, keys) {
	const names = list => list.split(" ").map((key, k) => [k ? " " : "", el("kbd", {}, key)]);
	const rows = keys.map(([list, what]) => [el("dt", {}, names(list)), el("dd", {}, what)]);
	return [el("p", {}, text), el("dl", { class: "keys" }, rows)];
}
const pictureHelp = () => keyHelp("Point at a range, or tap it, to see what is there. " +
	"With the keyboard: Tab into the picture, then", KEY_HELP);
const hint = () => el("p", { class: "soft" }, "Point at a range to see what is there.");

/* Examples of widths, for who wants to know how big something is; those that are not too wide to be shown. */
const WIDEST_EXAMPLE = 260;
function scaleKey(unit) {
	const sizes = [[4096, "4 KiB"], [2 ** 20, "1 MiB"], [2 ** 30, "1 GiB"], [2 ** 36, "64 GiB"]];
	return sizes.filter(([bytes]) => logWidth(bytes) * unit <= WIDEST_EXAMPLE).map(([bytes, text]) =>
		el("span", {}, text, " ", el("i", { style: `width:${(logWidth(bytes) * unit).toFixed(1)}px` })));
}
const SCALE_NOTE = "Logarithmic: twice the size is one step wider. Changes are widened; // marks a gap in the " +
	"addresses.";
const FITTED_NOTE = "Not to scale: small ranges are widened for their words, // marks a gap in the addresses.";
/* Boxes are as many times too narrow for their words, where all of it fits then: some words are left out. */
const SQUEEZES = [1, .8, .65, .5], MOST_TIGHT = 1.1;
/* Narrower than this, two boots are drawn from top to bottom, unless that is too long. */
const NARROW = 600, TURNED_LENGTH = 560, MOST_WORDS = 80;
const TURNED_KEYS = { ArrowLeft: "ArrowUp", ArrowRight: "ArrowDown", ArrowUp: "ArrowLeft", ArrowDown: "ArrowRight" };
const PICTURE_LABEL = "The physical address space. Arrow keys move between ranges, Enter pins one, Escape lets go.";

/* The boxes that words have to fit in: one of those that stand at one place in several maps. */
function wordBoxes(bands) {
	const items = bands.filter(band => band.words).flatMap(band => band.items);
	return [...new Map(items.map(i => [`${i.start} ${i.end} ${i.name}`, i])).values()];
}

/*
 * @describe(item) makes the details; @beside, if there is anything, stands beside them. @switches are for
 * the tools, @note says what the scale is.
 */
function makePicture(bands, describe, beside = null, { switches = [], note = null } = {}) {
	const scale = makeScale(bands), importance = importanceOf(bands);
	const items = bands.flatMap(band => band.items.map(i => Object.assign(i, { band, nodes: [], node: null })));
	const words = wordBoxes(bands), base = scale.weights;
	scale.isFitted = words.length > 0 && words.length <= MOST_WORDS;
	const itemOf = new WeakMap();
	const layers = { ground: svg("g"), items: svg("g"), cursor: svg("g"), numbers: svg("g") };
	const drawing = svg("svg", { role: "group", "aria-label": PICTURE_LABEL }, Object.values(layers));
	const strip = el("div", { class: "strip" }, drawing);
	const overview = el("div", { class: "overview screen", "aria-hidden": "true" });
	const labels = el("div", { class: "labels" }), widths = el("span", { class: "widths", "aria-hidden": "true" });
	const details = el("div", { class: "details screen", id: "details", role: "region",
		"aria-label": "Details of a range" });
	const paper = el("div", { class: "paper" });
	/* `room' is the width of what is in sight; asking the browser for it each time would be slow. */
	const state = { zoom: 1, current: null, pinned: null, focus: items[0], place: null, room: 0, isTurned: false,
		view: [0, 0] };
	let windowBox = null;

	const fitUnit = () => state.isTurned ? 1 : Math.max(state.room - 2, 200) / scale.total;
	const readableUnit = () => scale.isFitted ? (fitUnit() * MOST_TIGHT >= 1 ? fitUnit() : 1)
		: fitUnit() * TIGHT >= LEAST_PX / scale.least ? fitUnit() : LEAST_PX / scale.least;
	const isScrolled = () => !state.place.turned && state.place.width > state.room + 4;

	/* Words need as many pixels in every width of the window. Paper cannot be scrolled. */
	function fit(room, isPaper = false) {
		if (!scale.isFitted)
			return false;
		if (state.isTurned)
			return fitWords(() => 20, TURNED_LENGTH);
		const least = i => Math.max(48, textWidth(i.name, 600) + 10);
		const squeeze = SQUEEZES.find(factor => fitWords(i => factor * least(i), room - 2));
		const widest = isPaper ? SQUEEZES[SQUEEZES.length - 1] : 1;
		return squeeze || fitWords(i => widest * least(i), room - 2);
	}
	function fitWords(least, room) {
		for (const i of words)
			i.least = least(i);
		fitScale(scale, base, bands, words, room);
		return scale.total <= room * MOST_TIGHT;
	}

	/* --- details of one range --- */

	function showCursor() {
		const parts = state.current ? placesOf(state.current) : [], { x } = state.place;
		const [from, to] = [bands[0].y - 3, bands[bands.length - 1].y + bands[bands.length - 1].thick + 3];
		layers.cursor.replaceChildren(...parts.map(part => svg("rect", { class: "cursor", ...boxAt(state.place,
			x(part.from) - .5, Math.max(2, x(part.to) - x(part.from) + 1), from, to - from) })));
	}

	function show(i) {
		if (state.current)
			state.current.nodes.forEach(node => node.classList.remove("current"));
		state.current = i;
		details.classList.toggle("pinned", state.pinned !== null);
		details.setAttribute("aria-live", state.pinned ? "polite" : "off");
		details.replaceChildren(...(i ? describe(i) : [hint()]));
		if (state.pinned && i)
			details.querySelector("h3").append(el("span", { class: "chip pin" }, "pinned; Esc lets go"));
		/* What is below must not jump while one moves about. */
		const least = parseFloat(details.style.minHeight) || 0;
		details.style.minHeight = `${Math.max(least, details.offsetHeight)}px`;
		showCursor();
		if (i)
			i.nodes.forEach(node => node.classList.add("current"));
	}

	function pin(i) {
		const before = state.pinned;
		state.pinned = i;
		for (const other of [before, i])
			if (other && other.node)
				other.node.setAttribute("aria-pressed", String(other === i));
		show(i);
	}
	const pinOrLetGo = i => pin(state.pinned === i ? null : i);

	/* --- moving about --- */

	function moveTo(i) {
		if (state.focus.node)
			state.focus.node.setAttribute("tabindex", -1);
		state.focus = i;
		reveal(i);
		if (!i.node || !i.node.isConnected)
			drawSight();
		i.node.setAttribute("tabindex", 0);
		i.node.focus({ preventScroll: true });
	}

	function reveal(i) {
		const x = state.place.x(i.from), { room } = state;
		if (isScrolled() && (x < strip.scrollLeft + 20 || x > strip.scrollLeft + room - 60))
			strip.scrollLeft = x - room / 2;
	}

	/* The next range in this band, or the range of the next band that is where this one is. */
	function step(from, across, along) {
		const list = from.band.items, target = list[list.indexOf(from) + along];
		if (!across)
			return target || from;
		const band = bands[bands.indexOf(from.band) + across];
		if (!band)
			return from;
		const middle = (from.start + from.end) / 2n;
		const distance = i => i.start > middle ? i.start - middle : i.end <= middle ? middle - i.end + 1n : 0n;
		return band.items.reduce((best, i) => distance(i) < distance(best) ? i : best);
	}

	const MOVES = {
		ArrowLeft: i => step(i, 0, -1), ArrowRight: i => step(i, 0, 1),
		ArrowUp: i => step(i, -1, 0), ArrowDown: i => step(i, 1, 0),
		Home: i => i.band.items[0], End: i => i.band.items[i.band.items.length - 1],
	};
	const ACTIONS = {
		"Enter": pinOrLetGo, " ": pinOrLetGo, "Escape": () => pin(null),
		"+": () => zoom(1.5), "-": () => zoom(1 / 1.5), "0": () => zoom(0),
	};
	function onKey(event, i) {
		if (event.ctrlKey || event.altKey || event.metaKey)
			return;
		const key = state.place.turned && TURNED_KEYS[event.key] || event.key;
		if (MOVES[key])
			moveTo(MOVES[key](i));
		else if (ACTIONS[event.key])
			ACTIONS[event.key](i);
		else
			return;
		event.preventDefault();
	}

	/* One listener for all ranges. */
	function listen(kind, action) {
		strip.addEventListener(kind, event => {
			const node = event.target.closest(".item, .mark"), i = node && itemOf.get(node);
			if (i)
				action(i, event);
		});
	}
	listen("pointerover", i => state.pinned || show(i));
	listen("click", i => { moveTo(i); pinOrLetGo(i); });
	listen("focusin", i => state.pinned || show(i));
	listen("keydown", (i, event) => onKey(event, i));

	/* --- drawing --- */

	function touch(node, i) {
		itemOf.set(node, i);
		return node;
	}
	function wrap(node, i) {
		i.node = node;
		const name = `${bandName(i.band, " ")}: ${i.title || i.name}`;
		return fill(touch(node, i), {
			role: "button", tabindex: i === state.focus ? 0 : -1,
			"aria-pressed": String(i === state.pinned),
			"aria-label": `${name}, ${rangeText(i)}, ${sizeText(bytesOf(i))}`,
		}, []);
	}

	/* What is in sight, and half as much on both sides; and, that it is not lost, what has the focus. */
	function drawSight() {
		const left = isScrolled() ? strip.scrollLeft : 0;
		const [from, to] = [left - state.room / 2, left + 1.5 * state.room];
		const hadFocus = state.focus.node && state.focus.node === document.activeElement;
		const sight = [from / state.place.unit, to / state.place.unit];
		const isDrawn = i => i === state.focus || state.place.turned || isSeen(i, sight);
		state.view = [from, to];
		layers.items.replaceChildren(...drawItems(bands, state.place, isDrawn, wrap));
		layers.numbers.replaceChildren(...drawNumbers(bands, state.place, isDrawn, touch).flat(Infinity));
		if (hadFocus)
			state.focus.node.focus({ preventScroll: true });
	}

	/* All but the ranges, for a new width. */
	function redrawGround() {
		const narrow = element.clientWidth < NARROW, width = narrow ? 84 : 92;
		const turned = state.isTurned = scale.isFitted && narrow;
		labels.parentNode.style.gridTemplateColumns = turned ? "minmax(0, 1fr)" : `${width}px minmax(0, 1fr)`;
		state.room = strip.clientWidth;
		fit(state.room);
		const unit = Math.max(state.zoom * readableUnit(), fitUnit());
		state.place = positions(unit, 0, scale.total, turned);
		const { height, nodes } = drawGround(bands, scale, state.place, importance, state.room);
		const length = Math.ceil(state.place.width) + 1;
		drawing.setAttribute("width", turned ? state.room : length);
		drawing.setAttribute("height", turned ? length : height);
		layers.ground.replaceChildren(...nodes.flat());
		labels.replaceChildren(...overviewLabel(width), drawLabels(bands, width, state.place, state.room));
		widths.replaceChildren(...scaleKey(unit));
		drawOverview();
	}
	function redraw() {
		redrawGround();
		drawSight();
		showCursor();
	}

	/* @at, in pixels from the left, stays where it is. */
	function zoom(factor, at = state.room / 2) {
		const fraction = (strip.scrollLeft + at) / state.place.width, least = fitUnit() / readableUnit();
		state.zoom = Math.min(MOST_ZOOM, Math.max(state.zoom * factor, least));
		redrawGround();
		strip.scrollLeft = fraction * state.place.width - at;
		drawSight();
		showCursor();
	}

	/* --- the overview: all of it as the e820 map, with the part that is in sight --- */

	function overviewLabel(width) {
		const text = svg("text", { class: "side", x: 10, y: 21 }, "overview");
		return isScrolled() ? [svg("svg", { width, height: 35, class: "screen" }, text)] : [];
	}

	/* Of what would lie in one pixel, the first: nobody would see the others. */
	function distinct(list, place) {
		let last = -1;
		return list.filter(i => {
			const x = Math.floor(place.x(i.to));
			const isNew = x > last;
			last = Math.max(x, last);
			return isNew;
		});
	}
	function drawOverview() {
		overview.replaceChildren();
		overview.style.display = isScrolled() ? "" : "none";
		if (!isScrolled())
			return;
		const place = positions(fitUnit(), 0, scale.total), e820 = bands.filter(band => band.id === "e820");
		const rows = e820.length ? e820 : bands.slice(0, 1), height = 22 / rows.length;
		const marks = bands.filter(band => band.marks).flatMap(band => band.items.filter(i => !i.consequence));
		const box = (i, rest) => svg("rect",
			{ x: place.x(i.from), width: Math.max(1, place.x(i.to) - place.x(i.from)), ...rest });
		const itemBox = (i, k) =>
			box(i, { class: `k-${i.kind}`, fill: "var(--fill)", y: 6 + k * height, height });
		const tick = part => box(part, { class: "tick", y: 1, height: 4 });
		windowBox = svg("rect", { class: "window", y: 1, height: 32, rx: 3 });
		overview.append(svg("svg", { width: place.width, height: 34 },
			rows.map((band, k) => distinct(band.items, place).map(i => itemBox(i, k))),
			distinct(marks.flatMap(placesOf).sort(byAddress), place).map(tick), windowBox));
		moveWindow();
	}
	function moveWindow() {
		const ratio = fitUnit() / state.place.unit;
		windowBox.setAttribute("x", strip.scrollLeft * ratio);
		windowBox.setAttribute("width", state.room * ratio);
	}
	function onScroll() {
		if (!isScrolled())
			return;
		moveWindow();
		if (strip.scrollLeft < state.view[0] || strip.scrollLeft + state.room > state.view[1])
			drawSight();
	}
	function jump(event) {
		const ratio = state.place.unit / fitUnit();
		strip.scrollLeft = (event.clientX - overview.getBoundingClientRect().left) * ratio - state.room / 2;
	}
	overview.addEventListener("pointermove", event => event.buttons && jump(event));
	overview.addEventListener("pointerdown", jump);
	strip.addEventListener("scroll", onScroll);
	strip.addEventListener("wheel", event => {
		if (!event.ctrlKey)
			return;
		event.preventDefault();
		zoom(event.deltaY < 0 ? 1.25 : .8, event.clientX - strip.getBoundingClientRect().left);
	}, { passive: false });

	/* --- paper: drawn when it is needed --- */

	function drawForPaper() {
		if (paper.firstChild || items.length === 0)
			return;
		state.isTurned = false;
		fit(1.5 * PAPER_WIDTH, true);
		paper.append(...drawPaper(bands, scale, importance));
		redraw();
	}
	window.addEventListener("beforeprint", drawForPaper);
	matchMedia("print").addEventListener("change", drawForPaper);

	const button = (text, title, action) =>
		el("button", { type: "button", title, "aria-label": title, onclick: action }, text);
	const tools = el("div", { class: "tools screen" },
		button("−", "Zoom out: key −", () => zoom(1 / 1.5)),
		button("+", "Zoom in: key +, or Ctrl and the wheel", () => zoom(1.5)),
		button("Fit", "Fit all of it: key 0", () => zoom(0)), switches, scale.isFitted ? null : widths);
	const element = el("div", {}, tools,
		el("div", { class: "picture screen" }, labels, el("div", { class: "sight" }, overview, strip)), paper,
		el("p", { class: "note" }, note || (scale.isFitted ? FITTED_NOTE : SCALE_NOTE)),
		el("div", { class: beside ? "below" : "below alone" }, details, beside));

	return {
		element,
		start(first = null) {
			if (items.length === 0)
				return;
			redrawGround();
			new ResizeObserver(() => strip.clientWidth !== state.room && redraw()).observe(strip);
			const marks = items.filter(i => i.band.marks && !i.consequence);
			const mark = first || marks.find(isNotable) || marks[0];
			if (mark)
				reveal(mark);
			drawSight();
			show(first);
		},
		/* A row of a table, say, stands for @i: it shows when that is pointed at. */
		attach: (node, i) => i.nodes.push(node),
		look: i => state.pinned || show(i),
		go(i) {
			moveTo(i);
			pin(i);
			const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
			element.scrollIntoView({ behavior: isCalm ? "auto" : "smooth", block: "nearest" });
		},
	};
}

/* @node stands for @i in the picture that @current returns; its button, if it has one, is for the keyboard. */
function linkNode(node, i, current) {
	current().attach(node, i);
	node.classList.add("link");
	node.addEventListener("click", () => current().go(i));
	node.addEventListener("pointerenter", () => current().look(i));
}

