/*
 * power.c - see power.h. Each way may fail to work on some machine, so each is followed by the
 * next one, and the last of all is to halt.
 */
#include "handoff/stub/power.h"

#include <stddef.h>

#include "bootmem/count.h"
#include "handoff/device/io.h"
#include "handoff/device/ports.h"
#include "handoff/stub/display.h"
#include "handoff/stub/naive.h"
#include "handoff/stub/runtime.h"
#include "x86/wire.h"

static const uint16_t exit_ports[] = { 0xf4, 0x501 }; /* isa-debug-exit: customary; its default */

/* FADT: ACPI 6.5 §5.2.9, offsets of fields. */
#define FADT_DSDT        40
#define FADT_SMI_CMD     48
#define FADT_ACPI_ENABLE 52
#define FADT_PM1A_CNT    64
#define FADT_PM1B_CNT    68
#define FADT_RESET_REG   116 /* generic address: space, bits, offset, size, 8 bytes address */
#define FADT_RESET_VALUE 128
#define FADT_LEAST_BYTES 76
#define FADT_RESET_BYTES 129
#define SPACE_MEMORY     0
#define SPACE_IO         1
#define TABLE_LENGTH     4
#define TABLE_HEADER     36
#define TABLE_MOST_BYTES (UINT32_C(16) << 20)

/* PM1 control: ACPI 6.5 §4.8.3.2.1. */
#define PM1_SCI_EN        0x0001
#define PM1_SLP_TYP_SHIFT 10
#define PM1_SLP_TYP_MASK  0x1c00
#define PM1_SLP_EN        0x2000

#define MOST_POLLS 1000000 /* about a second, where reading a port takes 1 us */

static void pause_a_second(void)
{
	for (unsigned i = 0; i < MOST_POLLS; i++)
		inb(0x80); /* the POST code port: slow, and of no effect */
}

/* An ACPI table at @paddr with this signature, all of it below @end_paddr, or NULL. */
static const unsigned char *table_at(uint64_t paddr, uint64_t end_paddr, const char *signature,
                                     uint32_t least_bytes)
{
	const unsigned char *table = (const unsigned char *)(uintptr_t)paddr;
	uint32_t bytes;

	if (paddr == 0 || paddr >= end_paddr || end_paddr - paddr < TABLE_HEADER)
		return NULL;
	for (int i = 0; i < 4; i++)
		if (table[i] != (unsigned char)signature[i])
			return NULL;
	bytes = wire_u32(table + TABLE_LENGTH);
	if (bytes < least_bytes || bytes > TABLE_MOST_BYTES || bytes > end_paddr - paddr)
		return NULL;
	return table;
}

/* The FADT, by the list of what is reserved. */
static const unsigned char *find_fadt(const struct handoff_block *block, uint64_t end_paddr)
{
	struct naive_view view;

	if (block == NULL)
		return NULL;
	view = naive_view_of(block);
	for (size_t i = 0; i < view.n_reservations; i++) {
		const struct handoff_reservation *reservation = naive_reservation(&view, i);
		const unsigned char *fadt;

		if (reservation->kind != HANDOFF_KIND_ACPI)
			continue;
		fadt = table_at(reservation->start_paddr, end_paddr, "FACP", FADT_LEAST_BYTES);
		if (fadt != NULL)
			return fadt;
	}
	return NULL;
}

static void reset_by_acpi(const unsigned char *fadt, uint64_t end_paddr)
{
	uint64_t address;

	if (fadt == NULL || wire_u32(fadt + TABLE_LENGTH) < FADT_RESET_BYTES)
		return;
	address = wire_u64(fadt + FADT_RESET_REG + 4);
	if (address == 0)
		return;
	if (fadt[FADT_RESET_REG] == SPACE_IO && address <= UINT16_MAX)
		outb((uint16_t)address, fadt[FADT_RESET_VALUE]);
	else if (fadt[FADT_RESET_REG] == SPACE_MEMORY && address < end_paddr)
		*(volatile uint8_t *)(uintptr_t)address = fadt[FADT_RESET_VALUE];
	pause_a_second();
}

static void reset(const struct handoff_block *block, const void *services, uint64_t end_paddr)
{
	if (services != NULL)
		runtime_reset_system(services, EFI_RESET_COLD);
	reset_by_acpi(find_fadt(block, end_paddr), end_paddr);
	outb(0xcf9, 0x02); /* reset control of PCI chipsets: hard reset, first armed, then done */
	outb(0xcf9, 0x06);
	pause_a_second();
	outb(0x64, 0xfe); /* the keyboard controller's line to the CPU */
	pause_a_second();
}

