/*
 * test_proof_view.c - the screens of the stub kernel, drawn and read back as text: on displays of
 * every number of rows, with answers, machines and failures of every kind and the longest words,
 * nothing is cut, lies over something else, or has no glyph.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handoff/failure.h"
#include "handoff/stub/proof_running.h"
#include "handoff/stub/proof_verdict.h"

#include "glyphs.h"
#include "made_view.h"
#include "read_canvas.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define MIB(n)      (UINT64_C(n) << 20)
#define GIB(n)      (UINT64_C(n) << 30)

static const uint32_t displays[] = { 22, 25, 30 }; /* rows */

/* ---- Machines ---- */

#define RESERVED(kind, start, end, owner)                  \
	{                                                  \
		start, end, 0, kind, 0, 0, owner, "reason" \
	}
static const struct handoff_reservation reservations[] = {
	RESERVED(HANDOFF_KIND_LOW_MEMORY, 0, 0x1000, "page 0"),
	RESERVED(HANDOFF_KIND_LOW_MEMORY, 0xa0000, 0x100000, "ISA hole"),
	RESERVED(HANDOFF_KIND_KERNEL, MIB(1), 0x131000, "kernel"),
	RESERVED(HANDOFF_KIND_INITRD, MIB(212) + 0x1000, MIB(240), "initrd"),
	RESERVED(HANDOFF_KIND_BLOCK, 0x236e4000, 0x23711000, "block"),
	RESERVED(HANDOFF_KIND_ACPI, 0x24f79000, 0x24f7b000, "ACPI DSDT"),
	RESERVED(HANDOFF_KIND_SMBIOS, 0x24f80000, 0x24f80100, "of twenty-three letters"),
};
static const struct made_range laptop[] = {
	{ 7, 0, 0xa0000, 0 },       { 7, MIB(1), MIB(8), 0 },     { 10, MIB(8), MIB(9), 0 },
	{ 7, MIB(9), MIB(590), 0 }, { 6, MIB(590), MIB(591), 0 }, { 7, MIB(591), 0x256f4000, 0 }
};
static const struct made_range server[] = { { 7, 0, GIB(2), 0 },
	                                    { 0, GIB(3), GIB(3) + MIB(1), 0 },
	                                    { 10, GIB(4), GIB(1000), 0 },
	                                    { 6, GIB(1000), GIB(2023), 0 },
	                                    { 0, GIB(2023), GIB(3046), 0 },
	                                    { 7, GIB(3046), UINT64_C(1) << 46, 0 } };

static const struct made_range crowd[] = { { 7, 0, 0xa0000, 0 },
	                                   { 7, MIB(1), MIB(100), 0 },
	                                   { 10, MIB(100), MIB(120) + 0x66000, 0 },
	                                   { 6, MIB(120) + 0x66000, MIB(160), 0 },
	                                   { 0, MIB(160), MIB(199) + 0x1a000, 0 },
	                                   { 7, MIB(200), MIB(300), 0 } };
static const struct machine {
	const char *name;
	const struct made_range *ranges;
	size_t n_ranges;
} machines[] = {
	{ "a laptop", laptop, COUNT(laptop) },
	{ "a cell for every owner", crowd, COUNT(crowd) },
	{ "a server that is all owners", server, COUNT(server) },
};

static struct handoff_block block;
static struct proof proof;
static struct proof_view shown;
static struct canvas canvas;
static uint8_t dots[CANVAS_HEIGHT][CANVAS_WIDTH];
static struct view view;
static struct glyphs glyphs;
static uint32_t pictures;                    /* the sum of all that were read, in all tests */
static char all_text[GLYPHS_MOST_ROWS * 81]; /* of all rows, one blank between two words */

#define TO_DO_143                                                                              \
	"Boot it as on 27 Nov 13:22 (docked, on battery, lid closed, with an external screen " \
	"and the second DIMM) to resume. A failed one loses them all"
_Static_assert(sizeof TO_DO_143 == 144, "the longest that a block can have");

