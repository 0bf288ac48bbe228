/* extensions.c - facts about the machine -> reservations of policy safe: see extensions.h. */
#include "x86/extensions.h"

#include "bootmem/mem.h"

static void add(struct reservation_list *list, enum reservation_kind kind,
                enum reservation_lifetime lifetime, struct span span, const char *owner,
                const char *reason)
{
	struct reservation extension =
		reservation_make(kind, ORIGIN_EXTENSION, lifetime, span, owner, reason);

	reservation_add(list, &extension);
}

/* @first and @second in one string, cut to @bytes. */
static void join(char *to, size_t bytes, const char *first, const char *second)
{
	size_t n = 0;

	while (*first != '\0' && n + 1 < bytes)
		to[n++] = *first++;
	while (*second != '\0' && n + 1 < bytes)
		to[n++] = *second++;
	to[n] = '\0';
}

/* Firmware goes on using it: its lock, and where to go on after sleep (ACPI 6.5 §5.2.10). */
static bool is_facs(const struct acpi_table *table)
{
	return memcmp(table->signature, "FACS", 5) == 0;
}

static void add_acpi(const struct extension_facts *facts, struct reservation_list *list)
{
	for (size_t i = 0; i < facts->n_acpi_tables; i++) {
		const struct acpi_table *table = &facts->acpi_tables[i];
		struct span span = { table->paddr, table->paddr + table->length_bytes };
		char owner[RESERVATION_OWNER_BYTES], reason[RESERVATION_REASON_BYTES];

		join(owner, sizeof owner, "ACPI ", table->signature);
		join(reason, sizeof reason,
		     table->sum_ok ? "found through " : "wrong checksum; found through ",
		     table->found_through);
		add(list, RESERVATION_ACPI, is_facs(table) ? LIFETIME_FOREVER : LIFETIME_ACPI, span,
		    owner, reason);
	}
}

static void add_smbios(const struct extension_facts *facts, struct reservation_list *list)
{
	for (size_t i = 0; i < facts->n_smbios; i++) {
		add(list, RESERVATION_SMBIOS, LIFETIME_BOOT, facts->smbios[i].entry_point,
		    "SMBIOS entry point", "found through the EFI configuration table");
		add(list, RESERVATION_SMBIOS, LIFETIME_BOOT, facts->smbios[i].table,
		    "SMBIOS structures", "found through the entry point");
	}
}

static bool is_boot_services(const struct uefi_descriptor *descriptor)
{
	return uefi_is_boot_services(descriptor->type) && !uefi_is_runtime(descriptor);
}

/* Descriptors that @belongs says yes to, touching ones joined. */
static void add_descriptors(const struct uefi_map *map, struct reservation_list *list,
                            bool (*belongs)(const struct uefi_descriptor *),
                            enum reservation_kind kind, enum reservation_lifetime lifetime,
                            const char *owner, const char *reason)
{
	size_t n = uefi_map_count(map);
	struct span run = { 0, 0 };

	for (size_t i = 0; i < n; i++) {
		struct uefi_descriptor descriptor = uefi_map_get(map, i);
		struct span span;
		bool wraps;

		if (!belongs(&descriptor) ||
		    !uefi_descriptor_range(&descriptor, &span.start_paddr, &span.end_paddr, &wraps))
			continue;
		if (span.start_paddr != run.end_paddr) {
			add(list, kind, lifetime, run, owner, reason);
			run.start_paddr = span.start_paddr;
		}
		run.end_paddr = span.end_paddr;
	}
	add(list, kind, lifetime, run, owner, reason);
}

size_t extensions_most(const struct extension_facts *facts, size_t n_descriptors)
{
	return 2 + facts->n_acpi_tables + 2 * facts->n_smbios + n_descriptors + facts->n_configured;
}

void extensions_collect(const struct extension_facts *facts, struct reservation_list *list)
{
	static const struct span isa_hole = { ISA_HOLE_START_PADDR, LOW_MEGABYTE_END_PADDR };

	add(list, RESERVATION_LOW_MEMORY, LIFETIME_FOREVER, isa_hole, "VGA and option ROMs",
	    "640 KiB to 1 MiB is not RAM, whatever the map says");
	add_acpi(facts, list);
	add_smbios(facts, list);
	add(list, RESERVATION_FRAMEBUFFER, LIFETIME_FOREVER, facts->framebuffer, "framebuffer",
	    "what the screen shows (graphics output protocol)");
	add_descriptors(facts->uefi_map, list, uefi_is_runtime, RESERVATION_RUNTIME,
	                LIFETIME_FOREVER, "UEFI runtime", "code or data of the runtime services");
	if (facts->keep_boot_services)
		add_descriptors(facts->uefi_map, list, is_boot_services, RESERVATION_BOOT_SERVICES,
		                LIFETIME_BOOT, "UEFI boot services",
		                "kept, as the configuration asks (keep-boot-services)");
	for (size_t i = 0; i < facts->n_configured; i++)
		reservation_add(list, &facts->configured[i]);
}
