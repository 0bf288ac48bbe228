/* title.c - what a record is called: see title.h. */
#include "mapdiff/record/title.h"

#include "mapdiff/base/memory.h"

const char *record_source_name(enum record_source source)
{
	static const char *const names[] = {
		[SOURCE_CAPTURE] = "capture",
		[SOURCE_LINUX_LOG] = "Linux log",
		[SOURCE_IOMEM] = "/proc/iomem",
		[SOURCE_SYSFS] = "/sys/firmware/memmap",
		[SOURCE_SHELL] = "UEFI Shell memmap",
		[SOURCE_SHELL_SFO] = "UEFI Shell memmap -sfo",
		[SOURCE_LSEFIMMAP] = "GRUB lsefimmap",
		[SOURCE_LSMMAP] = "GRUB lsmmap",
	};

	return names[source];
}

const char *record_title(const struct record *record)
{
	const char *version = record_fact(record, FACT_KERNEL_VERSION);
	const char *label = record_fact(record, FACT_LABEL);
	struct bytes title = { 0 };

	memory_append(&title, "%s (%s%s", record->name, record_source_name(record->source),
	              record->n_faults > 0 ? ", damaged" : "");
	if (record->n_boots > 1)
		memory_append(&title, ", boot %lu of %lu", record->boot, record->n_boots);
	if (version != NULL)
		memory_append(&title, ", Linux %s", version);
	if (label != NULL)
		memory_append(&title, ", %s", label);
	memory_append(&title, ")");
	return title.text;
}
