/*
 * test_power.c - how the stub kernel ends the machine: which ports are written, in which order, and
 * which tables of the firmware are believed before one of its services is called.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "fake_io.h"

/* The files themselves: all else of a machine is here the test's. */
#include "handoff/stub/power.c"
#include "handoff/stub/runtime.c"

#define PM1A     0x604
#define PM1B     0x608
#define SMI      0xb2
#define LOW      0x10000000 /* where a pointer has 32 bits */
#define LOW_SIZE 0x10000

/* What happened, in words. */
static char events[1024];
static unsigned n_pauses;
static jmp_buf the_end;

/* The machine. */
static uint32_t pm1_reads_off; /* so many reads of PM1a say that ACPI is off */
static uint8_t *low;           /* FADT, DSDT, what a reset register in memory is, and the tables */
static bool has_qemu;
static uint32_t key; /* what was chosen meanwhile */

#define FADT        low
#define DSDT        (low + 0x400)
#define RESET_BYTE  (low + 0x800)
#define SYSTEM      ((struct efi_system_table *)(low + 0x2000))
#define RUNTIME     ((struct efi_runtime_services *)(low + 0x4000))
#define END_PADDR   ((uintptr_t)low + LOW_SIZE)
#define PADDR(what) ((uintptr_t)(what))

static struct handoff_reservation reservations[2];
static struct handoff_block block;

__attribute__((format(printf, 1, 2))) static void happens(const char *format, ...)
{
	size_t length = strlen(events);
	va_list args;

	if (n_pauses > 0) {
		length +=
			(size_t)snprintf(events + length, sizeof events - length, "~%u ", n_pauses);
		n_pauses = 0;
	}
	va_start(args, format);
	vsnprintf(events + length, sizeof events - length, format, args);
	va_end(args);
}

static uint32_t fake_in(uint16_t port, unsigned bytes)
{
	if (port == 0x80) {
		n_pauses++;
		return 0;
	}
	assert_int_equal(bytes, 2);
	assert_true(port == PM1A || port == PM1B);
	if (port == PM1A && pm1_reads_off > 0 && pm1_reads_off-- > 0)
		return 0x3c02;
	return 0x3c03; /* all of SLP_TYP and SLP_EN, which are to be replaced */
}

static void fake_out(uint16_t port, uint32_t value, unsigned bytes)
{
	happens("%x=%x/%u ", (unsigned)port, (unsigned)value, bytes);
}

static void fake_no_interrupts(void)
{
	happens("cli ");
}

static _Noreturn void fake_halt(void)
{
	happens("halt");
	longjmp(the_end, 1);
}

void ports_drain(void)
{
	happens("drain ");
}

bool ports_are_qemus(void)
{
	return has_qemu;
}

uint32_t display_wait(uint32_t at_end)
{
	happens("wait(%u) ", (unsigned)at_end);
	return key;
}

static void EFIAPI reset_system(uint32_t type, efi_status_t status, uintptr_t bytes, void *data)
{
	happens("reset(%u %u %u %u) ", (unsigned)type, (unsigned)status, (unsigned)bytes,
	        data != NULL);
}

static efi_status_t EFIAPI get_time(struct efi_time *time, void *capabilities)
{
	assert_null(capabilities);
	time->year = 2007;
	happens("time ");
	return EFI_DEVICE_ERROR;
}

/* The CRC-32 that zlib has, in the plainest words. */
static uint32_t plain_crc32(const uint8_t *bytes, size_t n)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < n * 8; i++) {
		uint32_t bit = (bytes[i / 8] >> i % 8 ^ crc) & 1;

		crc = crc >> 1 ^ (bit ? 0xedb88320 : 0);
	}
	return ~crc;
}

static void seal(struct efi_table_header *header)
{
	header->crc32 = 0;
	header->crc32 = plain_crc32((const uint8_t *)header, header->header_bytes);
}

