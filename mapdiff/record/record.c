/* record.c - the lists of a record, and what is done when all is in: see record.h. */
#include "mapdiff/record/record.h"

#include <ctype.h>
#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/base/map.h"
#include "mapdiff/base/sorted.h"
#include "mapdiff/base/text.h"

const char *const record_target_names[RECORD_TARGETS] = {
	[RECORD_IA32] = "ia32",
	[RECORD_AMD64] = "amd64",
};

const char *const record_view_names[] = {
	[VIEW_FIRMWARE] = "firmware", [VIEW_BOOTMEM] = "bootmem", [VIEW_KERNEL] = "kernel",
	[VIEW_GRUB] = "grub",         [VIEW_XEN] = "xen",         [VIEW_DOMAIN] = "domain",
	[VIEW_HOLES] = "holes",       [VIEW_LISTED] = "listed",
};
_Static_assert(COUNT(record_view_names) == VIEW_COUNT, "a view of e820 has no name");

const struct record_span_key record_span_keys[] = {
	[LANDMARK_SMBIOS] = { "smbios", "SMBIOS" },
	[LANDMARK_FRAMEBUFFER] = { "framebuffer", "framebuffer" },
	[LANDMARK_KERNEL] = { "kernel", "kernel" },
	[LANDMARK_INITRD] = { "initrd", "initrd" },
	[LANDMARK_FOOTPRINT] = { "footprint", "bootmem" },
	[LANDMARK_IN_USE] = { "in-use", "in use" },
	[LANDMARK_STUB] = { "stub", "EFI stub" },
	[LANDMARK_PIN] = { "pin", "the pinned block" },
	[LANDMARK_DEVICE] = { "window", "device" },
	[LANDMARK_BRIDGE] = { "host-window", "PCI host bridge window" },
	[LANDMARK_MOTHERBOARD] = { "motherboard", "motherboard resource" },
	[LANDMARK_MTRR] = { "mtrr", "MTRR uncachable" },
	[LANDMARK_ATTRIBUTES] = { "memory-attributes", "memory attributes" },
};
_Static_assert(COUNT(record_span_keys) == LANDMARK_COUNT, "a kind of landmarks has no key");

struct record *record_new(const char *name, enum record_source source)
{
	struct record *record = memory_alloc(1, sizeof *record);

	*record = (struct record){ memory_copy(name), source, .boot = 1, .n_boots = 1 };
	return record;
}

struct record *records_add(struct records *records, const char *name, enum record_source source)
{
	return *MEMORY_ADD(records, list) = record_new(name, source);
}

struct record *records_last(const struct records *records)
{
	return records->n_list > 0 ? records->list[records->n_list - 1] : NULL;
}

void record_add_e820(struct record *record, paddr_t start_paddr, paddr_t end_paddr, uint32_t type)
{
	*MEMORY_ADD(record, e820_printed) = (struct e820_range){ start_paddr, end_paddr, type, 0 };
}

/* The only place that reads what a table is out of its name. */
static enum record_table table_of(const char *name)
{
	static const struct {
		const char *name;
		enum record_table table;
	} tables[] = {
		{ "ACPI", TABLE_RSDP },
		{ "ACPI 2.0", TABLE_RSDP },
		{ "SMBIOS", TABLE_SMBIOS },
		{ "SMBIOS 3.0", TABLE_SMBIOS },
		{ "MEMATTR", TABLE_MEMORY_ATTRIBUTES },
		{ "TPMEventLog", TABLE_EVENT_LOG },
		{ "RNG", TABLE_RNG_SEED },
		{ "Unaccepted", TABLE_UNACCEPTED },
		{ "SMBIOS structures", TABLE_SMBIOS_STRUCTURES },
		{ "PCI configuration space", TABLE_PCI_CONFIG },
		{ "MTRR write-back", TABLE_MTRR_WRITE_BACK },
		{ "MTRR default uncachable", TABLE_MTRR_DEFAULT },
		{ "MTRR default write-back", TABLE_MTRR_DEFAULT_WB },
	};