static void make_block(const struct machine *machine, uint32_t answer)
{
	memset(&block, 0, sizeof block);
	block.version_major = 1;
	block.version_minor = 1;
	block.header_bytes = HANDOFF_BLOCK_BYTES;
	block.answer = answer;
	strcpy(block.answer_lines[0], "since 27 Nov 13:22 (docked).");
	strcpy(block.answer_lines[1], "Linux would refuse to resume from hibernation.");
	strcpy(block.answer_brief, "MAP CHANGED since 27 Nov 13:22 (docked): Linux would refuse");
	strcpy(block.answer_to_do, TO_DO_143);
	strcpy(block.capture_name, "0002.map");
	proof = (struct proof){ .block = &block, .end_paddr = UINT64_MAX };
	proof.view =
		made_view(machine->ranges, machine->n_ranges, reservations, COUNT(reservations));
	block.free_pages = proof.view.node_low_pfn;
}

static void start(uint32_t n_rows)
{
	assert_true(canvas_init(&canvas, n_rows, dots, CANVAS_HEIGHT));
	view = (struct view){ .canvas = &canvas };
	proof_view_init(&shown, &proof);
	proof_view_trust(&shown, n_rows);
}

static const char *const briefs[CHECK_COUNT] = {
	"version 1.1",
	"46 values",
	"RAM ends at 1023.9 GiB",
	"17179869184 bits",
	"17179869184 pages given",
	"1023.9 GiB read back",
	"4294967295 as recorded",
	"999 as recorded",
	"none recorded",
	"beyond reach",
	"as handed over",
	"2026-11-27 13:22",
};

/* So many checks have come to what they come to. */
static void pass(uint32_t n_checks)
{
	while (shown.n_done < n_checks) {
		struct outcome outcome =
			outcome_in_brief(outcome_ok(1, "of all words, the longest ones"), "%s",
		                         briefs[shown.n_done]);

		if (shown.n_done == CHECK_INITRD || shown.n_done == CHECK_OTHERS)
			outcome.kind = OUTCOME_NOT_APPLICABLE;
		proof_view_begin(&shown);
		proof_view_add(&shown, &outcome);
	}
}

static void paint(int what, uint64_t n_done, pfn_t pfn)
{
	struct progress progress = { what, n_done, 2 * block.free_pages, pfn };
	struct picture_place place;

	proof_view_tell(&shown, &progress);
	while (proof_view_paint(&shown, &place))
		;
}

/* ---- Reading ---- */

static int by_place(const void *left, const void *right)
{
	const struct glyphs_row *a = left, *b = right;

	return a->y != b->y ? (a->y < b->y ? -1 : 1) : a->size < b->size ? -1 : a->size > b->size;
}

static void join(void)
{
	size_t length = 0;

	for (size_t i = 0; i < glyphs.n_rows; i++)
		for (const char *at = glyphs.rows[i].text; *at != '\0'; at++)
			if (*at != ' ' || (length > 0 && all_text[length - 1] != ' '))
				all_text[length++] = *at;
	all_text[length] = '\0';
}

static void read_screen(void)
{
	pictures = read_canvas_add(pictures, &canvas);
	glyphs_read(&glyphs, &canvas);
	qsort(glyphs.rows, glyphs.n_rows, sizeof glyphs.rows[0], by_place);
	join();
	for (size_t i = 0; i < glyphs.n_rows; i++) {
		const struct glyphs_row *row = &glyphs.rows[i];

		if (row->size == 1 && (strncmp(row->text, "  ", 2) != 0 || row->text[78] != ' ' ||
		                       row->text[79] != ' '))
			fail_msg("in the margin: `%s'", row->text);
		if (strchr(row->text, '?') != NULL && strstr(row->text, "they were?") == NULL &&
		    strstr(row->text, "it was?") == NULL && strstr(row->text, "answer?") == NULL)
			fail_msg("no glyph: `%s'", row->text);
	}
}

static void print_screen(void)
{
	for (size_t i = 0; i < glyphs.n_rows; i++)
		print_message("%3u %s\n", glyphs.rows[i].y, glyphs.rows[i].text);
}

