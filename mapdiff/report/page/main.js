/*
 * main.js - any report -> its page: which kind it is, its title, and what all pages have.
 */

const bootTitle = report => shortNames([report.boot.name])[0];

const ofBoot = text => report => `${text} · ${bootLine(report.boot)}`;

/* Each `draw' fills the page and returns what is to be done when it stands. */
const REPORTS = {
	diff: { draw: drawDiff, title: r => shortNames(r.boots.map(boot => boot.name)).join(" → "),
		subtitle: r => `What changed in the memory map from boot A to boot B${machineOfBoth(r)}`
			+ (r.found ? `. ${r.found}` : "") },
	show: { draw: drawShow, title: bootTitle,
		subtitle: ofBoot("The memory map of one boot, and what became of it") },
	translate: { draw: drawShow, title: bootTitle,
		subtitle: r => ofBoot(`A UEFI map, translated by the rules of ${r.rules}`)(r) },
	steps: { draw: drawSteps, title: () => "How the bitmap is made, step by step",
		subtitle: r => ofBoot(`${bootTitle(r)} · policy ${r.policy ?? "not recorded"}`)(r) },
	explain: { draw: drawExplain, title: r => `${r.address} in ${bootTitle(r)}`,
		subtitle: ofBoot("Everything about one page") },
	check: { draw: drawCheck, title: bootTitle, subtitle: ofBoot("Does the e820 map follow from the UEFI map?") },
	lint: { draw: drawLint, title: bootTitle, subtitle: ofBoot("Findings about a firmware's memory map") },
	series: { draw: drawSeries, title: r => r.machines > 1
			? count(r.machines, "machine") : count(r.boots.length, "boot"),
		subtitle: r => r.machines > 1 ? "The boots of each machine: what moves, when, and why"
			: "Many boots of one machine: what moves, when, and why" },
};

function machineOfBoth(report) {
	const [a, b] = report.boots.map(boot => boot.facts.machine);
	return a && a === b ? ` · ${a}` : "";
}

/* Of a diff, each name says which letter stands for it. */
function titleNodes(report, title) {
	if (report.report !== "diff")
		return [title];
	const names = shortNames(report.boots.map(boot => boot.name));
	return names.flatMap((name, k) => [k ? " → " : "", el("span", { class: "chip" }, "AB"[k]), " ", name]);
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

function main() {
	const report = JSON.parse(document.getElementById("report").textContent);
	const page = document.getElementById("page"), kind = REPORTS[report.report];

	page.replaceChildren();
	document.body.prepend(patternDefinitions());
	document.title = `${kind.title(report)} – mapdiff`;
	document.getElementById("title").replaceChildren(...titleNodes(report, kind.title(report)));
	document.getElementById("subtitle").textContent = kind.subtitle(report);
	document.getElementById("footer").textContent =
		`${report.program}. All addresses are physical; ends are one past the last byte.`;
	document.getElementById("as-text").open = false;
	document.getElementById("copy").addEventListener("click", event => copyText(event.target));
	watchTheme(document.getElementById("theme"));
	kind.draw(report, page)();
}
main();