	for (size_t i = 0; i < COUNT(tables); i++)
		if (strcmp(tables[i].name, name) == 0)
			return tables[i].table;
	return TABLE_OTHER;
}

void record_add_landmark(struct record *record, paddr_t start_paddr, paddr_t end_paddr,
                         enum landmark_kind kind, const char *name)
{
	*MEMORY_ADD(record, landmarks) = (struct landmark){
		.start_paddr = start_paddr,
		.end_paddr = end_paddr > start_paddr ? end_paddr : start_paddr + 1,
		.kind = kind,
		.table = table_of(name),
		.name = memory_copy(name),
	};
}

void record_add_fault(struct record *record, unsigned long line, const char *format, ...)
{
	va_list args;
	char *what;

	if (record->n_faults >= RECORD_MOST_FAULTS)
		return;
	va_start(args, format);
	what = memory_vprintf(format, args);
	va_end(args);
	*MEMORY_ADD(record, faults) = (struct record_fault){ line, what };
}

void record_set_value(struct record *record, const char *key, const char *value, size_t bytes)
{
	const char *copy;
	size_t index;

	bytes = strnlen(value, bytes); /* a text ends at a 0 byte, wherever it came from */
	while (bytes > 0 && isspace((unsigned char)value[bytes - 1]))
		bytes--;
	copy = memory_text(value, bytes); /* it may be the old value, or a part of it */
	key = memory_copy(key);
	index = intern_text(&record->fact_keys, key);
	if (index == record->n_facts)
		MEMORY_ADD(record, facts)->key = key;
	record->facts[index].value = copy;
}

const char *record_value(const struct record *record, const char *key)
{
	size_t index = intern_find(&record->fact_keys, key);

	return index != INTERN_NONE ? record->facts[index].value : NULL;
}

void record_set_fact(struct record *record, enum fact_id id, const char *value, size_t bytes)
{
	record_set_value(record, fact_rows[id].key, value, bytes);
}

const char *record_fact(const struct record *record, enum fact_id id)
{
	return record_value(record, fact_rows[id].key);
}

bool record_is_accepted(const struct record *record)
{
	const char *taken = record_fact(record, FACT_TAKEN);

	return taken != NULL && strcmp(taken, "accepted") == 0;
}

bool record_tells_types(const struct record *record)
{
	return record_fact(record, FACT_UNTOLD_TYPE) == NULL;
}

bool record_may_print_uefi(const struct record *record)
{
	bool has_efi_line = record_fact(record, FACT_UEFI_REVISION) != NULL;

	MEMORY_EACH(landmark, record, landmarks)
		has_efi_line |= landmark->kind == LANDMARK_CONFIG_TABLE;
	return record->source == SOURCE_LINUX_LOG && record->e820_view == VIEW_FIRMWARE &&
	       (has_efi_line || record->n_acpi == 0); /* an excerpt tells nothing of it */
}

bool record_fact_number(const struct record *record, enum fact_id id, uint64_t *ret_value)
{
	const char *value = record_fact(record, id), *end;

	return value != NULL && text_number(value, ret_value, &end) &&
	       (*end == '\0' || isspace((unsigned char)*end));
}

/* The list @name of @other, if @record has none. */
#define TAKE_LIST(record, other, name)                                        \
	do {                                                                  \
		if ((record)->n_##name == 0) {                                \
			(record)->name = (other)->name;                       \
			(record)->n_##name = (other)->n_##name;               \
			(record)->name##_capacity = (other)->name##_capacity; \
		}                                                             \
	} while (0)

/* What is wrong with a map goes where the map goes. */
static void take_faults(struct record *record, const struct record *other)
{
	bool takes_map = (record->n_uefi == 0 && other->n_uefi > 0) ||
	                 (record->n_e820_printed == 0 && other->n_e820_printed > 0);

	for (size_t i = 0; takes_map && i < other->n_faults; i++)
		record_add_fault(record, other->faults[i].line, "%s", other->faults[i].what);
}