static void assert_says(const char *text)
{
	if (strstr(all_text, text) != NULL)
		return;
	print_screen();
	fail_msg("nobody says `%s'", text);
}

static void assert_not_cut(void)
{
	if (strstr(all_text, "...") == NULL)
		return;
	print_screen();
	fail_msg("something is cut");
}

/* All that is said ends above the last row. */
static void assert_above(const char *last)
{
	const struct glyphs_row *row = glyphs_find(&glyphs, last);

	if (row == NULL || row->y != canvas.height - 17)
		fail_msg("`%s' is not the last row", last);
	for (size_t i = 0; i < glyphs.n_rows; i++)
		if (&glyphs.rows[i] != row)
			assert_true(glyphs.rows[i].y + 16 * glyphs.rows[i].size <=
			            canvas.height - 18);
}

static const char finished[] =
	"Finished. Switch the computer off. P power off R restart D all checks";

/* ---- Rows ---- */

static void every_check_is_named_before_it_begins(void **state)
{
	static const char *const names[] = { "block",     "entry",  "limits",    "bitmap",
		                             "allocator", "memory", "acpi",      "smbios",
		                             "initrd",    "others", "unchanged", "runtime" };

	(void)state;
	for (size_t i = 0; i < COUNT(displays); i++) {
		make_block(&machines[0], HANDOFF_ANSWER_CHANGED);
		start(displays[i]);
		proof_view_begin(&shown);
		proof_running_draw(&view, &shown);
		read_screen();
		assert_says("step 1 of 12");
		for (size_t j = 0; j < COUNT(names); j++)
			assert_says(names[j]);
		assert_says("now block");
		assert_says("wait allocator");
		assert_says("wait runtime");
		assert_says("block: what was handed over, field by field");
		assert_above("Only memory is written, never a disk.");
	}
}

static void a_check_that_runs_says_how_far_it_is(void **state)
{
	(void)state;
	for (size_t m = 0; m < COUNT(machines); m++)
		for (size_t i = 0; i < COUNT(displays); i++) {
			make_block(&machines[m], HANDOFF_ANSWER_CHANGED);
			start(displays[i]);
			pass(CHECK_MEMORY);
			proof_view_begin(&shown);
			paint(PROGRESS_WRITES, block.free_pages, proof.view.node_low_pfn);
			paint(PROGRESS_READS_BACK, block.free_pages * 3 / 2,
			      proof.view.node_low_pfn / 2);
			proof_running_draw(&view, &shown);
			read_screen();
			assert_says("MAP CHANGED since 27 Nov 13:22 (docked): Linux would refuse");
			assert_says("step 6 of 12");
			assert_says("ok limits RAM ends at 1023.9 GiB wait initrd");
			assert_says("ok allocator 17179869184 pages given wait unchanged");
			assert_says("now memory reading back wait runtime");
			assert_says("memory: reading back what was written pass 2 of 2 75 %");
			assert_says("free written read back");
			assert_says("some pages free 1 cell = ");
			assert_not_cut();
			assert_above("You may switch off at any time.");
		}
}