/* The integer of an AML byte sequence: ZeroOp, OneOp, or BytePrefix and a byte (ACPI 6.5 §20.2.3).
 * Steps over it. -1 for anything else. */
static int aml_byte(const unsigned char **at)
{
	if (**at == 0x0a) {
		*at += 2;
		return (*at)[-1];
	}
	return **at <= 1 ? *(*at)++ : -1;
}

/*
 * SLP_TYPa and SLP_TYPb out of Name(_S5_, Package{...}) without an interpreter of AML: the name,
 * PackageOp, its length in up to 4 bytes, a count, and the two numbers (ACPI 6.5 §7.4.2, §20.2).
 */
static bool find_s5(const unsigned char *dsdt, int ret_types[2])
{
	uint32_t bytes = wire_u32(dsdt + TABLE_LENGTH);

	for (uint32_t i = TABLE_HEADER; i + 16 <= bytes; i++) {
		const unsigned char *at = dsdt + i;

		if (at[0] != '_' || at[1] != 'S' || at[2] != '5' || at[3] != '_' || at[4] != 0x12)
			continue;
		at += 5;
		at += 1 + (*at >> 6); /* PkgLength: its top bits count its further bytes */
		at += 1;              /* NumElements */
		ret_types[0] = aml_byte(&at);
		ret_types[1] = ret_types[0] < 0 ? -1 : aml_byte(&at);
		if (ret_types[1] >= 0)
			return true;
	}
	return false;
}

/* Under UEFI the machine is in ACPI mode as a rule; where it is not, ask for it. */
static void enable_acpi(const unsigned char *fadt, uint16_t pm1a_port)
{
	uint32_t smi_port = wire_u32(fadt + FADT_SMI_CMD);

	if ((inw(pm1a_port) & PM1_SCI_EN) != 0 || smi_port == 0 || smi_port > UINT16_MAX)
		return;
	outb((uint16_t)smi_port, fadt[FADT_ACPI_ENABLE]);
	for (unsigned i = 0; i < MOST_POLLS && (inw(pm1a_port) & PM1_SCI_EN) == 0; i++)
		;
}

static void write_pm1(uint32_t port, int type)
{
	uint16_t value;

	if (port == 0 || port > UINT16_MAX)
		return;
	value = inw((uint16_t)port) & (uint16_t) ~(PM1_SLP_TYP_MASK | PM1_SLP_EN);
	value |= (uint16_t)((type << PM1_SLP_TYP_SHIFT) & PM1_SLP_TYP_MASK);
	outw((uint16_t)port, value);
	outw((uint16_t)port, value | PM1_SLP_EN);
}

static void power_off_by_acpi(const unsigned char *fadt, uint64_t end_paddr)
{
	const unsigned char *dsdt;
	uint32_t pm1a_port;
	int types[2];

	if (fadt == NULL)
		return;
	dsdt = table_at(wire_u32(fadt + FADT_DSDT), end_paddr, "DSDT", TABLE_HEADER);
	pm1a_port = wire_u32(fadt + FADT_PM1A_CNT);
	if (dsdt == NULL || pm1a_port == 0 || pm1a_port > UINT16_MAX || !find_s5(dsdt, types))
		return;
	enable_acpi(fadt, (uint16_t)pm1a_port);
	write_pm1(pm1a_port, types[0]);
	write_pm1(wire_u32(fadt + FADT_PM1B_CNT), types[1]);
	pause_a_second();
}

static void power_off(const struct handoff_block *block, const void *services, uint64_t end_paddr)
{
	if (services != NULL)
		runtime_reset_system(services, EFI_RESET_SHUTDOWN);
	power_off_by_acpi(find_fadt(block, end_paddr), end_paddr);
}

_Noreturn void power_end(const struct handoff_block *block, uint64_t end_paddr, bool is_pass)
{
	/* Without a good block nobody says what to do at the end. */
	uint32_t at_end = block == NULL ? HANDOFF_END_HALT : block->at_end;
	const void *services = NULL;

	ports_drain();
	for (size_t i = 0; ports_are_qemus() && i < COUNT(exit_ports); i++)
		outl(exit_ports[i], is_pass ? POWER_EXIT_PASS : POWER_EXIT_FAIL);
	at_end = display_wait(at_end);
	/* Services stay NULL without them: the next way is taken. */
	if (at_end != HANDOFF_END_HALT && block != NULL)
		(void)runtime_find(block, end_paddr, &services);
	if (at_end == HANDOFF_END_RESET)
		reset(block, services, end_paddr);
	else if (at_end == HANDOFF_END_POWEROFF)
		power_off(block, services, end_paddr);
	io_halt();
}
