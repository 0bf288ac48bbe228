/*
 * test_gates.c - the programs of the gates, as both applications bring them along: loaded anywhere,
 * each of the 256 gates leads to a stub that pushes its number.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "handoff/load/gates.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))
#define MOST_PAGES  10 /* that each kernel has less */

extern const uint8_t gates_amd64_start[], gates_amd64_end[], gates_ia32_start[], gates_ia32_end[];

static const struct {
	const char *rule;
	const uint8_t *start, *end;
	uint16_t selector;
	size_t gate_bytes;
	uint64_t last_paddr; /* the highest place */
} images[] = {
	{ "AMD64", gates_amd64_start, gates_amd64_end, 0x18, 16, UINT64_C(0x7fffffff0000) },
	{ "IA-32", gates_ia32_start, gates_ia32_end, 0x08, 8, UINT64_C(0xffff0000) },
};

/* A vector, and before it 0 where the CPU pushes no error code (AMD64 manual 2, §8.2). */
static void check_stub(const char *rule, const uint8_t *stub, unsigned vector)
{
	bool has_code = vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 ||
	                vector == 21 || vector == 29 || vector == 30;
	const uint8_t *at = stub + (has_code ? 0 : 2);
	unsigned pushed = at[0] == 0x6a ? at[1] : at[1] | (unsigned)at[2] << 8;

	if (!has_code && (stub[0] != 0x6a || stub[1] != 0))
		fail_msg("%s: no error code for vector %u", rule, vector);
	if ((at[0] != 0x6a && at[0] != 0x68) || pushed != vector)
		fail_msg("%s: the stub of vector %u pushes %u", rule, vector, pushed);
}

/* AMD64 manual 2, §4.7.2 and §4.8.4. */
static void check_gate(size_t n, const struct gates *gates, const uint8_t *memory, paddr_t paddr,
                       unsigned vector)
{
	const size_t bytes = images[n].gate_bytes;
	const uint8_t *gate = memory + (gates->idt_paddr - paddr) + vector * bytes;
	uint16_t words[8] = { 0 };
	uint64_t handler_paddr;

	memcpy(words, gate, bytes);
	handler_paddr = words[0] | (uint64_t)words[3] << 16 | (uint64_t)words[4] << 32 |
	                (uint64_t)words[5] << 48;
	if (words[1] != images[n].selector || words[2] != 0x8e00 || words[6] != 0 || words[7] != 0)
		fail_msg("%s: gate %u is no interrupt gate", images[n].rule, vector);
	if (handler_paddr != gates->stubs_paddr + (uint64_t)vector * GATES_STUB_BYTES)
		fail_msg("%s: gate %u leads elsewhere", images[n].rule, vector);
	check_stub(images[n].rule, memory + (handler_paddr - paddr), vector);
}

static void each_gate_leads_to_its_stub(void **state)
{
	(void)state;
	for (size_t n = 0; n < N_OF(images); n++) {
		size_t bytes = (size_t)(images[n].end - images[n].start);
		uint64_t n_pages = gates_pages(images[n].start, bytes);
		const paddr_t places[] = { 0x100000, images[n].last_paddr - pfn_paddr(n_pages) };

		assert_in_range(n_pages, 1, MOST_PAGES);
		for (size_t i = 0; i < N_OF(places); i++) {
			uint8_t *memory = malloc((size_t)pfn_paddr(n_pages));
			struct gates *gates;

			memset(memory, 0xcc, (size_t)pfn_paddr(n_pages));
			gates = gates_load(images[n].start, bytes, images[n].selector, memory,
			                   places[i]);
			assert_non_null(gates);
			assert_int_equal(gates->idt_bytes, GATES_VECTORS * images[n].gate_bytes);
			assert_int_equal(gates->idt_paddr % 16, 0);
			for (unsigned vector = 0; vector < GATES_VECTORS; vector++)
				check_gate(n, gates, memory, places[i], vector);
			for (size_t j = 0; j < sizeof gates->known; j++)
				assert_int_equal(((uint8_t *)&gates->known)[j], 0);
			free(memory);
		}
	}
}

static void what_is_no_program_of_them_is_none(void **state)
{
	static uint8_t damaged[0x20000], memory[MOST_PAGES * PAGE_BYTES];
	size_t bytes = (size_t)(gates_amd64_end - gates_amd64_start);

	(void)state;
	assert_true(bytes <= sizeof damaged);
	assert_int_equal(gates_pages(gates_amd64_start, 20), 0);
	memcpy(damaged, gates_amd64_start, bytes);
	damaged[0] = 0;
	assert_int_equal(gates_pages(damaged, bytes), 0);
	assert_null(gates_load(damaged, bytes, 0x18, memory, 0x100000));
	memcpy(damaged, gates_amd64_start, bytes);
	damaged[16] = 2; /* ET_EXEC */
	assert_int_equal(gates_pages(damaged, bytes), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_gate_leads_to_its_stub),
		cmocka_unit_test(what_is_no_program_of_them_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