/* Parts that are drawn by themselves are where the whole screen has them. */
static void what_changes_is_drawn_where_it_stands(void **state)
{
	static uint8_t whole[CANVAS_HEIGHT][CANVAS_WIDTH];
	struct picture_place place;

	(void)state;
	for (size_t i = 0; i < COUNT(displays); i++) {
		struct progress progress = { PROGRESS_WRITES, 0, 0, 0 };

		make_block(&machines[0], HANDOFF_ANSWER_FIRST);
		start(displays[i]);
		proof_view_begin(&shown);
		proof_running_draw(&view, &shown);
		for (uint32_t n = 0; n < CHECK_MEMORY; n++) {
			pass(n + 1);
			proof_running_draw_check(&view, &shown, (enum check_id)n);
			proof_view_begin(&shown);
			proof_running_draw_title(&view, &shown);
			proof_running_draw_check(&view, &shown, (enum check_id)(n + 1));
			proof_running_draw_doing(&view, &shown);
		}
		progress.n_whole = 2 * block.free_pages;
		for (uint64_t n = 0; n < 10; n++) {
			progress.n_done = block.free_pages * n / 10;
			progress.pfn = proof.view.node_low_pfn * n / 10;
			if (proof_view_tell(&shown, &progress)) {
				proof_running_draw_check(&view, &shown, CHECK_MEMORY);
				proof_running_draw_doing(&view, &shown);
			}
			while (proof_view_paint(&shown, &place))
				proof_running_draw_cell(&view, &shown, place);
			proof_running_draw_percent(&view, &shown);
			proof_running_draw_bar(&view, &shown, 0,
			                       (uint32_t)(PROOF_RUNNING_BAR_DOTS * n / 20));
		}
		memcpy(whole, canvas.dots, sizeof whole);
		proof_running_draw(&view, &shown);
		for (uint32_t y = 0; y < canvas.height; y++)
			if (memcmp(whole[y], canvas.dots[y], CANVAS_WIDTH) != 0)
				fail_msg("%u rows: line %u of dots is another one", displays[i], y);
	}
}

static const struct {
	uint32_t answer;
	const char *big, *means;
} answers[] = {
	{ HANDOFF_ANSWER_NONE, NULL, "The map is sound: what it calls free belongs to nobody." },
	{ HANDOFF_ANSWER_FAILED, "NOT COMPARED", "what it calls free belongs to nobody." },
	{ HANDOFF_ANSWER_FIRST, "FIRST BOOT", "another boot of the stick will show." },
	{ HANDOFF_ANSWER_UNCHANGED, "MAP UNCHANGED", "it would not stop Linux from resuming." },
	{ HANDOFF_ANSWER_CHANGED, "MAP CHANGED", "A system hibernated then would not resume." },
};

static void draw_verdict(void)
{
	proof_verdict_draw(&view, &shown);
	proof_verdict_draw_end(&view, HANDOFF_END_HALT, 0, true, false);
	read_screen();
	assert_above("P power off");
	assert_says(finished);
}

static void a_pass_says_what_it_means_and_what_to_do(void **state)
{
	(void)state;
	for (size_t m = 0; m < COUNT(machines); m++)
		for (size_t a = m; a < COUNT(answers); a += 2)
			for (size_t i = 0; i < COUNT(displays); i++) {
				make_block(&machines[m], answers[a].answer);
				start(displays[i]);
				pass(CHECK_MEMORY);
				proof_view_begin(&shown);
				paint(PROGRESS_WRITES, 0, proof.view.node_low_pfn);
				paint(PROGRESS_READS_BACK, 0, proof.view.node_low_pfn);
				pass(CHECK_COUNT);
				draw_verdict();
				assert_says("12 of 12 checks");
				assert_says("PROOF PASS");
				assert_says("This boot's map is right, page for page.");
				assert_says("filled and read back, nothing else changed.");
				if (answers[a].big != NULL) {
					assert_says(answers[a].big);
					assert_says(block.answer_lines[0]);
					assert_says(block.answer_lines[1]);
					assert_says("To do " TO_DO_143
					            " Everything is saved: 0002.map.");
				} else {
					assert_says("To do Everything is saved: 0002.map.");
				}
				assert_says(answers[a].means);
				assert_says("U UEFI ");
				assert_says("free, proved");
				assert_not_cut();
			}
}

static void a_part_of_memory_is_called_a_part(void **state)
{
	struct progress progress = { PROGRESS_WRITES, 0, 2 * 0x4000, 0 };

	(void)state;
	make_block(&machines[0], HANDOFF_ANSWER_FIRST);
	start(22);
	pass(CHECK_MEMORY);
	proof_view_begin(&shown);
	proof_view_tell(&shown, &progress);
	proof_running_draw(&view, &shown);
	read_screen();
	assert_says("memory: writing to a part of the free pages pass 1 of 2 0 %");
	pass(CHECK_COUNT);
	draw_verdict();
	assert_says("64 MiB of it filled, nothing else changed.");
}

