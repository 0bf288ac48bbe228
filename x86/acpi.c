/*
 * acpi.c - the walk RSDP -> XSDT or RSDT -> tables -> what FADT and BGRT point at; and the count of
 * processors in the MADT.
 *
 * Nothing is trusted: a structure is read to the end of its fixed part first, then its length is
 * judged, then it is read whole. Depth is fixed by the code, not by the data: only what the RSDP
 * names is taken as a root, so a table that names itself or its parent ends as a duplicate.
 */
#include "x86/acpi.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "x86/wire.h"

/* ACPI 6.5 §5.2.5.3, Root System Description Pointer. */
#define RSDP_V1_BYTES        20
#define RSDP_V2_BYTES        36
#define RSDP_SIGNATURE       "RSD PTR "
#define RSDP_SIGNATURE_BYTES 8
#define RSDP_REVISION        15
#define RSDP_RSDT_PADDR      16
#define RSDP_LENGTH          20
#define RSDP_XSDT_PADDR      24

/* ACPI 6.5 §5.2.6, System Description Table Header. */
#define HEADER_BYTES    36
#define SIGNATURE_BYTES 4
#define HEADER_LENGTH   4
#define HEADER_REVISION 8

/* ACPI 6.5 §5.2.10, Firmware ACPI Control Structure: no header, no checksum. */
#define FACS_BYTES   64
#define FACS_VERSION 32

/* ACPI 6.5 §5.2.23, Boot Graphics Resource Table; and the file header of a Windows bitmap. */
#define BGRT_IMAGE_PADDR 40
#define BMP_HEADER_BYTES 14
#define BMP_FILE_BYTES   2

/* ACPI 6.5 §5.2.12, Multiple APIC Description Table: after two fields of 4 bytes, entries. */
#define MADT_ENTRIES        44
#define MADT_FLAG_ENABLED   UINT32_C(0x1)
#define MADT_X2APIC_LEAST   UINT32_C(0xff) /* a lower ID belongs into an entry of the old kind */
#define MADT_LOCAL_APIC     0
#define MADT_LOCAL_X2APIC   9
#define LOCAL_APIC_BYTES    8
#define LOCAL_APIC_ID       3
#define LOCAL_APIC_FLAGS    4
#define LOCAL_X2APIC_BYTES  16
#define LOCAL_X2APIC_ID     4
#define LOCAL_X2APIC_FLAGS  8
#define LOCAL_APIC_ID_NO_ID 0xff

/* ACPI 6.5 §5.2.9, Fixed ACPI Description Table: FIRMWARE_CTRL, DSDT, X_FIRMWARE_CTRL, X_DSDT. */
static const struct fadt_pointer {
	uint32_t offset;
	uint32_t bytes;
	const char *signature;
} fadt_pointers[] = {
	{ 132, 8, "FACS" },
	{ 36, 4, "FACS" },
	{ 140, 8, "DSDT" },
	{ 40, 4, "DSDT" },
};

struct acpi_walk {
	const struct phys_mem *phys;
	struct acpi_table *tables;
	size_t n_tables;
	size_t capacity;
	struct acpi_faults *faults;
};

/* What one pointer led to: the entry, and the bytes to follow it by; NULL for nothing new. */
struct acpi_found {
	struct acpi_table table;
	const uint8_t *bytes;
};

static bool is_signed(const struct acpi_table *table, const char *signature)
{
	return memcmp(table->signature, signature, SIGNATURE_BYTES) == 0;
}

/* Names end in reports and captures: what firmware wrote there must not break a line. */
static void set_name(struct acpi_table *table, const uint8_t *name, size_t bytes)
{
	memset(table->signature, 0, sizeof table->signature);
	for (size_t i = 0; i < bytes; i++)
		table->signature[i] = name[i] >= ' ' && name[i] <= '~' ? (char)name[i] : '?';
}