void record_merge(struct record *record, struct record *other)
{
	take_faults(record, other);
	TAKE_LIST(record, other, uefi);
	TAKE_LIST(record, other, e820_printed);
	TAKE_LIST(record, other, acpi);
	TAKE_LIST(record, other, landmarks);
	for (size_t i = 0; i < other->n_facts; i++)
		if (record_value(record, other->facts[i].key) == NULL)
			record_set_value(record, other->facts[i].key, other->facts[i].value,
			                 strlen(other->facts[i].value));
	record->is_uefi_accepted |= other->is_uefi_accepted;
	if (record->e820_view == VIEW_NONE)
		record->e820_view = other->e820_view;
}

static void add_acpi_landmarks(struct record *record)
{
	MEMORY_EACH(table, record, acpi)
		if (table->length_bytes <= UINT64_MAX - table->paddr)
			record_add_landmark(record, table->paddr,
			                    table->paddr + table->length_bytes, LANDMARK_ACPI,
			                    memory_printf("ACPI %s", table->signature));
}

/* The list as it was printed is sanitized already, unless it has been tampered with, or is not a
 * kernel's. */
static void sanitize(struct record *record)
{
	record->e820 = map_new(record->n_e820_printed);
	MEMORY_EACH(range, record, e820_printed)
		e820_add(&record->e820, range->start_paddr, range->end_paddr, range->type);
	map_sanitize(&record->e820, NULL);
}

/* A rebuilt initrd has another size, and what is put below it moves. */
static void add_initrd_size(struct record *record)
{
	MEMORY_EACH(landmark, record, landmarks) {
		uint64_t n_bytes = landmark->end_paddr - landmark->start_paddr;

		if (landmark->kind == LANDMARK_INITRD && n_bytes > 1) {
			const char *size = memory_printf("%" PRIu64 " bytes", n_bytes);

			record_set_fact(record, FACT_INITRD_SIZE, size, strlen(size));
		}
	}
}

void record_finish(struct record *record)
{
	add_initrd_size(record);
	add_acpi_landmarks(record);
	MEMORY_SORT(record, landmarks, compare_spans);
	if (record->e820_view != VIEW_NONE)
		sanitize(record);
}

struct uefi_map record_uefi_map(const struct record *record)
{
	return (struct uefi_map){
		.descriptors = record->uefi,
		.map_bytes = record->n_uefi * sizeof *record->uefi,
		.stride = sizeof *record->uefi,
	};
}

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
		[SOURCE_XEN] = "Xen log",
		[SOURCE_RUNTIME] = "/sys/firmware/efi/runtime-map, which has runtime ranges only",
		[SOURCE_UBOOT] = "U-Boot efidebug memmap",
		[SOURCE_ESXI] = "ESXi MMap",
		[SOURCE_FREEBSD] = "FreeBSD EFI map",
		[SOURCE_SMAP] = "FreeBSD SMAP",
		[SOURCE_OPENBSD] = "OpenBSD machine memory",
		[SOURCE_RUST] = "Rust MemoryDescriptor",
		[SOURCE_LIMINE] = "Limine map",
		[SOURCE_PIN] = "record of a pinned block",
		[SOURCE_LIST] = "list of base, length and type",
	};
	_Static_assert(COUNT(names) == SOURCE_COUNT, "a source has no name");

	return names[source];
}

const char *record_title(const struct record *record)
{
	const char *version = record_fact(record, FACT_KERNEL_VERSION);
	const char *label = record_fact(record, FACT_LABEL);
	const char *boot = "";

	if (record->n_boots > 1)
		boot = memory_printf(", boot %lu of %lu", record->boot, record->n_boots);
	return memory_printf("%s (%s%s%s%s%s%s%s%s)", record->name,
	                     record_source_name(record->source),
	                     record->excerpt_of != NULL ? ", pieces of it" : "",
	                     record->n_faults > 0 ? ", damaged" : "", boot,
	                     version != NULL ? ", Linux " : "", version != NULL ? version : "",
	                     label != NULL ? ", " : "", label != NULL ? label : "");
}
