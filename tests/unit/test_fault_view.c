/*
 * test_fault_view.c - the screen of a fault in a kernel: on displays of every number of rows, for
 * each vector of kernels of both widths, what is said is drawn, and nothing is cut or lies over
 * something else.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handoff/gates/fault_view.h"

#include "glyphs.h"
#include "read_canvas.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const uint32_t displays[] = { 22, 25, 30 }; /* rows */

static struct canvas canvas;
static uint8_t dots[CANVAS_HEIGHT][CANVAS_WIDTH];
static struct glyphs glyphs;
static uint32_t pictures; /* the sum of all that were read, in all tests */
static char said[8192], drawn[GLYPHS_MOST_ROWS * 81];
static struct gates_known known;
static struct fault fault;

static const char *const names_64[] = { "rax", "rbx", "rcx", "rdx", "rsi", "rdi",
	                                "rbp", "rsp", "r8",  "r9",  "r10", "r11",
	                                "r12", "r13", "r14", "r15", "cr3", "flags" };
static const char *const names_32[] = { "eax", "ebx", "ecx", "edx",  "esi",
	                                "edi", "ebp", "esp", "flags" };

/* A kernel of 1 MiB at 1 MiB, linked there, that wrote to where nothing is. */
static void make_fault(unsigned bits, unsigned vector)
{
	const char *const *names = bits == 64 ? names_64 : names_32;
	uint64_t nowhere = bits == 64 ? UINT64_C(0xffffffff80000000) : 0xd0000000;

	known = (struct gates_known){ .kernel_start_paddr = 0x100000,
		                      .kernel_end_paddr = 0x200000,
		                      .mapped_end_paddr = bits == 64 ? UINT64_C(1) << 32 : 0,
		                      .page_table_paddr = bits == 64 ? 0x23702000 : 0,
		                      .kernel_name = "kernel-amd64.elf" };
	fault = (struct fault){ .known = &known,
		                .bits = bits,
		                .vector = vector,
		                .error_code = 2,
		                .has_paging = true,
		                .ip = 0x100a3c,
		                .cr2 = nowhere,
		                .cr3 = 0x23702000,
		                .n_registers = bits == 64 ? COUNT(names_64) : COUNT(names_32) };
	for (size_t i = 0; i < fault.n_registers; i++)
		fault.registers[i] = (struct fault_register){
			names[i], strcmp(names[i] + 1, "di") == 0 ? nowhere : 0x23701fc0 + i,
			strcmp(names[i], "flags") == 0
		};
}

static void say_line(void *context, const char *line)
{
	(void)context;
	strcat(strcat(said, line), "\n");
}

static int by_place(const void *left, const void *right)
{
	const struct glyphs_row *a = left, *b = right;

	return a->y != b->y ? (a->y < b->y ? -1 : 1) : 0;
}

static void append_words(char *to, const char *text)
{
	size_t length = strlen(to);

	for (; *text != '\0'; text++)
		if (*text != ' ' || (length > 0 && to[length - 1] != ' '))
			to[length++] = *text;
	to[length] = '\0';
}

/* Drawn and said; then read from the dots. */
static void show(uint32_t n_rows)
{
	struct view view = { .canvas = &canvas, .say = say_line };

	said[0] = drawn[0] = '\0';
	assert_true(canvas_init(&canvas, n_rows, dots, CANVAS_HEIGHT));
	fault_view_draw(&view, &fault);
	pictures = read_canvas_add(pictures, &canvas);
	glyphs_read(&glyphs, &canvas);
	qsort(glyphs.rows, glyphs.n_rows, sizeof glyphs.rows[0], by_place);
	for (size_t i = 0; i < glyphs.n_rows; i++) {
		append_words(drawn, " ");
		append_words(drawn, glyphs.rows[i].text);
	}
	if (strchr(drawn, '?') != NULL || strstr(drawn, "...") != NULL)
		fail_msg("no glyph, or cut: %s", drawn);
}

static void assert_drawn(const char *text)
{
	if (strstr(drawn, text) == NULL)
		fail_msg("`%s' is not in `%s'", text, drawn);
}

/* Each word that is said, in the picture; but the sign of the band. */
static void assert_said_is_drawn(void)
{
	char words[sizeof said];

	strcpy(words, said);
	for (char *word = strtok(words, " \n"); word != NULL; word = strtok(NULL, " \n"))
		if (strcmp(word, "X") != 0)
			assert_drawn(word);
}

