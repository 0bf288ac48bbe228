/*
 * memory.js - the report's maps -> bands of items: { start, end, name, kind }, addresses as
 * BigInt. A kind is a colour and a pattern of page.css.
 */

/* [name, kind] */
const E820 = {
	1: ["usable", "ram"], 2: ["reserved", "reserved"], 3: ["ACPI data", "acpi"],
	4: ["ACPI NVS", "nvs"], 5: ["unusable", "unusable"], 6: ["disabled", "unusable"],
	7: ["persistent", "pmem"], 12: ["persistent (12)", "pmem"], 16: ["coreboot (16)", "reserved"],
	20: ["type 20", "runtime"],
	0xefffffff: ["soft reserved", "soft"],
};
const UEFI = [
	["Reserved", "reserved"], ["Loader Code", "loader"], ["Loader Data", "loader"],
	["Boot Services Code", "boot"], ["Boot Services Data", "boot"],
	["Runtime Services Code", "runtime"], ["Runtime Services Data", "runtime"],
	["Conventional", "ram"], ["Unusable", "unusable"], ["ACPI Reclaim", "acpi"],
	["ACPI NVS", "nvs"], ["MMIO", "mmio"], ["MMIO Port Space", "mmio"],
	["PAL Code", "reserved"], ["Persistent", "pmem"], ["Unaccepted", "soft"],
];
const FATES = {
	"free": ["free", "ram"], "reserved": ["reserved", "taken"],
	"no reason": ["reserved, no reason known", "odd"],
	"above low": ["RAM above the bitmap", "beyond"], "not RAM": ["not RAM", "outside"],
};
const TARGETS = { ia32: "IA-32", amd64: "AMD64" };
const ATTRIBUTES = [
	[0, "UC"], [1, "WC"], [2, "WT"], [3, "WB"], [4, "UCE"], [12, "WP"], [13, "RP"], [14, "XP"], [15, "NV"],
	[16, "MORE_RELIABLE"], [17, "RO"], [18, "SP"], [19, "CPU_CRYPTO"], [63, "RUNTIME"],
];

const e820Kind = type => E820[type] || [`type ${type}`, "odd"];
const uefiKind = type => UEFI[type] || [`type 0x${type.toString(16)}`, "odd"];
const attributeText = value =>
	ATTRIBUTES.filter(([bit]) => BigInt(value) >> BigInt(bit) & 1n).map(([, name]) => name).join(" ");

/* --- numbers as text --- */

const UNITS = ["byte", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/* In the largest unit that it fills, with one decimal, cut: as the report as text has it. */
function sizeText(bytes) {
	let value = Number(bytes), unit = 0;
	while (value >= 1024 && unit < UNITS.length - 1) {
		value /= 1024;
		unit++;
	}
	return unit === 0 ? count(value, UNITS[0]) : `${Math.floor(value * 10) / 10} ${UNITS[unit]}`;
}

const numberFormat = new Intl.NumberFormat("en");
const numberText = value => numberFormat.format(Number(value));
const hex = value => "0x" + value.toString(16);
const rangeText = range => `${hex(range.start)}–${hex(range.end)}`;
const bytesOf = range => range.end - range.start;
const pagesOf = bytes => (bytes + 4095n) >> 12n;
const count = (n, what) => `${numberText(n)} ${what}${Number(n) === 1 ? "" : "s"}`;
const signedSize = bytes => bytes === 0 ? "no change" : (bytes > 0 ? "+" : "−") + sizeText(Math.abs(bytes));
/* Map of what @keyOf says -> the things of @list with it, in their order. */
function groupsOf(list, keyOf) {
	const groups = new Map();
	for (const thing of list) {
		const key = keyOf(thing);
		if (groups.has(key))
			groups.get(key).push(thing);
		else
			groups.set(key, [thing]);
	}
	return groups;
}
const clipped = (text, length) => text.length > length ? text.slice(0, length - 1) + "…" : text;

/* The names of files without the folders that they share, or that one alone is in. */
function shortNames(names) {
	const paths = names.map(name => name.split("/"));
	const isShared = paths.length > 1 ? at => paths.every(path => at < path.length - 1 && path[at] === paths[0][at])
		: at => at < paths[0].length - 1;
	let at = 0;
	while (isShared(at))
		at++;
	return paths.map(path => path.slice(at).join("/")).map(name => name === "-" ? "standard input" : name);
}

/* --- ranges, items, bands --- */

/* The ranges of an item: a change has up to two. */
const placesOf = i => i.parts || [i];
const parse = range => ({ ...range, start: BigInt(range.start), end: BigInt(range.end) });
const byAddress = (a, b) => a.start < b.start ? -1 : a.start > b.start ? 1 : a.end < b.end ? -1 : 1;

function item(range, [name, kind], more) {
	return { ...range, name, kind, ...more };
}

/* An end at or past 2^64 is drawn as 2^64. */
function uefiItems(list) {
	return list.map(parse).map(range => {
		const bytes = BigInt(range.pages) << 12n;
		return { ...range, end: range.start + bytes > 1n << 64n ? 1n << 64n : range.start + bytes };
	}).filter(range => range.end > range.start).sort(byAddress)
		.map(range => item(range, uefiKind(range.type)));
}
const e820Items = list => list.map(parse).map(range => item(range, e820Kind(range.type)));

/* What a bitmap says of RAM, and, that one sees where they are, the ranges below its end that are no RAM. */
function bitmapItems(target, e820) {
	const end = BigInt(target.max_low_pfn) << 12n;
	const outside = e820.filter(range => range.type !== 1 && range.end <= end)
		.map(range => item({ ...range, owner: "" }, FATES["not RAM"]));
	const inside = target.runs.filter(run => run.fate !== "not RAM").map(parse).map(run => {
		const by = run.reservation === null ? null : target.reserved[run.reservation];
		return item({ ...run, by }, FATES[run.fate], by ? { name: by.owner } : {});
	});
	return [...outside, ...inside].sort(byAddress);
}

/* The bands of one boot, in the order in which a map becomes a bitmap. */
function bandsOf(source, side) {
	const e820 = e820Items(source.e820);
	const bands = [
		{ id: "uefi", label: "UEFI", height: 26, items: uefiItems(source.uefi) },
		{ id: "e820", label: "e820", height: 34, items: e820 },
		...Object.entries(source.targets || {}).map(([id, target]) =>
			({ id, label: TARGETS[id], height: 22, items: bitmapItems(target, e820) })),
	];
	for (const band of bands)
		band.side = side;
	return bands.filter(band => band.items.length > 0);
}

/*
 * The items of a band that share bytes with @range. Items may overlap (firmware's do), so the search
 * is in how far the items up to each one reach, which only grows.
 */
function itemsIn(band, range) {
	if (!band.reach) {
		let furthest = 0n;
		band.reach = band.items.map(i => furthest = i.end > furthest ? i.end : furthest);
	}
	let low = 0, high = band.items.length;
	while (low < high) {
		const middle = (low + high) >> 1;
		if (band.reach[middle] > range.start)
			high = middle;
		else
			low = middle + 1;
	}
	const found = [];
	for (; low < band.items.length && band.items[low].start < range.end; low++)
		if (band.items[low].end > range.start)
			found.push(band.items[low]);
	return found;
}

