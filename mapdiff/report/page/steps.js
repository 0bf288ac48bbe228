/*
 * steps.js - how a bitmap is made -> a page with a slider that goes through the calls. What the bitmap
 * is after each of them follows from the runs of pages that change.
 */

/* A row of the picture of the whole bitmap has so many cells, of 256 pages or more. */
const STEP_CELLS_A_ROW = 64, MOST_STEP_CELLS = 1024;
/* The list of a map of many steps has those around the one that is shown. */
const MOST_STEPS_LISTED = 400;

const isFreeing = step => step.function.startsWith("free_");

/* All runs of pages that have changed up to step @at: [first, end, is free since]. */
const stepRuns = (steps, at) => steps.slice(0, at + 1).flatMap(step =>
	step.changed.map(([first, end]) => [first, end, isFreeing(step)]));

/* A byte for each page of [first, end): 1 if it is free after these runs. */
function stepBits(runs, first, end) {
	const bits = new Uint8Array(end - first);
	for (const [from, to, isFree] of runs)
		if (from < end && to > first)
			bits.fill(isFree ? 1 : 0, Math.max(from, first) - first, Math.min(to, end) - first);
	return bits;
}

/* How many pages of each cell of @pages are free after these runs. */
function stepCells(target, runs, pages) {
	const cells = new Float64Array(Math.ceil(target.max_low_pfn / pages));
	for (const [from, to, isFree] of runs)
		for (let pfn = from; pfn < to;) {
			const cell = Math.floor(pfn / pages), next = Math.min(to, (cell + 1) * pages);
			cells[cell] += isFree ? next - pfn : pfn - next;
			pfn = next;
		}
	return cells;
}

/* The lowest page that is free after these runs; undefined: none. */
function lowestFree(target, runs) {
	const pages = 1 << 16;
	for (let first = 0; first < target.max_low_pfn; first += pages) {
		const bit = stepBits(runs, first, Math.min(first + pages, target.max_low_pfn)).indexOf(1);
		if (bit >= 0)
			return first + bit;
	}
	return undefined;
}

/* --- the list --- */

const STEP_RIBBON = { width: 128, height: 12 };

/* The ribbon of a step; below it, a mark where its pages lie. */
function stepRibbon(step, target) {
	const { width, height } = STEP_RIBBON, cellPages = Math.floor(target.max_low_pfn / 64) + 1;
	const scale = width / target.max_low_pfn, x = cell => Math.min(cell * cellPages * scale, width);
	const free = [...step.ribbon].map((char, cell) => char === "#" ? ""
		: `M${x(cell)} ${char === "." ? 0 : height / 2}H${x(cell + 1)}V${height}H${x(cell)}Z`).join("");
	const [first, end] = step.pages, left = Math.min(first * scale, width - 2);
	const under = { x: left, y: height + 1, width: Math.max(2, (end - first) * scale), height: 2 };
	const box = { viewBox: `0 0 ${width} ${height + 4}`, width, height: height + 4, "aria-hidden": "true" };
	if (!step.bits)
		return svg("svg", box);
	return svg("svg", box, svg("rect", { class: "taken", width, height }), svg("path", { class: "free", d: free }),
		first < end ? svg("rect", { class: "under", ...under }) : null);
}

const isFirst = step => step.function.startsWith("init_");

function stepChange(step) {
	const change = step.free[1] - step.free[0];
	if (!step.bits || isFirst(step))
		return step.bits ? "0" : "";
	return change === 0 ? step.unchanged : (change > 0 ? "+" : "−") + numberText(Math.abs(change));
}

function stepShort(step) {
	if (!step.bits || isFirst(step))
		return step.function;
	if (!isFreeing(step))
		return `reserve: ${step.what}`;
	return `free: ${sizeText((step.pages[1] - step.pages[0]) * 4096)} at ${hex(step.pages[0] * 4096)}`;
}

/* --- the step --- */

/* As Linux calls it: address and size. */
function stepCall(step) {
	const start = BigInt(step.start), bytes = BigInt(step.end) - start;
	if (!step.bits)
		return `${step.function}()`;
	if (isFirst(step))
		return `${step.function}(…, ${hex(step.pages[1])})`;
	return step.function.startsWith("alloc_") ? `${step.function}(${hex(bytes)}) = ${hex(start)}`
		: `${step.function}(${hex(start)}, ${hex(bytes)})`;
}

function stepWhy(step) {
	const whose = step.caller === null ? "An extension of bootmem: Linux 2.6.24 does not do this."
		: `As Linux 2.6.24 does in ${step.caller}().`;
	return [el("strong", {}, step.what), step.reason ? `: ${step.reason}. ` : ". ", soft(whose)];
}

