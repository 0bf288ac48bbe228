/*
 * test_pages.c - the screens of the application: what is said stands on the display, whole, at each
 * number of rows and with the longest words that there can be; and what keys do with them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "efi/last_error.h"
#include "efi/screen/pages.h"
#include "handoff/handoff.h"
#include "tests/unit/fake_firmware.h"
#include "tests/unit/read_canvas.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

#define MOST_CHANGES 64
#define LONG_LABEL \
	"docked, on battery, external screen, after a firmware update, after a failed resume, lid closed, and"

static struct boot boot;
static struct canvas canvas;
static uint8_t dots[CANVAS_HEIGHT][CANVAS_WIDTH];
static char said[16384];

static struct e820_range now[64], then[64];
static struct step_change changes[MOST_CHANGES];
static uint64_t scratch[16384];
static struct past_boot boots[8];

/* --- a boot --- */

static EFI_STATUS EFIAPI output(SIMPLE_TEXT_OUTPUT_INTERFACE *this, CHAR16 *text)
{
	size_t n = strlen(said);

	(void)this;
	for (; *text != 0 && n + 1 < sizeof said; text++)
		if (*text != '\r')
			said[n++] = (char)*text;
	said[n] = '\0';
	return EFI_SUCCESS;
}

static SIMPLE_TEXT_OUTPUT_INTERFACE out = { .OutputString = output };

/* RAM with @n ranges in it, all of which are @shift_paddr higher now. */
static void make_maps(size_t n, paddr_t shift_paddr)
{
	struct e820_map *maps[] = { &boot.comparison.other_e820, &boot.plan.whole_e820 };
	struct e820_range *ranges[] = { then, now };

	for (size_t side = 0; side < 2; side++) {
		paddr_t paddr = 0x1f400000 + (side == 1 ? shift_paddr : 0), start_paddr = 0x100000;

		*maps[side] = (struct e820_map){ ranges[side], 0, N_OF(now) };
		e820_add(maps[side], 0, 0xa0000, E820_RAM);
		for (size_t i = 0; i < n; i++, paddr += 0x200000) {
			e820_add(maps[side], start_paddr, paddr, E820_RAM);
			start_paddr = paddr + 0x100000;
			e820_add(maps[side], paddr, start_paddr, i % 2 ? E820_NVS : E820_ACPI);
		}
		e820_add(maps[side], start_paddr, 0x30000000, E820_RAM);
		e820_add(maps[side], UINT64_C(0xfe800000000), UINT64_C(0xfe900000000),
		         E820_RESERVED);
	}
}

static void compare(enum comparison_kind kind, size_t n_boots)
{
	struct comparison *comparison = &boot.comparison;
	struct step_side sides[SIDES] = { { .e820 = &comparison->other_e820 },
		                          { .e820 = &boot.plan.whole_e820 } };

	comparison->kind = kind;
	comparison->step.changes = changes;
	comparison->step.capacity = MOST_CHANGES;
	assert_int_equal(step_find(sides, &comparison->step, scratch, sizeof scratch), MAP_OK);
	for (size_t i = 0; i < n_boots; i++) {
		boots[i] = (struct past_boot){ .number = (unsigned)i + 1, .ram_bytes = 530055168 };
		snprintf(boots[i].time, sizeof boots[i].time, "2026-11-2%zuT13:2%zu:00", i, i);
		boots[i].map = kind == COMPARISON_CHANGED && i + 1 == n_boots;
	}
	comparison->boots = boots;
	comparison->n_boots = n_boots;
	comparison->now = boots[n_boots - 1];
	comparison->n_maps = kind == COMPARISON_CHANGED ? 2 : 1;
	comparison->n_with_this_map = kind == COMPARISON_CHANGED ? 0 : (unsigned)n_boots - 1;
	comparison->last = n_boots > 1 ? &boots[n_boots - 2] : NULL;
	comparison->other = kind == COMPARISON_CHANGED ? comparison->last : NULL;
	comparison->number = (unsigned)n_boots;
	snprintf(comparison->path, sizeof comparison->path, "\\bootmem\\captures\\%04zu.map",
	         n_boots);
}