static void put_u32(uint8_t *at, uint64_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void make_services(void)
{
	*RUNTIME = (struct efi_runtime_services){
		.header = { RUNTIME_TABLE_SIGNATURE, 0x20000, sizeof *RUNTIME, 0, 0 },
		.get_time = get_time,
		.reset_system = reset_system,
	};
	*SYSTEM = (struct efi_system_table){
		.header = { SYSTEM_TABLE_SIGNATURE, 0x20000, sizeof *SYSTEM, 0, 0 },
		.runtime_services = PADDR(RUNTIME),
	};
	seal(&RUNTIME->header);
	seal(&SYSTEM->header);
	block.firmware_bits = STUB_BITS;
	block.efi_system_table_paddr = PADDR(SYSTEM);
}

/* Name(_S5_, Package(4){5, 1, 0, 0}), behind what looks like it. */
static const uint8_t s5[32] = { '_', 'S', '5', '_', 0x10, 5,   '_',  'S', '5', 'x', 0x12, 0, 0, 7,
	                        7,   0,   '_', 'S', '5',  '_', 0x12, 0x8, 4,   0xa, 5,    1, 0, 0 };

static void make_acpi(void)
{
	memcpy(FADT, "FACP", 4);
	put_u32(FADT + 4, 244);
	put_u32(FADT + 40, PADDR(DSDT));
	put_u32(FADT + 48, SMI);
	FADT[52] = 0xa0;
	put_u32(FADT + 64, PM1A);
	put_u32(FADT + 68, PM1B);
	FADT[116] = SPACE_IO;
	put_u32(FADT + 120, 0xcf9);
	FADT[128] = 0x0e;
	memcpy(DSDT, "DSDT", 4);
	put_u32(DSDT + 4, 36 + sizeof s5);
	memcpy(DSDT + 36, s5, sizeof s5);
}

static void make_machine(void)
{
	if (low == NULL)
		low = mmap((void *)(uintptr_t)LOW, LOW_SIZE, PROT_READ | PROT_WRITE,
		           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_equal(low, (void *)(uintptr_t)LOW);
	memset(low, 0, LOW_SIZE);
	reservations[0] = (struct handoff_reservation){ .kind = HANDOFF_KIND_GATES,
		                                        .start_paddr = PADDR(FADT) };
	reservations[1] = (struct handoff_reservation){ .kind = HANDOFF_KIND_ACPI,
		                                        .start_paddr = PADDR(FADT) };
	block = (struct handoff_block){ .uefi_descriptor_bytes = 48,
		                        .reservations_paddr = PADDR(reservations),
		                        .reservations_count = COUNT(reservations),
		                        .reservations_entry_bytes = sizeof reservations[0] };
	make_acpi();
	make_services();
	pm1_reads_off = 0;
	has_qemu = false;
	key = HANDOFF_END_HALT;
	events[0] = '\0';
	n_pauses = 0;
}

/* --- power_end() --- */

static void change(uint8_t *at, uint8_t value)
{
	*at = value;
}

static void no_services(void)
{
	block.efi_system_table_paddr = 0;
}

static void no_acpi(void)
{
	no_services();
	reservations[1].kind = HANDOFF_KIND_GATES;
}

static void acpi_is_off(void)
{
	no_services();
	pm1_reads_off = 4;
}

static void acpi_stays_off(void)
{
	no_services();
	pm1_reads_off = 2000000;
}

static void no_smi_port(void)
{
	acpi_is_off();
	put_u32(FADT + 48, 0);
}

static void wide_smi_port(void)
{
	acpi_is_off();
	put_u32(FADT + 48, 0x10000);
}

static void last_smi_port(void)
{
	acpi_is_off();
	put_u32(FADT + 48, 0xffff);
}

static void one_control_register(void)
{
	no_services();
	put_u32(FADT + 68, 0);
}

static void wide_second_register(void)
{
	no_services();
	put_u32(FADT + 68, 0x10000);
}

static void no_control_register(void)
{
	no_services();
	put_u32(FADT + 64, 0);
}

static void wide_control_register(void)
{
	no_services();
	put_u32(FADT + 64, 0x10000);
}

static void no_dsdt(void)
{
	no_services();
	put_u32(FADT + 40, 0);
}

static void another_dsdt(void)
{
	no_services();
	change(DSDT + 3, 'X');
}

static void no_s5(void)
{
	no_services();
	change(DSDT + 36 + 18, '4');
}

static void first_number_is_long(void)
{
	no_services();
	change(DSDT + 36 + 23, 0x0b); /* WordPrefix */
}

static void second_number_is_long(void)
{
	no_services();
	change(DSDT + 36 + 25, 0x0b);
}

static void second_number_has_a_prefix(void)
{
	no_services();
	memmove(DSDT + 36 + 26, DSDT + 36 + 25, 2);
	change(DSDT + 36 + 25, 0x0a);
	change(DSDT + 36 + 26, 7);
}

static void long_package(void)
{
	no_services();
	memmove(DSDT + 36 + 23, DSDT + 36 + 22, 6);
	change(DSDT + 36 + 21, 0x49); /* one byte more */
	change(DSDT + 36 + 22, 0);
	put_u32(DSDT + 4, 36 + sizeof s5 + 1);
}

static void s5_is_cut(void)
{
	no_services();
	put_u32(DSDT + 4, 36 + 16 + 15);
}

static void s5_ends_the_table(void)
{
	no_services();
	memset(DSDT + 36, 0, 64);
	memcpy(DSDT + 36, s5 + 16, 12);
	put_u32(DSDT + 4, 36 + 16);
}

static void reset_in_memory(void)
{
	no_services();
	FADT[116] = SPACE_MEMORY;
	put_u32(FADT + 120, PADDR(RESET_BYTE));
}

static void reset_beyond_memory(void)
{
	reset_in_memory();
	put_u32(FADT + 120, END_PADDR); /* nothing is there: to touch it is a fault */
}

static void reset_elsewhere(void)
{
	no_services();
	FADT[116] = 2; /* PCI configuration space */
}

static void reset_at_a_wide_port(void)
{
	no_services();
	put_u32(FADT + 120, 0x10000);
}

static void reset_at_the_last_port(void)
{
	no_services();
	put_u32(FADT + 120, 0xffff);
}

static void reset_at_0(void)
{
	no_services();
	put_u32(FADT + 120, 0);
}

static void a_fadt_without_reset(void)
{
	no_services();
	put_u32(FADT + 4, 128);
}

static void a_fadt_that_ends_with_it(void)
{
	no_services();
	put_u32(FADT + 4, 129);
}

static void a_short_fadt(void)
{
	no_services();
	put_u32(FADT + 4, 75);
}

static void the_shortest_fadt(void)
{
	no_services();
	put_u32(FADT + 4, 76);
}

static void another_table(void)
{
	no_services();
	change(FADT, 'X');
}

#define HALT      HANDOFF_END_HALT
#define RESET     HANDOFF_END_RESET
#define OFF       HANDOFF_END_POWEROFF
#define CHIPSET   "cf9=2/1 cf9=6/1 ~1000000 64=fe/1 ~1000000 halt"
#define ACPI_OFF  "604=1403/2 604=3403/2 608=403/2 608=2403/2 ~1000000 halt"
#define NOT_OFF   "halt"
#define RESET_REG "cf9=e/1 ~1000000 "

static const struct {
	const char *rule;
	void (*spoil)(void);
	uint32_t key;
	const char *events; /* behind "drain wait(0) " */
} ends[] = {
	/* clang-format off */
	{ "nothing more", NULL, HALT, "halt" },
	{ "the firmware resets", NULL, RESET, "reset(0 0 0 0) " RESET_REG CHIPSET },
	{ "the firmware powers off", NULL, OFF, "reset(2 0 0 0) " ACPI_OFF },
	{ "without it, ACPI", no_services, RESET, RESET_REG CHIPSET },
	{ "without it, ACPI", no_services, OFF, ACPI_OFF },
	{ "without that, the chipset", no_acpi, RESET, CHIPSET },
	{ "without that, nothing does", no_acpi, OFF, NOT_OFF },
	{ "ACPI is off, and comes", acpi_is_off, OFF, "b2=a0/1 " ACPI_OFF },
	{ "ACPI is off, and does not come", acpi_stays_off, OFF, "b2=a0/1 604=1402/2 604=3402/2 608=403/2 608=2403/2 ~1000000 halt" },
	{ "ACPI cannot be turned on", no_smi_port, OFF, "604=1402/2 604=3402/2 608=403/2 608=2403/2 ~1000000 halt" },
	{ "by no such port", wide_smi_port, OFF, "604=1402/2 604=3402/2 608=403/2 608=2403/2 ~1000000 halt" },
	{ "by the last one", last_smi_port, OFF, "ffff=a0/1 " ACPI_OFF },
	{ "one control register", one_control_register, OFF, "604=1403/2 604=3403/2 ~1000000 halt" },
	{ "one of two is no port", wide_second_register, OFF, "604=1403/2 604=3403/2 ~1000000 halt" },
	{ "none", no_control_register, OFF, NOT_OFF },
	{ "none that is a port", wide_control_register, OFF, NOT_OFF },
	{ "no DSDT", no_dsdt, OFF, NOT_OFF },
	{ "it is none", another_dsdt, OFF, NOT_OFF },
	{ "without _S5_", no_s5, OFF, NOT_OFF },
	{ "a number that is no byte", first_number_is_long, OFF, NOT_OFF },
	{ "the second one", second_number_is_long, OFF, NOT_OFF },
	{ "both with a prefix", second_number_has_a_prefix, OFF, "604=1403/2 604=3403/2 608=1c03/2 608=3c03/2 ~1000000 halt" },
	{ "a length of two bytes", long_package, OFF, ACPI_OFF },
	{ "cut off by the table's end", s5_is_cut, OFF, NOT_OFF },
	{ "as the last of it", s5_ends_the_table, OFF, ACPI_OFF },
	{ "a reset register in memory", reset_in_memory, RESET, "~1000000 " CHIPSET },
	{ "beyond memory", reset_beyond_memory, RESET, "~1000000 " CHIPSET },
	{ "elsewhere", reset_elsewhere, RESET, "~1000000 " CHIPSET },
	{ "at no port", reset_at_a_wide_port, RESET, "~1000000 " CHIPSET },
	{ "at the last one", reset_at_the_last_port, RESET, "ffff=e/1 ~1000000 " CHIPSET },
	{ "at 0: there is none", reset_at_0, RESET, CHIPSET },
	{ "a FADT that is older", a_fadt_without_reset, RESET, CHIPSET },
	{ "one that just has it", a_fadt_that_ends_with_it, RESET, RESET_REG CHIPSET },
	{ "one that is cut", a_short_fadt, OFF, NOT_OFF },
	{ "the shortest", the_shortest_fadt, OFF, ACPI_OFF },
	{ "another table", another_table, OFF, NOT_OFF },
	/* clang-format on */
};

static void end(const struct handoff_block *known, uint64_t end_paddr, bool is_pass)
{
	if (setjmp(the_end) == 0)
		power_end(known, end_paddr, is_pass);
}

static void each_way_is_followed_by_the_next(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(ends); i++) {
		char expected[sizeof events];

		print_message("%s\n", ends[i].rule);
		make_machine();
		if (ends[i].spoil != NULL)
			ends[i].spoil();
		key = ends[i].key;
		end(&block, END_PADDR, true);
		snprintf(expected, sizeof expected, "drain wait(0) %s", ends[i].events);
		assert_string_equal(events, expected);
		assert_int_equal(*RESET_BYTE, ends[i].spoil == reset_in_memory ? 0x0e : 0);
	}
}

static void the_block_says_what_is_to_be_done(void **state)
{
	(void)state;
	make_machine();
	block.at_end = OFF;
	end(&block, END_PADDR, true);
	assert_string_equal(events, "drain wait(2) halt");
	events[0] = '\0';
	key = RESET; /* a key, and no block that could be believed */
	end(NULL, END_PADDR, true);
	assert_string_equal(events, "drain wait(0) " CHIPSET);
}

static void qemu_is_told_first(void **state)
{
	(void)state;
	make_machine();
	has_qemu = true;
	end(&block, END_PADDR, true);
	assert_string_equal(events, "drain f4=10/4 501=10/4 wait(0) halt");
	events[0] = '\0';
	end(&block, END_PADDR, false);
	assert_string_equal(events, "drain f4=11/4 501=11/4 wait(0) halt");
}

/* Nothing is read from where memory ends. */
static void tables_lie_below_the_end(void **state)
{
	const uint64_t fadt_end = PADDR(LOW) + 244;

	(void)state;
	make_machine();
	assert_ptr_equal(table_at(PADDR(FADT), fadt_end, "FACP", 76), FADT);
	assert_null(table_at(PADDR(FADT), fadt_end - 1, "FACP", 76));
	assert_null(table_at(PADDR(FADT), PADDR(FADT) + 35, "FACP", 76));
	assert_null(table_at(PADDR(FADT), PADDR(FADT), "FACP", 76));
	assert_null(table_at(0, fadt_end, "FACP", 76));
	put_u32(FADT + 4, 36);
	assert_ptr_equal(table_at(PADDR(FADT), PADDR(FADT) + 36, "FACP", 36), FADT);
	put_u32(FADT + 4, TABLE_MOST_BYTES);
	assert_ptr_equal(table_at(PADDR(FADT), UINT64_MAX, "FACP", 76), FADT);
	put_u32(FADT + 4, TABLE_MOST_BYTES + 1);
	assert_null(table_at(PADDR(FADT), UINT64_MAX, "FACP", 76));
}

/* --- runtime_find() --- */

static void system_is_elsewhere(void)
{
	block.efi_system_table_paddr = END_PADDR;
}

static void system_ends_behind_memory(void)
{
	memcpy(low + LOW_SIZE - 0xff8, SYSTEM, sizeof *SYSTEM);
	block.efi_system_table_paddr = END_PADDR - 0xff8;
}

static void system_ends_with_memory(void)
{
	memcpy(low + LOW_SIZE - 0x1000, SYSTEM, sizeof *SYSTEM);
	block.efi_system_table_paddr = END_PADDR - 0x1000;
}

static void system_is_askew(void)
{
	memmove(low + 0x2001, low + 0x2000, sizeof *SYSTEM);
	block.efi_system_table_paddr++;
}

static void other_width(void)
{
	block.firmware_bits = 96 - STUB_BITS;
}

static void other_signature(void)
{
	SYSTEM->header.signature++;
	seal(&SYSTEM->header);
}

static void short_system(void)
{
	SYSTEM->header.header_bytes = sizeof *SYSTEM - 1;
	seal(&SYSTEM->header);
}

static void longest_system(void)
{
	SYSTEM->header.header_bytes = 4096;
	seal(&SYSTEM->header);
}

static void system_too_long(void)
{
	SYSTEM->header.header_bytes = 4097;
	seal(&SYSTEM->header);
}

static void damaged_system(void)
{
	SYSTEM->console[5]++;
}

static void reserved_field(void)
{
	SYSTEM->header.reserved = 1;
	seal(&SYSTEM->header);
}

static void damaged_runtime(void)
{
	RUNTIME->set_time++;
}

static void no_runtime(void)
{
	SYSTEM->runtime_services = 0;
	seal(&SYSTEM->header);
}

static void short_runtime(void)
{
	RUNTIME->header.header_bytes = sizeof *RUNTIME - 1;
	seal(&RUNTIME->header);
}

static const struct {
	void (*spoil)(void);
	enum runtime_err err;
} services[] = {
	{ NULL, RUNTIME_OK },
	{ other_width, RUNTIME_OTHER_WIDTH },
	{ no_services, RUNTIME_NO_TABLE },
	{ system_is_elsewhere, RUNTIME_NO_TABLE },
	{ system_ends_behind_memory, RUNTIME_BAD_SYSTEM_TABLE },
	{ system_ends_with_memory, RUNTIME_OK },
	{ system_is_askew, RUNTIME_BAD_SYSTEM_TABLE },
	{ other_signature, RUNTIME_BAD_SYSTEM_TABLE },
	{ short_system, RUNTIME_BAD_SYSTEM_TABLE },
	{ longest_system, RUNTIME_OK },
	{ system_too_long, RUNTIME_BAD_SYSTEM_TABLE },
	{ damaged_system, RUNTIME_BAD_SYSTEM_TABLE },
	{ reserved_field, RUNTIME_OK },
	{ damaged_runtime, RUNTIME_BAD_SERVICES_TABLE },
	{ no_runtime, RUNTIME_BAD_SERVICES_TABLE },
	{ short_runtime, RUNTIME_BAD_SERVICES_TABLE },
};

static void services_are_believed_if_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(services); i++) {
		const void *found = NULL;

		make_machine();
		if (services[i].spoil != NULL)
			services[i].spoil();
		if (runtime_find(&block, END_PADDR, &found) != services[i].err)
			fail_msg("row %u", (unsigned)i);
		assert_ptr_equal(found, services[i].err == RUNTIME_OK ? RUNTIME : NULL);
	}
	assert_string_equal(runtime_err_text(RUNTIME_NO_TABLE), "no EFI system table within reach");
}

/* The firmware may turn interrupts on meanwhile. */
static void the_clock_lets_no_interrupt_in(void **state)
{
	struct efi_time time = { 0 };

	(void)state;
	make_machine();
	assert_true(runtime_get_time(RUNTIME, &time) == EFI_DEVICE_ERROR);
	assert_string_equal(events, "21=ff/1 a1=ff/1 time cli ");
	assert_int_equal(time.year, 2007);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_way_is_followed_by_the_next),
		cmocka_unit_test(the_block_says_what_is_to_be_done),
		cmocka_unit_test(qemu_is_told_first),
		cmocka_unit_test(tables_lie_below_the_end),
		cmocka_unit_test(services_are_believed_if_whole),
		cmocka_unit_test(the_clock_lets_no_interrupt_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