/* All that is said ends above the last row. */
static void assert_fits(void)
{
	for (size_t i = 0; i < glyphs.n_rows; i++) {
		const struct glyphs_row *row = &glyphs.rows[i];
		bool is_last = strstr(row->text, "Halted.") != NULL;

		if (is_last ? row->y != canvas.height - 17
		            : row->y + 16 * row->size > canvas.height - 18)
			fail_msg("`%s' lies too low", row->text);
	}
}

static void every_vector_fits_and_is_said(void **state)
{
	(void)state;
	for (unsigned bits = 32; bits <= 64; bits += 32)
		for (unsigned vector = 0; vector < 256; vector += vector < 34 ? 1 : 37)
			for (size_t i = 0; i < COUNT(displays); i++) {
				make_fault(bits, vector);
				memset(known.kernel_name, 'w', GATES_NAME_BYTES - 1);
				fault.error_code = UINT32_MAX;
				show(displays[i]);
				assert_said_is_drawn();
				assert_fits();
				assert_drawn("KERNEL FAULT");
				assert_drawn("bootmem caught it.");
				assert_drawn("Halted. Photograph this screen, then hold the power "
				             "button for 10 seconds.");
			}
}

static const struct {
	const char *rule;
	unsigned bits, vector;
	uint32_t error_code;
	const char *text;
} rows[] = {
	{ "a write", 64, 14, 0x2, "Did wrote to a page that is not mapped (error code 0x2)" },
	{ "a read", 32, 14, 0x0, "Did read from a page that is not mapped (error code 0x0)" },
	{ "a fetch", 64, 14, 0x10, "Did jumped to a page that is not mapped (error code 0x10)" },
	{ "a page that is read-only", 64, 14, 0x3,
	  "wrote to a page that is mapped, but not for that" },
	{ "a reserved bit", 64, 14, 0x9, "read from a page with reserved bits set" },
	{ "where to", 64, 14, 0x2, "At 0xffffffff80000000 CR2, the address that it wanted" },
	{ "where from", 64, 14, 0x2,
	  "From 0x0000000000100a3c RIP, in the kernel: its start + 0xa3c" },
	{ "in 32 bits", 32, 14, 0x2, "From 0x00100a3c EIP, in the kernel: its start + 0xa3c" },
	{ "the register", 64, 14, 0x2, ">rdi ffffffff80000000" },
	{ "in words", 64, 14, 0x2, "Register rdi (>) holds the address that it wanted." },
	{ "what is mapped", 64, 14, 0x2,
	  "0x0 to 0x100000000 by the hand-off page tables, to itself" },
	{ "by whom", 32, 14, 0x2, "Mapped as CR3 says by page tables of the kernel's own" },
	{ "what is not", 64, 14, 0x2, "Nothing is mapped above 0x100000000 by bootmem" },
	{ "what to do", 64, 6, 0, "Find the line: addr2line -e kernel-amd64.elf 0x100a3c" },
	{ "a name", 64, 14, 0x2, "Page fault in your kernel (vector 14)." },
	{ "its number again", 64, 14, 0x2, "kernel-amd64.elf, 64-bit vector 14" },
	{ "no name", 64, 22, 0, "Reserved exception in your kernel (vector 22)." },
	{ "a selector", 64, 13, 0x28, "Did used selector 0x28 of the GDT (error code 0x28)" },
	{ "of the LDT", 64, 11, 0x2c, "Did used selector 0x28 of the LDT (error code 0x2c)" },
	{ "a gate", 64, 13, 0x102, "Did needed gate 0x20 of the IDT (error code 0x102)" },
	{ "no selector", 64, 13, 0, "Did did what the CPU does not allow" },
	{ "no error code", 64, 0, 0, "Did divided by zero, or the quotient did not fit From" },
	{ "an interrupt", 64, 0x20, 0, "Interrupt 0x20, which nobody handles." },
	{ "and what to do", 64, 0x20, 0, "Load an IDT, and mask what may interrupt, before STI" },
};

static void words_are_those_of_the_fault(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		print_message("%s\n", rows[i].rule);
		make_fault(rows[i].bits, rows[i].vector);
		fault.error_code = rows[i].error_code;
		show(22);
		assert_drawn(rows[i].text);
	}
}

