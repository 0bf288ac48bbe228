/* describe_memory.c - see describe_memory.h, and FORMAT.md for the lines. */
#include "efi/describe_memory.h"

#include "efi/bridges.h"
#include "handoff/capture/text.h"
#include "x86/attributes.h"

#define NAME_BYTES 40

void describe_windows(const struct firmware *firmware, const struct facts *facts,
                      struct capture_writer *writer)
{
	struct bridges bridges;

	bridges_find(firmware, &facts->phys, facts->services_paddr, &bridges);
	for (size_t i = 0; i < bridges.n_windows; i++)
		capture_span(writer, "host-window", bridges.windows[i], NULL);
	if (bridges.fault != NULL)
		capture_line(writer, "#", "windows of PCI host bridges are not all told: %s",
		             bridges.fault);
}

void describe_mtrrs(const struct facts *facts, struct capture_writer *writer)
{
	static const char *const kinds[MTRR_KINDS] = {
		[MTRR_DEFAULT] = "MTRR default",
		[MTRR_FIXED] = "MTRR fixed",
		[MTRR_VARIABLE] = "MTRR",
	};
	struct mtrr_list mtrrs;
	enum mtrr_err err = cpu_find_mtrrs(&facts->cpu, &mtrrs);
	char name[NAME_BYTES];

	if (err != MTRR_OK)
		capture_line(writer, "#", "MTRRs are not told: %s", mtrr_err_text(err));
	for (size_t i = 0; i < mtrrs.n; i++) {
		text_format(name, sizeof name, "%s %s", kinds[mtrrs.list[i].kind],
		            mtrrs.list[i].type);
		capture_span(writer, "mtrr", mtrrs.list[i].span, name);
	}
}

/* An entry about nothing has no line: who goes by the table finds nothing there, either. */
void describe_attributes(const struct facts *facts, struct capture_writer *writer)
{
	struct uefi_map entries;
	enum attributes_err err;
	size_t n_empty = 0, n;

	if (facts->attributes_paddr == 0)
		return;
	err = attributes_find(&facts->phys, facts->attributes_paddr, &entries);
	if (err != ATTRIBUTES_OK)
		capture_line(writer, "#", "the memory attributes table is not told: %s",
		             attributes_err_text(err));
	n = uefi_map_count(&entries);
	for (size_t i = 0; i < n; i++) {
		struct uefi_descriptor entry = uefi_map_get(&entries, i);
		struct span span;
		bool wraps;

		n_empty +=
			!uefi_descriptor_range(&entry, &span.start_paddr, &span.end_paddr, &wraps);
		capture_span(writer, "memory-attributes", span, NULL);
	}
	if (n_empty > 0)
		capture_line(writer, "#",
		             "entries of the memory attributes table of no memory: %zu", n_empty);
}