/* Quadratic over all, within the entry limit and the caller's capacity. */
static bool is_known(const struct acpi_walk *walk, const struct acpi_table *table)
{
	for (size_t i = 0; i < walk->n_tables; i++) {
		const struct acpi_table *known = &walk->tables[i];

		if (known->paddr == table->paddr &&
		    memcmp(known->signature, table->signature, sizeof table->signature) == 0)
			return true;
	}
	return false;
}

static void add(struct acpi_walk *walk, const struct acpi_table *table)
{
	if (walk->n_tables == walk->capacity) {
		walk->faults->n_no_room++;
		return;
	}
	walk->tables[walk->n_tables++] = *table;
	walk->faults->n_bad_sum += !table->sum_ok;
}

/* @bytes bytes, or NULL, which is counted. */
static const uint8_t *read_counted(struct acpi_walk *walk, paddr_t paddr, uint32_t bytes)
{
	const uint8_t *contents = phys_read(walk->phys, paddr, bytes);

	walk->faults->n_unreadable += contents == NULL;
	return contents;
}

static bool length_counted(struct acpi_walk *walk, uint32_t bytes, uint32_t least, uint32_t most)
{
	bool is_good = bytes >= least && bytes <= most;

	walk->faults->n_bad_length += !is_good;
	return is_good;
}

/* Read the table at @paddr into the list, if it is not there yet. It must have @signature, unless
 * that is NULL. */
static struct acpi_found visit_table(struct acpi_walk *walk, paddr_t paddr, const char *signature,
                                     const char *found_through)
{
	struct acpi_found found = { .table = { .paddr = paddr, .found_through = found_through } };
	struct acpi_table *table = &found.table;
	const uint8_t *bytes = read_counted(walk, paddr, HEADER_BYTES);
	bool is_facs;

	if (bytes == NULL)
		return found;
	set_name(table, bytes, SIGNATURE_BYTES);
	if (signature != NULL && !is_signed(table, signature)) {
		walk->faults->n_bad_signature++;
		return found;
	}
	if (is_known(walk, table))
		return found;

	is_facs = is_signed(table, "FACS");
	table->length_bytes = wire_u32(bytes + HEADER_LENGTH);
	if (!length_counted(walk, table->length_bytes, is_facs ? FACS_BYTES : HEADER_BYTES,
	                    ACPI_TABLE_MOST_BYTES))
		return found;
	bytes = read_counted(walk, paddr, table->length_bytes);
	if (bytes == NULL)
		return found;
	table->revision = bytes[is_facs ? FACS_VERSION : HEADER_REVISION];
	table->sum_ok = is_facs || wire_byte_sum(bytes, table->length_bytes) == 0;
	add(walk, table);
	found.bytes = bytes;
	return found;
}

/* The picture that firmware painted, which the kernel may want to paint again. */
static void visit_image(struct acpi_walk *walk, paddr_t paddr)
{
	struct acpi_table image = { .paddr = paddr,
		                    .signature = ACPI_IMAGE_NAME,
		                    .sum_ok = true,
		                    .found_through = "BGRT" };
	const uint8_t *file = read_counted(walk, paddr, BMP_HEADER_BYTES);

	if (file == NULL)
		return;
	if (file[0] != 'B' || file[1] != 'M') {
		walk->faults->n_bad_signature++;
		return;
	}
	image.length_bytes = wire_u32(file + BMP_FILE_BYTES);
	if (is_known(walk, &image) ||
	    !length_counted(walk, image.length_bytes, BMP_HEADER_BYTES, ACPI_IMAGE_MOST_BYTES) ||
	    read_counted(walk, paddr, image.length_bytes) == NULL)
		return;
	add(walk, &image);
}

/* Short tables of old revisions end before the later pointers; 0 is a pointer that is not used. */
static void follow_fadt(struct acpi_walk *walk, const struct acpi_found *fadt)
{
	for (size_t i = 0; i < COUNT(fadt_pointers); i++) {
		const struct fadt_pointer *pointer = &fadt_pointers[i];
		paddr_t paddr;

		if (pointer->offset + pointer->bytes > fadt->table.length_bytes)
			continue;
		paddr = wire_number(fadt->bytes + pointer->offset, pointer->bytes);
		if (paddr != 0)
			visit_table(walk, paddr, pointer->signature, "FADT");
	}
}