static void begin(uint32_t width, uint32_t height)
{
	memset(&boot, 0, sizeof boot);
	memset(boots, 0, sizeof boots);
	said[0] = '\0';
	assert_true(canvas_divide(width, height, &boot.display.grid));
	assert_true(canvas_init(&canvas, boot.display.grid.n_rows, dots, CANVAS_HEIGHT));
	boot.display.canvas = &canvas;
	boot.firmware.has_screen = true;
	boot.firmware.texts[0] = &out;
	boot.firmware.n_texts = 1;
	make_maps(4, 0x4000);
}

static void answer(bool has_tpm_log)
{
	const struct answer_limits limits = { .has_tpm_log = has_tpm_log };

	answer_make(&boot.comparison, &limits, &boot.answer);
}

/* --- what is said is seen --- */

static uint32_t pictures; /* their sum, of one test */

/* Where things stand: nothing above says whether there is air between them. */
static void pictures_are(const char *what, uint32_t sum)
{
	if (pictures != sum)
		fail_msg("the pictures of %s have another sum: look at them, and if that was "
		         "meant, it is 0x%08x",
		         what, (unsigned)pictures);
	pictures = 0;
}

static const char *const signs = "!=1?X";

/* The words of a band are larger in the picture, or in another order; view.h has its own tests. */
static bool is_band(const char *line)
{
	return strchr(signs, line[0]) != NULL && line[1] == ' ';
}

static bool is_keys(const char *line)
{
	return strncmp(line, "Enter ", 6) == 0 || strncmp(line, "1-6 ", 4) == 0 ||
	       strncmp(line, "R restart", 9) == 0;
}

