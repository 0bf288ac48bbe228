/*
 * main.js - any report -> its page: which kind it is, its title, and what all pages have.
 */

const bootTitle = report => shortNames([report.boot.name])[0];

const ofBoot = text => report => `${text} · ${bootLine(report.boot)}`;

/* Each `draw' fills the page and returns what is to be done when it stands. */
const REPORTS = {
	diff: { draw: drawDiff, title: r => shortNames(r.boots.map(boot => boot.name)).join(" → "),
		heading: "What changed in the memory map", subtitle: bootsNodes },
	show: { draw: drawShow, title: bootTitle,
		subtitle: ofBoot("The memory map of one boot, and what became of it") },
	translate: { draw: drawShow, title: bootTitle,
		subtitle: r => ofBoot(`A UEFI map, translated by the rules of ${r.rules}`)(r) },
	steps: { draw: drawSteps, help: stepsHelp, title: () => "How the bitmap is made, step by step",
		subtitle: r => ofBoot(`${bootTitle(r)} · policy ${r.policy ?? "not recorded"}`)(r) },
	explain: { draw: drawExplain, title: r => `${r.address} in ${bootTitle(r)}`,
		subtitle: ofBoot("Everything about one page") },
	check: { draw: drawCheck, title: bootTitle, subtitle: ofBoot("Does the e820 map follow from the UEFI map?") },
	lint: { draw: drawLint, title: bootTitle, subtitle: ofBoot("Findings about a firmware's memory map") },
	series: { draw: drawSeries, title: r => r.machines > 1
			? count(r.machines, "machine") : `${count(r.boots.length, "boot")} of one machine`,
		subtitle: r => r.machines > 1 ? "The boots of each machine: what moves, when, and why"
			: ["What moves, when, and why", r.machine].filter(Boolean).join(" · ") },
};

/* Which boot each letter stands for, and the machine. */
function bootsNodes(report) {
	const names = shortNames(report.boots.map(boot => boot.name));
	const [a, b] = report.boots.map(boot => boot.facts.machine);
	const boot = (name, k) => {
		const { time, label } = report.boots[k].facts;
		const when = time && time.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*/, "$1 $2");
		return [k ? " → " : "", el("span", { class: "chip" }, "AB"[k]), " ",
			[name, when, label].filter(Boolean).join(", ")];
	};
	return [names.map(boot), a && a === b ? ` · ${a}` : "", report.found ? ` · ${report.found}` : ""];
}

function watchTheme(button) {
	const themes = [["system", "light dark"], ["light", "light"], ["dark", "dark"]];
	let at = 0;
	button.addEventListener("click", () => {
		at = (at + 1) % themes.length;
		document.documentElement.style.colorScheme = themes[at][1];
		button.textContent = `Theme: ${themes[at][0]}`;
	});
}

/* The clipboard may be closed to pages from files; a selection is not. */
async function copyText(button) {
	const text = document.getElementById("text");
	try {
		await navigator.clipboard.writeText(text.textContent);
		button.textContent = "Copied";
	} catch {
		getSelection().selectAllChildren(text);
		button.textContent = "Selected: press Ctrl+C";
	}
}

/* What keys do: closed at first. */
function watchHelp(button, nodes) {
	const help = document.getElementById("help");
	const toggle = () => {
		help.hidden = !help.hidden;
		button.setAttribute("aria-expanded", String(!help.hidden));
	};
	help.append(...nodes);
	button.addEventListener("click", toggle);
	document.addEventListener("keydown", event => event.key === "?" && toggle());
}

/* On paper, nothing is closed but the text, which would be all of it once more. */
function openForPaper() {
	const isPaper = matchMedia("print");
	let opened = [];
	const change = isPrinted => {
		opened.forEach(node => { node.open = false; });
		opened = isPrinted ? [...document.querySelectorAll("main details:not([open])")] : [];
		opened.forEach(node => { node.open = true; });
	};
	window.addEventListener("beforeprint", () => change(true));
	window.addEventListener("afterprint", () => change(false));
	isPaper.addEventListener("change", () => change(isPaper.matches));
}

function main() {
	const report = JSON.parse(document.getElementById("report").textContent);
	const page = document.getElementById("page"), kind = REPORTS[report.report];

	page.replaceChildren();
	document.body.prepend(patternDefinitions());
	document.title = `${kind.title(report)} – mapdiff`;
	document.getElementById("title").textContent = kind.heading || kind.title(report);
	document.getElementById("subtitle").replaceChildren(...[kind.subtitle(report)].flat(Infinity));
	document.getElementById("footer").textContent =
		`${report.program}. All addresses are physical; ends are one past the last byte.`;
	document.getElementById("as-text").open = false;
	document.getElementById("copy").addEventListener("click", event => copyText(event.target));
	watchTheme(document.getElementById("theme"));
	watchHelp(document.getElementById("keys"), (kind.help || pictureHelp)());
	kind.draw(report, page)();
	openForPaper();
	/* For who waits for it: all of it stands on the screen. */
	requestAnimationFrame(() => requestAnimationFrame(() => performance.mark("drawn")));
}
main();