static void follow_bgrt(struct acpi_walk *walk, const struct acpi_found *bgrt)
{
	paddr_t image_paddr;

	if (bgrt->table.length_bytes < BGRT_IMAGE_PADDR + 8)
		return;
	image_paddr = wire_u64(bgrt->bytes + BGRT_IMAGE_PADDR);
	if (image_paddr != 0)
		visit_image(walk, image_paddr);
}

static void follow_entry(struct acpi_walk *walk, paddr_t paddr, const char *root_name)
{
	struct acpi_found found;

	if (paddr == 0) {
		walk->faults->n_null++;
		return;
	}
	found = visit_table(walk, paddr, NULL, root_name);
	if (found.bytes == NULL)
		return;
	if (is_signed(&found.table, "FACP"))
		follow_fadt(walk, &found);
	else if (is_signed(&found.table, "BGRT"))
		follow_bgrt(walk, &found);
}

/* All entries of an XSDT (8 bytes each) or RSDT (4); a part of an entry at the end is none. */
static void follow_root(struct acpi_walk *walk, const struct acpi_found *root, const char *name,
                        uint32_t entry_bytes)
{
	uint32_t n_entries = (root->table.length_bytes - HEADER_BYTES) / entry_bytes;

	if (n_entries > ACPI_ROOT_MOST_ENTRIES) {
		walk->faults->n_no_room += n_entries - ACPI_ROOT_MOST_ENTRIES;
		n_entries = ACPI_ROOT_MOST_ENTRIES;
	}
	for (uint32_t i = 0; i < n_entries; i++)
		follow_entry(walk,
		             wire_number(root->bytes + HEADER_BYTES + (size_t)i * entry_bytes,
		                         entry_bytes),
		             name);
}

/* How much of the RSDP is to be believed: all that it says, or just what its revision has. */
static uint32_t rsdp_bytes(struct acpi_walk *walk, paddr_t paddr, uint8_t revision)
{
	const uint8_t *rsdp;
	uint32_t length_bytes;

	if (revision < 2)
		return RSDP_V1_BYTES;
	rsdp = read_counted(walk, paddr, RSDP_V2_BYTES);
	if (rsdp == NULL)
		return RSDP_V1_BYTES;
	length_bytes = wire_u32(rsdp + RSDP_LENGTH);
	if (!length_counted(walk, length_bytes, RSDP_V2_BYTES, ACPI_RSDP_MOST_BYTES) ||
	    read_counted(walk, paddr, length_bytes) == NULL)
		return RSDP_V2_BYTES;
	return length_bytes;
}

static struct acpi_found visit_rsdp(struct acpi_walk *walk, paddr_t paddr)
{
	struct acpi_found found = { .table = { .paddr = paddr,
		                               .signature = "RSDP",
		                               .found_through = "UEFI configuration table" } };
	struct acpi_table *table = &found.table;
	const uint8_t *bytes = read_counted(walk, paddr, RSDP_V1_BYTES);

	if (bytes == NULL)
		return found;
	if (memcmp(bytes, RSDP_SIGNATURE, RSDP_SIGNATURE_BYTES) != 0) {
		walk->faults->n_bad_signature++;
		return found;
	}
	table->revision = bytes[RSDP_REVISION];
	table->length_bytes = rsdp_bytes(walk, paddr, table->revision);
	bytes = phys_read(walk->phys, paddr, table->length_bytes);
	if (bytes == NULL)
		return found;
	table->sum_ok = wire_byte_sum(bytes, RSDP_V1_BYTES) == 0 &&
	                wire_byte_sum(bytes, table->length_bytes) == 0;
	add(walk, table);
	found.bytes = bytes;
	return found;
}