static void all_that_is_said_is_seen(const char *what)
{
	static char copy[sizeof said];

	pictures = read_canvas_add(pictures, &canvas);
	strcpy(copy, said);
	for (char *line = strtok(copy, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		char *text = line + strlen("bootmem: ");
		uint32_t column = 2;

		assert_memory_equal(line, "bootmem: ", strlen("bootmem: "));
		if (is_band(text) || is_keys(text))
			continue;
		for (; *text == ' '; text++)
			column++;
		if (!read_canvas_has(&canvas, column, text, NULL) &&
		    !read_canvas_has(&canvas, column + 9, text, NULL)) /* the title */
			fail_msg("%s: not seen: %s", what, text);
	}
}

/* Where the clock will stand. */
static void the_row_of_the_clock_is_free(const char *what)
{
	for (uint32_t y = canvas.height - 34; y < canvas.height - 18; y++)
		for (uint32_t x = 0; x < CANVAS_WIDTH; x++)
			if (canvas.dots[y][x] != CANVAS_BACKGROUND)
				fail_msg("%s: something is where the clock will be", what);
}

static const struct {
	uint32_t width, height;
} displays[] = { { 640, 480 },  { 640, 352 },  { 1280, 720 },
	         { 1280, 800 }, { 1366, 768 }, { 3840, 2160 } };

/* As many notes as there can be, and the longest. */
static void note_everything(void)
{
	boot.plan.booted = &boot.plan.ia32;
	boot.facts.framebuffer = (struct handoff_framebuffer){ .paddr = UINT64_C(0x3fffff0000000),
		                                               .bytes = UINT64_C(0x10000000) };
	snprintf(boot.remember.last, sizeof boot.remember.last, "%s", "reading the memory map");
}

static void an_answer_is_whole_on_every_display(void **state)
{
	static const struct {
		const char *rule;
		enum comparison_kind kind;
		size_t n_boots, n_ranges;
		const char *label;
		unsigned n_facts, n_damaged, n_others;
		EFI_STATUS saved;
		bool has_tpm_log;
	} rows[] = {
		{ "changed", COMPARISON_CHANGED, 2, 4, "", 0, 0, 0, EFI_SUCCESS, false },
		{ "changed, with a label", COMPARISON_CHANGED, 2, 4, "docked", 1, 0, 0, EFI_SUCCESS,
		  false },
		{ "changed, with everything", COMPARISON_CHANGED, 8, 24, LONG_LABEL, 3, 2, 12,
		  EFI_SUCCESS, false },
		{ "changed, not saved", COMPARISON_CHANGED, 2, 1, "", 0, 0, 0, EFI_VOLUME_FULL,
		  false },
		{ "unchanged", COMPARISON_UNCHANGED, 2, 4, "", 0, 0, 0, EFI_SUCCESS, false },
		{ "unchanged, with everything", COMPARISON_UNCHANGED, 8, 4, "docked", 0, 1, 1,
		  EFI_SUCCESS, true },
		{ "unchanged, not saved", COMPARISON_UNCHANGED, 8, 4, "", 0, 0, 0, EFI_END_OF_MEDIA,
		  false },
		{ "the first", COMPARISON_FIRST, 1, 4, "", 0, 0, 3, EFI_SUCCESS, false },
		{ "the first, not saved", COMPARISON_FIRST, 1, 4, "", 0, 0, 0, EFI_WRITE_PROTECTED,
		  false },
		{ "not compared", COMPARISON_FAILED, 1, 4, "", 0, 1, 0, EFI_SUCCESS, false },
		{ "not asked for", COMPARISON_NONE, 1, 4, "", 0, 0, 0, EFI_SUCCESS, false },
	};

	(void)state;
	pictures = 0;
	for (size_t i = 0; i < N_OF(rows); i++) {
		for (size_t k = 0; k < 2 * N_OF(displays); k++) {
			bool has_notes = k >= N_OF(displays);
			size_t j = k % N_OF(displays);
			char what[128];

			snprintf(what, sizeof what, "%s%s at %ux%u", rows[i].rule,
			         has_notes ? ", with notes" : "", displays[j].width,
			         displays[j].height);
			begin(displays[j].width, displays[j].height);
			make_maps(rows[i].n_ranges, 0x4000);
			compare(rows[i].kind, rows[i].n_boots);
			for (size_t n = 0; n < rows[i].n_boots; n++)
				snprintf(boots[n].label, sizeof boots[n].label, "%s",
				         rows[i].label);
			boot.comparison.n_facts = rows[i].n_facts;
			boot.comparison.n_damaged = rows[i].n_damaged;
			boot.comparison.damaged_number = 3;
			boot.comparison.n_other_machines = rows[i].n_others;
			boot.comparison.saved = rows[i].saved;
			answer(rows[i].has_tpm_log);
			if (has_notes)
				note_everything();
			page_answer(&boot, ANSWER_KEYS);
			assert_int_equal(strstr(said, "bootmem: Note     The last boot") != NULL,
			                 has_notes);
			assert_int_equal(
				strstr(said, "bootmem: Note     The kernel will have no") != NULL,
				has_notes);
			all_that_is_said_is_seen(what);
			the_row_of_the_clock_is_free(what);
			assert_non_null(strstr(said, "bootmem: Enter prove memory"));
		}
	}
	pictures_are("answers", 0x3f5633f9);
}

/* The column of the first red dot in the row that begins with @name; CANVAS_WIDTH if there is none.
 */
static uint32_t first_red(const char *name)
{
	uint32_t y;

	assert_true(read_canvas_has(&canvas, 2, name, &y));
	for (uint32_t x = 0; x < CANVAS_WIDTH; x++)
		for (uint32_t line = y; line < y + FONT_HEIGHT; line++)
			if (canvas.dots[line][x] == CANVAS_RED)
				return x;
	return CANVAS_WIDTH;
}

/* 32 MiB of 768 are a twentieth of a strip. */
static void what_has_moved_is_red_where_it_was_and_where_it_is(void **state)
{
	uint32_t then_x, now_x;

	(void)state;
	begin(640, 480);
	make_maps(1, 0x2000000);
	compare(COMPARISON_CHANGED, 2);
	answer(false);
	page_answer(&boot, ANSWER_KEYS);
	then_x = first_red("then");
	now_x = first_red("now");
	assert_in_range(now_x, then_x + 1, CANVAS_WIDTH - 1);
}

static void details_are_whole_on_every_display(void **state)
{
	(void)state;
	pictures = 0;
	for (size_t j = 0; j < N_OF(displays); j++) {
		begin(displays[j].width, displays[j].height);
		make_maps(24, 0x4000);
		compare(COMPARISON_CHANGED, 3);
		answer(false);
		for (unsigned tab = 0; tab < DETAILS_TABS; tab++) {
			unsigned n_pages;

			if (tab == 5)
				continue; /* reads the firmware's variables */
			n_pages = page_details_count(&boot, tab);
			for (unsigned page = 0; page < n_pages; page++) {
				char what[64];

				snprintf(what, sizeof what, "tab %u page %u of %u at %u", tab + 1,
				         page + 1, n_pages, displays[j].width);
				said[0] = '\0';
				page_details(&boot, tab, page);
				all_that_is_said_is_seen(what);
			}
		}
	}
	pictures_are("details", 0xd0b196b4);
}

/* 16 GiB, then 64 GiB; a window above 2^44, one above 2^48, and a type of a long name. */
static void high_addresses_have_room(void **state)
{
	static const struct {
		paddr_t ram_end_paddr, window_paddr, high_paddr;
	} sides[SIDES] = { { UINT64_C(0x47f380000), UINT64_C(0x3fff80000000), 1ULL << 50 },
		           { UINT64_C(0x107f380000), UINT64_C(0x3ffe00000000), 1ULL << 50 } };
	struct e820_map *maps[] = { &boot.comparison.other_e820, &boot.plan.whole_e820 };

	(void)state;
	begin(640, 480);
	for (size_t side = 0; side < SIDES; side++) {
		maps[side]->n_ranges = 0;
		e820_add(maps[side], 0x100000, sides[side].ram_end_paddr, E820_RAM);
		e820_add(maps[side], sides[side].ram_end_paddr,
		         sides[side].ram_end_paddr + (side + 1) * 0x3fff0000, E820_SOFT_RESERVED);
		e820_add(maps[side], sides[side].window_paddr,
		         sides[side].window_paddr + 0x3fff0000, E820_RESERVED);
		e820_add(maps[side], sides[side].high_paddr, sides[side].high_paddr + 0x3fff0000,
		         E820_RESERVED);
	}
	compare(COMPARISON_CHANGED, 2);
	answer(false);
	page_answer(&boot, ANSWER_KEYS);
	page_details(&boot, 0, 0);
	assert_non_null(strstr(said, "..47f380000  ..107f380000 RAM\n"));
	said[0] = '\0';
	page_answer(&boot, ANSWER_KEYS);
	all_that_is_said_is_seen("changes");
	said[0] = '\0';
	page_details(&boot, 1, 0);
	all_that_is_said_is_seen("ranges");
	assert_non_null(strstr(said, "3ffe00000000             1023 MiB reserved "));
	assert_non_null(strstr(said, "4000000000000 "));
}

/* The number of boots that had this map is never cut. */
static void how_many_boots_had_this_map_has_room(void **state)
{
	static struct past_boot many[400];

	(void)state;
	begin(640, 480);
	compare(COMPARISON_CHANGED, 2);
	for (size_t i = 0; i < N_OF(many); i++)
		many[i] = (struct past_boot){ .number = (unsigned)i + 1, .map = i % 2 };
	boot.comparison.boots = many;
	boot.comparison.n_boots = N_OF(many);
	boot.comparison.n_with_this_map = N_OF(many) / 2 - 1;
	boot.comparison.now = many[N_OF(many) - 1];
	boot.comparison.last = boot.comparison.other = &many[N_OF(many) - 2];
	answer(false);
	page_answer(&boot, ANSWER_KEYS);
	assert_true(read_canvas_has(&canvas, 42, "this boot, as in 199 of 399 earlier", NULL));
}

/* The longest owner there can be is whole; a reason may be cut. */
static void owners_of_reservations_are_whole(void **state)
{
	static struct reservation entry;

	(void)state;
	begin(640, 352);
	compare(COMPARISON_CHANGED, 2);
	answer(false);
	entry = reservation_make(RESERVATION_BLOCK, ORIGIN_EXTENSION, LIFETIME_BOOT,
	                         (struct span){ 0x123456000, 0x123457000 },
	                         "an owner of 23 letters.", "a reason that is rather long");
	boot.plan.booted = &boot.plan.amd64;
	boot.plan.amd64.setup.reservations = (struct reservation_list){ &entry, 1, 1, 0 };
	page_details(&boot, 2, 0);
	assert_true(read_canvas_has(
		&canvas, 2,
		"0x123456000      4 KiB  an owner of 23 letters. a reason that is rather long",
		NULL));
}

/* What the firmware said, as it said it. */
static void the_uefi_map_is_shown_as_it_is(void **state)
{
	static const struct uefi_descriptor descriptors[] = {
		{ UEFI_CONVENTIONAL, 0, 0x100000, 0, 0x1ff, 0xf },
		{ UEFI_RUNTIME_SERVICES_DATA, 0, 0x3feff000, 0, 1, UEFI_MEMORY_RUNTIME | 0xf },
	};

	(void)state;
	pictures = 0;
	begin(640, 480);
	compare(COMPARISON_UNCHANGED, 2);
	answer(false);
	boot.snapshot.map =
		(struct uefi_map){ descriptors, sizeof descriptors, sizeof descriptors[0] };
	page_details(&boot, 3, 0);
	all_that_is_said_is_seen("the UEFI map");
	assert_non_null(strstr(said, "00000100000 000002ff000 "));
	assert_non_null(strstr(said, "0003feff000 0003ff00000 "));
	assert_non_null(strstr(said, " 000000000000000f\n"));
	assert_non_null(strstr(said, " 800000000000000f\n"));
	pictures_are("the UEFI map", 0x89ce1785);
}

static void what_takes_time_is_said_meanwhile(void **state)
{
	(void)state;
	pictures = 0;
	begin(640, 480);
	page_working(&boot, "Half of it, 50%%, is read.");
	all_that_is_said_is_seen("working");
	assert_non_null(strstr(said, "Half of it, 50%%, is read.\n"));
	pictures_are("what takes time", 0x69e9816f);
}

/* No row is lost between two pages, and none is there twice. */
static void pages_of_details_have_each_range_once(void **state)
{
	(void)state;
	begin(1280, 720);
	make_maps(20, 0x4000);
	compare(COMPARISON_CHANGED, 2);
	answer(false);
	said[0] = '\0';
	assert_true(page_details_count(&boot, 1) > 1);
	for (unsigned page = 0; page < page_details_count(&boot, 1); page++)
		page_details(&boot, 1, page);
	for (size_t i = 0; i < boot.plan.whole_e820.n_ranges; i++) {
		char range[32];
		const char *first;

		snprintf(range, sizeof range, "%011llx %011llx", (ull)now[i].start_paddr,
		         (ull)now[i].end_paddr);
		first = strstr(said, range);
		assert_non_null(first);
		assert_null(strstr(first + 1, range));
	}
}

static void a_label_is_put_together(void **state)
{
	struct label_choice choice = { .is_on = { [1] = true, [2] = true }, .typed = "lid closed" };
	char text[COMPARISON_LABEL_BYTES];

	(void)state;
	page_label_text(&choice, text);
	assert_string_equal(text, "undocked, on battery, lid closed");
	memset(choice.is_on, 0, sizeof choice.is_on);
	page_label_text(&choice, text);
	assert_string_equal(text, "lid closed");
	memset(choice.is_on, 1, sizeof choice.is_on);
	memset(choice.typed, 'w', sizeof choice.typed - 1);
	page_label_text(&choice, text); /* cut */
	assert_int_equal(strlen(text), sizeof text - 1);
}

static void the_label_page_is_whole_on_every_display(void **state)
{
	struct label_choice choice = { .is_on = { [1] = true }, .is_typing = true };

	(void)state;
	pictures = 0;
	for (size_t j = 0; j < N_OF(displays); j++) {
		for (size_t typed = 0; typed < 100; typed += 33) {
			begin(displays[j].width, displays[j].height);
			compare(COMPARISON_UNCHANGED, 8);
			answer(false);
			for (size_t k = 0; k < 7; k++)
				snprintf(boots[k].label, sizeof boots[k].label, "%s", LONG_LABEL);
			memset(choice.typed, 0, sizeof choice.typed);
			memset(choice.typed, 'w', typed);
			page_label(&boot, &choice);
			all_that_is_said_is_seen("label");
		}
	}
	pictures_are("labels", 0x5e7a0f4a);
}

static void an_error_page_is_whole_on_every_display(void **state)
{
	(void)state;
	pictures = 0;
	for (size_t j = 0; j < N_OF(displays); j++) {
		begin(displays[j].width, displays[j].height);
		compare(COMPARISON_CHANGED, 2);
		answer(false);
		boot.error.status = EFI_INVALID_PARAMETER;
		boot.error.is_written = true;
		boot.root = (EFI_FILE_HANDLE)&boot; /* there is a volume */
		snprintf(boot.error.text, sizeof boot.error.text,
		         "\\bootmem.conf:60: lable: not a key that bootmem knows, and a long %s",
		         LONG_LABEL);
		page_error(&boot);
		all_that_is_said_is_seen("error");
		the_row_of_the_clock_is_free("error");
		said[0] = '\0';
		boot.config_error =
			(struct config_error){ .line = 60,
			                       .what = "not a key that bootmem knows",
			                       .word = "lable",
			                       .hint = "Did you mean label?",
			                       .shown = { "# of ASCII.", "", "lable = x" },
			                       .length = 5,
			                       .is_about_label = true };
		page_error(&boot);
		all_that_is_said_is_seen("error in a file");
		the_row_of_the_clock_is_free("error in a file");
		assert_non_null(strstr(said,
		                       "bootmem: X ERROR bootmem.conf, line 60: lable Did you "
		                       "mean label?\n"));
	}
	pictures_are("errors", 0x34b9e3ac);
}

/* Also below the longest message about a line. */
static void an_error_does_not_hide_the_answer(void **state)
{
	(void)state;
	for (size_t j = 0; j < N_OF(displays); j++) {
		begin(displays[j].width, displays[j].height);
		compare(COMPARISON_CHANGED, 2);
		answer(false);
		boot.error.is_written = true;
		boot.config_error = (struct config_error){
			.line = 60,
			.what = "not a size below 2^64: a number, decimal or 0x..., with K, M, G or T "
				"behind it",
			.length = sizeof boot.config_error.word - 1,
			.is_about_label = true
		};
		memset(boot.config_error.word, 'w', sizeof boot.config_error.word - 1);
		page_error(&boot);
		the_row_of_the_clock_is_free("the longest error");
		assert_non_null(strstr(said, "bootmem: ! MAP CHANGED since "));
	}
}

#define FILE_REFUSED(kind, noun, path, has_wanted)          \
	{                                                   \
		kind, noun, path, has_wanted, { 1 }, { 2 }, \
		{                                           \
			0                                   \
		}                                           \
	}
static const struct {
	const char *rule;
	struct refusal refusal;
	const char *says[3];
} refusals[] = {
	{ "a kernel",
	  FILE_REFUSED(REFUSAL_NOT_SIGNED, "kernel", "\\bootmem\\kernel-amd64.elf", true),
	  { "Secure Boot is on, and kernel-amd64.elf is not", "Signed   0100", "Found    0200" } },
	{ "a kernel with the longest name that fits",
	  FILE_REFUSED(REFUSAL_NOT_SIGNED, "kernel", "\\a-name-of-22-letters.e", true),
	  { "Secure Boot is on, and a-name-of-22-letters.e is not", "Signed", "Found" } },
	{ "a letter more",
	  FILE_REFUSED(REFUSAL_NOT_SIGNED, "kernel", "\\x\\a-name-of-23-letters.el", true),
	  { "and the kernel is not", "File     \\x\\a-name-of-23-letters.el\n", "Found" } },
	{ "a long path",
	  FILE_REFUSED(REFUSAL_NOT_SIGNED, "initrd", LONG_LABEL LONG_LABEL, false),
	  { "and the initrd is not", "File     ...", "Signed   No such file was signed." } },
	{ "a damaged file",
	  FILE_REFUSED(REFUSAL_DAMAGED, "initrd", "initrd.img", true),
	  { "initrd.img is damaged, or", "Meant    0100", "its sum in bootmem.conf." } },
	{ "no list",
	  FILE_REFUSED(REFUSAL_NO_LIST, NULL, NULL, false),
	  { "this bootmem has no list of the files", "BitLocker", "hibernate at all." } },
#define LINE(...)                                             \
	{                                                     \
		REFUSAL_CONFIG, NULL, "", true, { 0 }, { 0 }, \
		{                                             \
			__VA_ARGS__                           \
		}                                             \
	}
#define WIDE "mem = 8901234567890123456789012345678901234567890123456789012345678"
	{ "a line with another value",
	  LINE(MANIFEST_CHANGED, 34, WIDE, WIDE),
	  { "Signed   mem = 8901", "Found    line 34: mem", "ndo it, or run make usb" } },
	{ "a line more",
	  LINE(MANIFEST_ADDED, 9, "cmdline = x", ""),
	  { "Signed   There was no such line.", "Found    line 9: cmdline = x", "Else undo it" } },
	{ "a line less",
	  LINE(MANIFEST_REMOVED, 0, "", "mem = 2G"),
	  { "Signed   mem = 2G", "Found    This line is not there any more.", "" } },
	{ "a line elsewhere",
	  LINE(MANIFEST_MOVED, 2, "mem = 2G", ""),
	  { "Signed   This line had another place.", "Found    line 2: mem = 2G", "" } },
};

static void a_refusal_is_whole_on_every_display(void **state)
{
	(void)state;
	pictures = 0;
	for (size_t i = 0; i < N_OF(refusals); i++) {
		for (size_t j = 0; j < 2 * N_OF(displays); j++) {
			begin(displays[j / 2].width, displays[j / 2].height);
			compare(j % 2 == 0 ? COMPARISON_CHANGED : COMPARISON_NONE, 2);
			answer(false);
			boot.error.is_written = true;
			boot.trust.secure_boot = refusals[i].refusal.kind == REFUSAL_DAMAGED
			                                 ? HANDOFF_SECURE_BOOT_UNKNOWN
			                                 : HANDOFF_SECURE_BOOT_ON;
			boot.trust.refusal = refusals[i].refusal;
			page_refused(&boot);
			all_that_is_said_is_seen(refusals[i].rule);
			the_row_of_the_clock_is_free(refusals[i].rule);
			for (size_t k = 0; k < 3; k++)
				if (strstr(said, refusals[i].says[k]) == NULL &&
				    (j % 2 == 0 || strncmp(refusals[i].says[k], "Else", 4) != 0))
					fail_msg("%s: not said: %s\n%s", refusals[i].rule,
					         refusals[i].says[k], said);
			assert_true((strstr(said, "! MAP CHANGED") != NULL) == (j % 2 == 0));
			assert_non_null(strstr(said, "Saved    This message: "));
		}
	}
	pictures_are("refusals", 0xb310fc18);
}

/* --- the words --- */

static void an_answer_says_when(void **state)
{
	static const struct past_boot this = { .time = "2026-11-27T13:23:00" };
	static const struct {
		const char *time, *label, *text;
		size_t bytes;
	} rows[] = {
		{ "2026-11-27T13:22:00", "docked", "27 Nov 13:22 (docked)", 64 },
		{ "2026-11-07T03:02:00", "", "7 Nov 03:02", 64 },
		{ "2025-12-31T23:59:00", "", "31 Dec 2025 23:59", 64 },
		{ "", "docked", "0007.map (docked)", 64 },
		{ "2026-11-27T13:22:00", "docked, on battery", "27 Nov 13:22 (docked...)", 25 },
		{ "2026-11-27T13:22:00", "docked", "27 Nov 13:22", 16 },
		{ "2026-11-27", "", "0007.map", 64 },
		{ "2026-13-27T13:22:00", "", "0007.map", 64 },
		{ "20x6-11-27T13:22:00", "", "0007.map", 64 },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		struct past_boot past = { .number = 7 };

		snprintf(past.time, sizeof past.time, "%s", rows[i].time);
		snprintf(past.label, sizeof past.label, "%s", rows[i].label);
		answer_when(text, rows[i].bytes, &past, &this);
		assert_string_equal(text, rows[i].text);
	}
}

static void an_answer_has_a_cause_or_says_that_none_is_known(void **state)
{
	static const struct {
		struct comparison_fact fact;
		const char *name, *cause, *to_do;
	} rows[] = {
		{ { FACT_INSTALLED_BYTES, "0x20000000", "0x25800000", 0x20000000, 0x25800000 },
		  "Cause",
		  "Installed RAM was 512 MiB and is now 600 MiB.",
		  "Boot with 512 MiB to resume. A failed resume loses the session." },
		{ { FACT_CPU_COUNT, "2", "4", 2, 4 },
		  "Cause",
		  "There were 2 CPUs, and there are now 4.",
		  "Boot with 2 CPUs to resume. A failed resume loses the session." },
		{ { FACT_FIRMWARE_VERSION, "1.07", "1.08", 0, 0 },
		  "Cause",
		  "The firmware was 1.07 and is now 1.08.",
		  "Start afresh: what was hibernated with firmware 1.07 would be refused." },
		{ { FACT_BOOT_OPTION, "0x0001", "0x0003", 1, 3 },
		  "Differs",
		  "The boot option was 0x0001 and is now 0x0003.",
		  "Boot it as on 20 Nov 13:20 to resume. A failed resume loses the session." },
	};

	(void)state;
	for (size_t i = 0; i <= N_OF(rows); i++) {
		begin(640, 480);
		compare(COMPARISON_CHANGED, 2);
		if (i < N_OF(rows)) {
			boot.comparison.facts[0] = rows[i].fact;
			boot.comparison.n_facts = 1;
		}
		answer(true);
		if (i < N_OF(rows)) {
			assert_string_equal(boot.answer.cause_name, rows[i].name);
			assert_string_equal(boot.answer.cause, rows[i].cause);
			assert_string_equal(boot.answer.to_do, rows[i].to_do);
			boot.comparison.n_facts = 3;
			answer(false);
			assert_non_null(strstr(boot.answer.cause, " And 2 more (D)."));
		} else {
			assert_string_equal(boot.answer.cause,
			                    "Nothing recorded in these boots explains it.");
		}
	}
}

/* Linux's stub has memory in the map that no capture of the firmware's has. */
static void with_a_tpm_log_no_resume_is_promised(void **state)
{
	(void)state;
	begin(640, 480);
	compare(COMPARISON_UNCHANGED, 3);
	answer(false);
	assert_string_equal(boot.answer.band.lines[1],
	                    "The map would not stop Linux from resuming.");
	answer(true);
	assert_string_equal(boot.answer.band.lines[1],
	                    "This is the firmware's map, before Linux's part.");
	assert_non_null(strstr(boot.answer.cause, "TPM log is not in it"));
	assert_null(strstr(boot.answer.band.brief, "stop Linux"));
}

static void labels_of_anybody_are_printable(void **state)
{
	(void)state;
	begin(640, 480);
	compare(COMPARISON_CHANGED, 2);
	snprintf(boots[0].label, sizeof boots[0].label, "d\x1b[2Jo\xc3\xa9");
	answer(false);
	for (const char *c = boot.answer.band.lines[0]; *c != '\0'; c++)
		assert_true(*c >= ' ' && *c <= '~');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_is_whole_on_every_display),
		cmocka_unit_test(what_has_moved_is_red_where_it_was_and_where_it_is),
		cmocka_unit_test(details_are_whole_on_every_display),
		cmocka_unit_test(high_addresses_have_room),
		cmocka_unit_test(how_many_boots_had_this_map_has_room),
		cmocka_unit_test(owners_of_reservations_are_whole),
		cmocka_unit_test(the_uefi_map_is_shown_as_it_is),
		cmocka_unit_test(what_takes_time_is_said_meanwhile),
		cmocka_unit_test(pages_of_details_have_each_range_once),
		cmocka_unit_test(a_label_is_put_together),
		cmocka_unit_test(the_label_page_is_whole_on_every_display),
		cmocka_unit_test(an_error_page_is_whole_on_every_display),
		cmocka_unit_test(an_error_does_not_hide_the_answer),
		cmocka_unit_test(a_refusal_is_whole_on_every_display),
		cmocka_unit_test(an_answer_says_when),
		cmocka_unit_test(an_answer_has_a_cause_or_says_that_none_is_known),
		cmocka_unit_test(with_a_tpm_log_no_resume_is_promised),
		cmocka_unit_test(labels_of_anybody_are_printable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