static void the_resume_answer_is_red_and_the_pass_green(void **state)
{
	(void)state;
	make_block(&machines[0], HANDOFF_ANSWER_CHANGED);
	start(25);
	pass(CHECK_COUNT);
	draw_verdict();
	assert_int_equal(canvas.dots[glyphs_find(&glyphs, "MAP CHANGED")->y][0], CANVAS_RED);
	assert_int_equal(canvas.dots[glyphs_find(&glyphs, "PROOF PASS")->y][0], CANVAS_GREEN);
	assert_true(glyphs_find(&glyphs, "MAP CHANGED")->y < glyphs_find(&glyphs, "PROOF PASS")->y);
}

static void a_block_of_version_1_0_has_no_answer_to_show(void **state)
{
	(void)state;
	make_block(&machines[0], HANDOFF_ANSWER_CHANGED);
	block.header_bytes = HANDOFF_BLOCK_BYTES_1_0;
	start(22);
	pass(CHECK_COUNT);
	draw_verdict();
	assert_null(strstr(all_text, "MAP"));
	assert_says("To do Nothing.");
}

/* The longest that a loader can say: cut in its band, and nowhere else. */
static void a_long_answer_stays_in_its_band(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(displays); i++) {
		make_block(&machines[2], HANDOFF_ANSWER_UNCHANGED);
		memset(block.answer_lines[0], 'w', 71);
		memset(block.answer_lines[1], 'w', 71);
		memset(block.answer_brief, 'w', 79);
		start(displays[i]);
		pass(CHECK_COUNT);
		draw_verdict();
		assert_says("www...");
		proof_running_draw(&view, &shown);
		read_screen();
		assert_says("www...");
	}
}

static void a_failure_names_page_owner_and_what_to_do(void **state)
{
	static const struct {
		enum check_id id;
		enum failure number;
		pfn_t pfn;
		const char *what;
		const char *line, *owner, *means, *to_do;
	} rows[] = {
		{ CHECK_BITMAP, FAILURE_CHECK_BITMAP, 0x24f79, "is free, and must not be",
		  "Page 0x24f79 is free, and must not be.", "Its owner is ACPI DSDT, at 591.4 MiB.",
		  "That is a fault in bootmem.", "report it." },
		{ CHECK_BITMAP, FAILURE_CHECK_BITMAP, 0x24e80, "is free, and must not be",
		  "Page 0x24e80 is free, and must not be.", "Its owner is UEFI, at 590.5 MiB.",
		  "a fault in bootmem.", "report it." },
		{ CHECK_BITMAP, FAILURE_CHECK_BITMAP, 0x4000, "is reserved, and should be free",
		  "Page 0x4000 is reserved, and should be free.",
		  "It is RAM that nobody owns, at 64 MiB.", "a fault in bootmem.", "report it." },
		{ CHECK_ALLOCATOR, FAILURE_CHECK_ALLOCATOR, 0x24f80,
		  "was handed out, and was not free",
		  "Page 0x24f80 was handed out, and was not free.",
		  "Its owner is of twenty-three letters, at 591.5 MiB.", "a fault in bootmem.",
		  "report it." },
		{ CHECK_MEMORY, FAILURE_CHECK_MEMORY, 0x20000, "did not keep what was written",
		  "Page 0x20000 did not keep what was written.",
		  "It is RAM that nobody owns, at 512 MiB.",
		  "is not the RAM that the firmware says, or the RAM is faulty.",
		  "Test the RAM with memtest86+." },
		{ CHECK_ACPI, FAILURE_CHECK_ACPI, 0x24f79, "or one behind it changed, and must not",
		  "Page 0x24f79 or one behind it changed, and must not.",
		  "Its owner is ACPI DSDT, at 591.4 MiB.",
		  "hit a firmware table: the firmware's map is wrong, or the RAM is faulty.",
		  "Test the RAM with memtest86+." },
	};

	char number[32];

	(void)state;
	for (size_t r = 0; r < COUNT(rows); r++)
		for (size_t i = 0; i < COUNT(displays); i++) {
			struct outcome outcome =
				outcome_of_page(outcome_fail("why"), rows[r].pfn, rows[r].what);

			make_block(&machines[0], HANDOFF_ANSWER_CHANGED);
			start(displays[i]);
			pass((uint32_t)rows[r].id);
			proof_view_begin(&shown);
			proof_view_add(&shown, &outcome);
			pass(CHECK_COUNT);
			draw_verdict();
			assert_says("PROOF FAIL");
			assert_says("MAP CHANGED");
			assert_says(rows[r].line);
			assert_says(rows[r].owner);
			assert_says(rows[r].means);
			snprintf(number, sizeof number, "Failure %u in README.md.",
			         (unsigned)rows[r].number);
			assert_says(number);
			assert_says(rows[r].to_do);
			assert_says("! failed");
			assert_says("!"); /* and the cell */
			assert_not_cut();
		}
}