static void follow_rsdp(struct acpi_walk *walk, const struct acpi_found *rsdp)
{
	struct acpi_found xsdt = { .bytes = NULL }, rsdt = { .bytes = NULL };
	paddr_t rsdt_paddr = wire_u32(rsdp->bytes + RSDP_RSDT_PADDR);
	paddr_t xsdt_paddr = rsdp->table.length_bytes >= RSDP_V2_BYTES
	                             ? wire_u64(rsdp->bytes + RSDP_XSDT_PADDR)
	                             : 0;

	if (xsdt_paddr != 0)
		xsdt = visit_table(walk, xsdt_paddr, "XSDT", "RSDP");
	if (rsdt_paddr != 0)
		rsdt = visit_table(walk, rsdt_paddr, "RSDT", "RSDP");
	if (xsdt.bytes != NULL)
		follow_root(walk, &xsdt, "XSDT", 8);
	if (rsdt.bytes != NULL && !(xsdt.bytes != NULL && xsdt.table.sum_ok))
		follow_root(walk, &rsdt, "RSDT", 4);
}

size_t acpi_find_tables(const struct phys_mem *phys, paddr_t rsdp_paddr, struct acpi_table *tables,
                        size_t capacity, struct acpi_faults *ret_faults)
{
	struct acpi_walk walk = {
		.phys = phys, .tables = tables, .capacity = capacity, .faults = ret_faults
	};
	struct acpi_found rsdp;

	memset(ret_faults, 0, sizeof *ret_faults);
	if (rsdp_paddr == 0)
		return 0;
	rsdp = visit_rsdp(&walk, rsdp_paddr);
	if (rsdp.bytes != NULL)
		follow_rsdp(&walk, &rsdp);
	return walk.n_tables;
}

/* By kind of entry. */
struct madt_count {
	size_t n_apics;
	size_t n_low_x2apics;
	size_t n_high_x2apics;
};

static void count_entry(const uint8_t *entry, uint8_t bytes, struct madt_count *count)
{
	uint8_t type = entry[0];

	if (type == MADT_LOCAL_APIC && bytes >= LOCAL_APIC_BYTES) {
		count->n_apics += entry[LOCAL_APIC_ID] != LOCAL_APIC_ID_NO_ID &&
		                  (wire_u32(entry + LOCAL_APIC_FLAGS) & MADT_FLAG_ENABLED) != 0;
	} else if (type == MADT_LOCAL_X2APIC && bytes >= LOCAL_X2APIC_BYTES &&
	           (wire_u32(entry + LOCAL_X2APIC_FLAGS) & MADT_FLAG_ENABLED) != 0) {
		bool is_low = wire_u32(entry + LOCAL_X2APIC_ID) < MADT_X2APIC_LEAST;

		count->n_low_x2apics += is_low;
		count->n_high_x2apics += !is_low;
	}
}

/* Firmware that lists its processors in entries of both kinds has them there twice: of the new kind
 * only those count that the old one cannot name (ACPI 6.5 §5.2.12.12). */
size_t acpi_enabled_processors(const struct phys_mem *phys, const struct acpi_table *tables,
                               size_t n_tables)
{
	struct madt_count count = { 0, 0, 0 };
	const uint8_t *madt = NULL;
	size_t at = MADT_ENTRIES, i = 0;

	while (i < n_tables && !is_signed(&tables[i], "APIC"))
		i++;
	if (i < n_tables)
		madt = phys_read(phys, tables[i].paddr, tables[i].length_bytes);
	if (madt == NULL)
		return 0;
	while (at + 2 <= tables[i].length_bytes) {
		uint8_t bytes = madt[at + 1];

		if (bytes < 2 || bytes > tables[i].length_bytes - at)
			break;
		count_entry(madt + at, bytes, &count);
		at += bytes;
	}
	return count.n_high_x2apics + (count.n_apics > 0 ? count.n_apics : count.n_low_x2apics);
}