/* Squares, a page each, with their bits: a line before the step's first page, and three from there on. */
function stepAround(target, step, runs) {
	const columns = innerWidth < 700 ? 16 : 32;
	const last = Math.max(0, Math.ceil(target.max_low_pfn / columns) - 4);
	const first = Math.min(Math.max(0, Math.floor(step.pages[0] / columns) - 1), last) * columns;
	const end = Math.min(first + 4 * columns, target.max_low_pfn), squares = [];
	stepBits(runs, first, end).forEach((isFree, at) => {
		const isHere = step.pages[0] <= first + at && first + at < step.pages[1];
		if (at % columns === 0)
			squares.push(el("span", { class: "row" }, hex(first + at)));
		squares.push(el("span", { class: `b${isFree ? 0 : 1}${isHere ? " here" : ""}` }, isFree ? "0" : "1"));
	});
	return el("div", { class: "bits", style: `--columns:${columns}` }, squares);
}

/* All of it, a cell for 1 MiB or more; green as far as it is free. */
function stepWhole(target, step, runs, pages) {
	const cells = stepCells(target, runs, pages), all = [...cells.keys()], size = 12, high = 11;
	const box = (cell, part) => {
		const x = cell % STEP_CELLS_A_ROW * size, y = Math.floor(cell / STEP_CELLS_A_ROW) * (high + 2);
		return `M${x} ${y + high * (1 - part)}h${size - 1}v${high * part}h${1 - size}z`;
	};
	const partOf = cell => cells[cell] / Math.min(pages, target.max_low_pfn - cell * pages);
	const touched = step.pages[0] < step.pages[1] && !isFirst(step)
		? all.slice(Math.floor(step.pages[0] / pages), Math.ceil(step.pages[1] / pages)) : [];
	const height = Math.ceil(cells.length / STEP_CELLS_A_ROW) * (high + 2) + 2;
	const label = `The whole bitmap: ${count(step.free[1], "free page")} of ${numberText(target.max_low_pfn)}`;
	const path = (style, d) => svg("path", { class: style, d: d.join("") });
	return svg("svg", { viewBox: `-1 -1 ${STEP_CELLS_A_ROW * size + 2} ${height}`, width: "100%", role: "img",
		style: "max-width:900px", "aria-label": label },
	path("taken", all.map(cell => box(cell, 1))),
	path("free", all.filter(cell => cells[cell] > 0).map(cell => box(cell, partOf(cell)))),
	path("touched", touched.map(cell => box(cell, 1))));
}

const stepKey = () => el("p", { class: "walk-key" },
	el("span", {}, el("i", { class: "i0" }), "free (0)"), el("span", {}, el("i", { class: "i1" }), "reserved (1)"),
	el("span", {}, el("i", { class: "i2" }), "this step"));

function stepBitmap(target, step, runs) {
	const pages = Math.max(256, 2 ** Math.ceil(Math.log2(target.max_low_pfn / MOST_STEP_CELLS)));
	const note = `1 cell is ${sizeText(pages * 4096)}; the green part of it is free`;
	return [
		el("h3", {}, "The pages around it", el("small", {}, "1 square is 1 page; 1 = reserved, 0 = free")),
		stepAround(target, step, runs),
		el("h3", {}, "The whole bitmap after this step", el("small", {}, note)),
		stepWhole(target, step, runs, pages), stepKey()];
}

/* Where to read it, and what to think about. */
function stepNote(report, target, step, runs) {
	const lowest = step.bits ? lowestFree(target, runs) : undefined, address = hex(step.pages[0] * 4096);
	const file = shortNames([report.boot.name])[0];
	return el("div", { class: "read" },
		el("p", {}, "Where to read it: ", el("code", {}, "x86/setup.c"), " calls, ",
			el("code", {}, "bootmem/bootmem.c"), " changes the bits."),
		step.bits ? el("p", {}, "All about its first page: ",
			el("code", {}, `mapdiff explain ${file} ${address}`)) : null,
		lowest === undefined ? null : el("p", {}, el("strong", {}, "Think. "),
			`The lowest free page is ${hex(lowest)}, which alloc_bootmem_low() would hand out now. `
			+ "Does a later step need it?"));
}

function stepNodes(report, target, at) {
	const step = target.steps[at], runs = stepRuns(target.steps, at);
	const change = step.free[1] - step.free[0];
	const changeNote = change === 0 ? "no change" : `${stepChange(step)} page${Math.abs(change) === 1 ? "" : "s"}`;
	const figuresOf = () => [figures([["free before", numberText(step.free[0])], ["this step", changeNote],
		["free after", numberText(step.free[1])]]), ...stepBitmap(target, step, runs)];
	return [el("h2", {}, stepCall(step)), el("p", {}, stepWhy(step)), ...step.bits ? figuresOf() : [],
		stepNote(report, target, step, runs)];
}