static void the_last_row_of_the_picture_points_at_its_page(void **state)
{
	(void)state;
	make_block(&machines[0], HANDOFF_ANSWER_CHANGED);
	start(22);
	pass(CHECK_ACPI);
	proof_view_begin(&shown);
	{
		struct outcome outcome = outcome_of_page(outcome_fail("why"), 0x24f79, "changed");

		proof_view_add(&shown, &outcome);
	}
	draw_verdict();
	assert_says("<- 0x24f79000");
}

/* By the name of the check, in the text that README.md has too. */
static const char *words_of_number(uint32_t id)
{
	static char words[32];
	char text[64];

	snprintf(text, sizeof text, "Check %s failed.", proof_view_name((enum check_id)id));
	for (unsigned number = 0; number < FAILURE_END; number++)
		if (failure_text(number) != NULL && strcmp(failure_text(number), text) == 0) {
			snprintf(words, sizeof words, "Failure %u in README.md.", number);
			return words;
		}
	fail_msg("%s has no number", text);
	return "";
}

/* Words of the loader's, of the firmware's, of addresses: as long as they get. */
static void a_failure_without_a_page_says_why(void **state)
{
	char longest[200];

	(void)state;
	memset(longest, 'w', 199);
	for (size_t i = 9; i < 199; i += 10)
		longest[i] = ' ';
	longest[199] = '\0';
	for (size_t i = 0; i < COUNT(displays); i++)
		for (uint32_t id = 0; id < CHECK_COUNT; id++) {
			struct outcome outcome = outcome_fail("%s", longest);

			make_block(&machines[2], HANDOFF_ANSWER_UNCHANGED);
			start(displays[i]);
			shown.is_trusted = id > CHECK_BLOCK;
			pass(id);
			proof_view_begin(&shown);
			proof_view_add(&shown, &outcome);
			draw_verdict();
			assert_says("PROOF FAIL");
			assert_says("failed.");
			assert_says(longest);
			assert_says(words_of_number(id));
			assert_not_cut();
		}
}

static void a_proof_that_stopped_says_so(void **state)
{
	static const char reason[] =
		"control protection (vector 21, error code 0xffffffff) at 0xffffffffffffffff";

	(void)state;
	for (size_t i = 0; i < COUNT(displays); i++) {
		make_block(&machines[0], HANDOFF_ANSWER_CHANGED);
		start(displays[i]);
		pass(CHECK_MEMORY);
		proof_view_begin(&shown);
		proof_view_stop(&shown, reason);
		draw_verdict();
		assert_says("PROOF FAIL");
		assert_says("It stopped in the middle.");
		assert_says("check 6 of 12, memory");
		assert_says(reason);
		assert_says("report it.");
		proof_verdict_draw_all(&view, &shown);
		read_screen();
		assert_says("FAIL memory control protection");
		assert_says("- runtime not run");
	}
	pass(CHECK_ACPI); /* between two checks */
	proof_view_stop(&shown, reason);
	draw_verdict();
	assert_says(reason);
}