static void only_the_cause_is_amber(void **state)
{
	(void)state;
	make_fault(64, 14);
	show(25);
	for (size_t i = 0; i < glyphs.n_rows; i++)
		for (size_t j = 0; j < CANVAS_COLUMNS; j++)
			if (glyphs.rows[i].text[j] != ' ' &&
			    glyphs.rows[i].colours[j] == CANVAS_AMBER)
				assert_non_null(strstr(glyphs.rows[i].text, ">rdi"));
	assert_non_null(glyphs_find(&glyphs, ">rdi"));
	make_fault(64, 13);
	show(25);
	assert_null(glyphs_find(&glyphs, ">"));
}

/* The linker's address, wherever the kernel lies, and whichever of the two it runs at. */
static void addr2line_gets_what_the_linker_knows(void **state)
{
	static const struct {
		const char *rule;
		unsigned bits;
		uint64_t link_offset, ip, caller;
		const char *text;
	} places[] = {
		{ "a PIE", 64, (uint64_t)-0x100000, 0x100a3c, 0, "kernel-amd64.elf 0xa3c " },
		{ "of IA-32", 32, (uint64_t)-0x100000, 0x100a3c, 0, "kernel-amd64.elf 0xa3c " },
		{ "an upper half", 64, UINT64_C(0xffffffff80000000), 0x100a3c, 0,
		  "0xffffffff80100a3c " },
		{ "that runs there", 64, UINT64_C(0xffffffff80000000), UINT64_C(0xffffffff80100a3c),
		  0, "its start + 0xa3c" },
		{ "of IA-32, from paging off", 32, UINT64_C(0xffffffffc0000000), 0x100a3c, 0,
		  "0xc0100a3c " },
		{ "that runs there, too", 32, UINT64_C(0xc0000000), 0xc0100a3c, 0,
		  "EIP, in the kernel: its start + 0xa3c" },
		{ "no kernel at 0", 64, (uint64_t)-0x100000, 0xa3c, 0, "RIP, not in the kernel" },
		{ "who called", 64, 0, 0x666, 0x100a3d,
		  "If it was called, from: addr2line -e kernel-amd64.elf 0x100a3c" },
		{ "nobody", 64, 0, 0x666, 0, "The kernel left itself: look for a pointer" },
		{ "its last byte", 64, 0, 0x1fffff, 0, "its start + 0xfffff" },
		{ "one more", 64, 0, 0x200000, 0, "not in the kernel" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(places); i++) {
		print_message("%s\n", places[i].rule);
		make_fault(places[i].bits, 6);
		known.link_offset = places[i].link_offset;
		fault.ip = places[i].ip;
		fault.caller = places[i].caller;
		show(22);
		assert_drawn(places[i].text);
	}
}

static void what_cannot_be_known_is_not_said(void **state)
{
	(void)state;
	make_fault(64, 8);
	fault.is_interrupt = true; /* the PIC as a PC's BIOS leaves it */
	show(22);
	assert_drawn("Interrupt 0x8, which nobody handles.");
	assert_null(strstr(drawn, "Double"));
	make_fault(64, 14);
	fault.has_no_memory = true;
	fault.n_registers = 1;
	show(22);
	assert_drawn("A fault in your kernel, whose stack is gone.");
	assert_drawn("left its stack where no memory is: what happened is lost Regs rax");
	assert_null(strstr(drawn, "RIP"));
	make_fault(32, 6);
	fault.has_paging = false;
	show(22);
	assert_drawn("0x0 to 0x100000000 paging is off: each address is itself");
	make_fault(64, 6);
	known.mapped_end_paddr = UINT64_C(0x10000000000);
	show(22);
	assert_drawn("0x0 to 0x10000000000 by the hand-off page tables, in parts");
}

/* The last test: where things stood in all pictures that the others drew. */
static void pictures_are_what_they_were(void **state)
{
	const uint32_t sum = 0xb8f7a536;

	(void)state;
	if (pictures != sum)
		fail_msg("the pictures have another sum: look at them, and if that was meant, it "
		         "is 0x%08x",
		         (unsigned)pictures);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_fits_and_is_said),
		cmocka_unit_test(words_are_those_of_the_fault),
		cmocka_unit_test(only_the_cause_is_amber),
		cmocka_unit_test(addr2line_gets_what_the_linker_knows),
		cmocka_unit_test(what_cannot_be_known_is_not_said),
		cmocka_unit_test(pictures_are_what_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