/* --- the page --- */

/* The elements of the page, which stay; what is in them is that of the step. @go: by how many steps. */
function makeWalk(go) {
	const button = (text, label, by) =>
		el("button", { type: "button", "aria-label": label, onclick: () => go(by) }, text);
	return { slider: el("input", { type: "range", min: 1, step: 1, "aria-label": "Step" }),
		marks: el("span", { "aria-hidden": "true" }), title: el("strong", { role: "status" }),
		free: el("span", { class: "walk-free" }), back: button("◀", "One step back", -1),
		forward: button("▶", "One step forward", 1),
		list: el("ol", { class: "walk-list", "aria-label": "All steps" }),
		step: el("div", { class: "walk-step" }), end: el("p", {}) };
}

/* Where freeing and reserving begin. */
function stepMarks(steps) {
	const begins = [isFreeing, step => step.function.startsWith("reserve_")].map(is => steps.findIndex(is));
	return begins.filter(at => at > 0).map(at =>
		el("i", { style: `left:calc(8px + (100% - 16px) * ${at / (steps.length - 1)})` }));
}

function stepRow(step, target, number, at, show) {
	const attributes = { type: "button", class: number > at ? "later" : "", tabindex: number === at ? 0 : -1,
		"aria-current": number === at ? "step" : undefined, onclick: () => show(number) };
	return el("li", {}, el("button", attributes, soft(String(number + 1)),
		el("span", { class: "what", title: `${step.function}: ${step.what}` }, stepShort(step)),
		stepRibbon(step, target), el("span", {}, stepChange(step))));
}

/* Those around step @at, where there are many; it stands in sight. */
function drawStepList(list, target, at, show) {
	const { steps } = target, isFocused = list.contains(document.activeElement);
	const first = Math.max(0, Math.min(at - MOST_STEPS_LISTED / 2, steps.length - MOST_STEPS_LISTED));
	list.replaceChildren(...steps.slice(first, first + MOST_STEPS_LISTED).map((step, k) =>
		stepRow(step, target, first + k, at, show)));
	if (steps.length === 0)
		return;
	const row = list.children[at - first];
	if (list.scrollHeight > list.clientHeight)
		list.scrollTop = row.offsetTop - list.offsetTop - list.clientHeight / 2;
	if (isFocused)
		row.firstChild.focus({ preventScroll: true });
}

const stepsHelp = () => keyHelp("Move the slider, or choose a step of the list. With the keyboard:",
	[["← →", "one step back, one step on"], ["Home End", "the first step, the last"]]);

/* ← and → wherever the focus is, but in the text, which they scroll. */
function watchStepKeys(go) {
	const ways = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
	document.addEventListener("keydown", event => {
		const isOurs = ways[event.key] && !event.ctrlKey && !event.altKey && !event.metaKey;
		if (!isOurs || event.target.closest("pre"))
			return;
		go(ways[event.key]);
		event.preventDefault();
	});
}

/* How it all ends. */
const stepEnd = target => target.failure ? `No bitmap: ${target.failure}.`
	: target.difference || `At the end, free_all_bootmem() ${target.end}.`;

function drawSteps(report, page) {
	const ids = Object.keys(report.targets);
	let id = ids[ids.length - 1], at = 0;
	const show = wanted => {
		const target = report.targets[id], { steps } = target;
		at = Math.max(0, Math.min(wanted, steps.length - 1));
		walk.slider.max = Math.max(1, steps.length);
		walk.slider.value = at + 1;
		walk.title.textContent = steps.length ? `Step ${at + 1} of ${steps.length}` : "No steps";
		walk.marks.replaceChildren(...stepMarks(steps));
		walk.free.textContent = steps.length ? count(steps[at].free[1], "free page") : "";
		walk.end.textContent = stepEnd(target);
		walk.step.replaceChildren(...steps.length ? stepNodes(report, target, at) : [], walk.end);
		drawStepList(walk.list, target, at, show);
		choices.forEach(button => button.setAttribute("aria-pressed", button.value === id));
	};
	const go = by => show(at + by), walk = makeWalk(go);
	const choose = event => {
		id = event.target.value;
		show(at);
	};
	const choices = ids.map(value => el("button", { type: "button", value, onclick: choose }, TARGETS[value]));

	walk.slider.addEventListener("input", () => show(Number(walk.slider.value) - 1));
	watchStepKeys(go);
	addEventListener("resize", () => show(at));
	page.append(faultsBox(report.boot),
		el("div", { class: "walk-bar", role: "group", "aria-label": "Steps" }, choices, walk.back, walk.title,
			walk.forward, el("div", { class: "walk-slider" }, walk.slider, walk.marks), walk.free),
		el("div", { class: "walk" }, walk.list, walk.step));
	return () => show(0);
}
