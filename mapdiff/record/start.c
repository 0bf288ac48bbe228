/* start.c - a record -> who started its kernel: see start.h. */
#include "mapdiff/record/start.h"

#include "bootmem/count.h"
#include "mapdiff/base/map.h"
#include "mapdiff/record/command_line.h"

/* A firmware's map has free memory, at least; Linux hands on what its runtime services need. */
static bool has_runtime_alone(const struct record *record)
{
	MEMORY_EACH(descriptor, record, uefi)
		if ((descriptor->attribute & UEFI_MEMORY_RUNTIME) == 0)
			return false;
	return record->n_uefi > 0;
}

/* By the command line (elfcorehdr= is kdump's), by whose list its e820 map is, by the UEFI map, and
 * by the e820 map (those of kexec-tools begin at 0x100). */
enum start start_of(const struct record *record)
{
	const struct e820_map *e820 = &record->e820;

	if (command_line_value(record, "elfcorehdr=") != NULL)
		return START_CRASH;
	if (record->e820_view == VIEW_DOMAIN)
		return START_XEN;
	if (record->e820_view != VIEW_FIRMWARE)
		return START_FIRMWARE;
	if (has_runtime_alone(record) ||
	    (e820->n_ranges > 0 && e820->ranges[0].start_paddr == MAP_KEXEC_PADDR))
		return START_KEXEC;
	return START_FIRMWARE;
}

const char *start_text(enum start start)
{
	static const char *const texts[] = {
		[START_FIRMWARE] = "",
		[START_KEXEC] = "a kernel that kexec started",
		[START_CRASH] = "a crash kernel (elfcorehdr= is in its command line)",
		[START_XEN] = "a kernel that Xen started (dom0, whose map is Xen's own)",
	};
	_Static_assert(COUNT(texts) == START_COUNT, "a start has no words");

	return texts[start];
}

const char *start_uefi_gap(const struct record *record)
{
	return has_runtime_alone(record) ? "its UEFI map is not whole: all descriptors are of "
	                                   "runtime services, as kexec hands them on"
	                                 : NULL;
}