static void all_checks_have_all_their_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(displays); i++) {
		make_block(&machines[0], HANDOFF_ANSWER_CHANGED);
		start(displays[i]);
		pass(CHECK_COUNT);
		strcpy(shown.outcomes[CHECK_LIMITS].text,
		       "max_low_pfn 0x400000000, max_pfn 0x400000000 (UEFI 0x400000000); 1234 e820 "
		       "ranges agree with 12345 descriptors");
		proof_verdict_draw_all(&view, &shown);
		proof_verdict_draw_end(&view, HANDOFF_END_HALT, 0, true, true);
		read_screen();
		assert_says(
			"ok limits max_low_pfn 0x400000000, max_pfn 0x400000000 (UEFI "
			"0x400000000); 1234 e820 ranges agree with 12345 descriptors ok bitmap");
		assert_says("MAP CHANGED since 27 Nov 13:22 (docked): Linux would refuse");
		assert_says("PROOF PASS: This boot's map is right, page for page.");
		assert_says("n/a initrd of all words, the longest ones");
		assert_says("ok runtime of all words");
		assert_says("D verdict");
		assert_not_cut();
		assert_above("D verdict");
		for (uint32_t id = 0; id < CHECK_COUNT; id++)
			memset(shown.outcomes[id].text, 'w', 199);
		proof_verdict_draw_all(&view, &shown);
		proof_verdict_draw_end(&view, HANDOFF_END_HALT, 0, true, true);
		read_screen();
		assert_says("ok runtime www"); /* all have a row, if not all of it */
		assert_above("D verdict");
	}
}

static void the_last_row_says_what_happens(void **state)
{
	static const struct {
		uint32_t at_end, seconds;
		bool has_keys;
		const char *text;
	} rows[] = {
		{ HANDOFF_END_HALT, 0, true, "Finished. Switch the computer off. P power off R" },
		{ HANDOFF_END_HALT, 0, false, "Finished. Hold the power button for 5 seconds." },
		{ HANDOFF_END_RESET, 30, true,
		  "Restarts in 30 s. Any key stops it. P power off R" },
		{ HANDOFF_END_POWEROFF, 9, true, "Powers off in 9 s. Any key stops it. P power" },
		{ HANDOFF_END_POWEROFF, 1, false, "Powers off in 1 s." },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		make_block(&machines[0], HANDOFF_ANSWER_NONE);
		start(22);
		proof_verdict_draw_end(&view, rows[i].at_end, rows[i].seconds, rows[i].has_keys,
		                       false);
		read_screen();
		assert_says(rows[i].text);
	}
}

/* The last test: where things stood in all pictures that the others read. The screen names the
 * width of its kernel. */
static void pictures_are_what_they_were(void **state)
{
	const uint32_t sum = sizeof(void *) == 8 ? 0x755e6f0a : 0x62c14a55;

	(void)state;
	if (pictures != sum)
		fail_msg("the pictures have another sum: look at them, and if that was meant, it "
		         "is 0x%08x",
		         (unsigned)pictures);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_check_is_named_before_it_begins),
		cmocka_unit_test(a_check_that_runs_says_how_far_it_is),
		cmocka_unit_test(what_changes_is_drawn_where_it_stands),
		cmocka_unit_test(a_pass_says_what_it_means_and_what_to_do),
		cmocka_unit_test(a_part_of_memory_is_called_a_part),
		cmocka_unit_test(the_resume_answer_is_red_and_the_pass_green),
		cmocka_unit_test(a_block_of_version_1_0_has_no_answer_to_show),
		cmocka_unit_test(a_long_answer_stays_in_its_band),
		cmocka_unit_test(a_failure_names_page_owner_and_what_to_do),
		cmocka_unit_test(the_last_row_of_the_picture_points_at_its_page),
		cmocka_unit_test(a_failure_without_a_page_says_why),
		cmocka_unit_test(a_proof_that_stopped_says_so),
		cmocka_unit_test(all_checks_have_all_their_words),
		cmocka_unit_test(the_last_row_says_what_happens),
		cmocka_unit_test(pictures_are_what_they_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
