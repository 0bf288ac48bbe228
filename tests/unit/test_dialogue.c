/*
 * test_dialogue.c - what keys and the clock do on the screens of the application, and what of it is
 * drawn: against a made-up firmware with a display.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "efi/last_error.h"
#include "efi/screen/dialogue.h"
#include "efi/volume.h"
#include "tests/unit/fake_firmware.h"
#include "tests/unit/read_canvas.h"

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

#define WIDTH  1280
#define HEIGHT 720

static struct boot boot;
static EFI_STATUS status;
static struct e820_range ranges[] = { { 0x100000, 0x20000000, E820_RAM, 0 } };

/* --- a display --- */

static uint32_t shown[HEIGHT][WIDTH];
static unsigned n_blts;
static EFI_STATUS blt_status;

static EFI_STATUS EFIAPI blt(EFI_GRAPHICS_OUTPUT_PROTOCOL *this,
                             EFI_GRAPHICS_OUTPUT_BLT_PIXEL *buffer,
                             EFI_GRAPHICS_OUTPUT_BLT_OPERATION operation, UINTN from_x,
                             UINTN from_y, UINTN to_x, UINTN to_y, UINTN width, UINTN height,
                             UINTN delta)
{
	(void)this;
	if (EFI_ERROR(blt_status))
		return blt_status;
	n_blts++;
	assert_int_equal(from_x + from_y + delta, 0);
	assert_true(width > 0 && height > 0);
	assert_true(to_x + width <= WIDTH && to_y + height <= HEIGHT);
	for (UINTN y = 0; y < height; y++)
		for (UINTN x = 0; x < width; x++)
			memcpy(&shown[to_y + y][to_x + x],
			       buffer + (operation == EfiBltVideoFill ? 0 : y * width + x),
			       sizeof *buffer);
	return EFI_SUCCESS;
}

static EFI_GRAPHICS_OUTPUT_MODE_INFORMATION info;
static EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE mode = { .Info = &info };
static EFI_GRAPHICS_OUTPUT_PROTOCOL gop = { .Blt = blt, .Mode = &mode };

/* What is on the display is what is on the canvas: the picture is never older than the text. */
static void check_shown(void)
{
	const struct canvas *canvas = boot.display.canvas;

	for (uint32_t y = 0; y < canvas->height; y++)
		for (uint32_t x = 0; x < CANVAS_WIDTH; x++)
			assert_int_equal(shown[8 + 2 * y][2 * x], canvas_rgb[canvas->dots[y][x]]);
}

/* --- a boot --- */

static void machine(uint64_t timeout_seconds)
{
	static struct past_boot now;

	assert_true(fake_firmware_init());
	info.HorizontalResolution = WIDTH;
	info.VerticalResolution = HEIGHT;
	fake.gops[fake.n_gops++] = &gop;
	memset(&boot, 0, sizeof boot);
	memset(shown, 0, sizeof shown);
	n_blts = 0;
	boot.firmware = fake.firmware;
	boot.firmware.error = &boot.error;
	boot.memory.firmware = &boot.firmware;
	boot.config.timeout_seconds = timeout_seconds;
	boot.config.waits_on_error = true;
	boot.plan.whole_e820 = (struct e820_map){ ranges, 1, 1 };
	now = (struct past_boot){ .number = 1, .time = "2026-11-27T13:22:00" };
	boot.comparison.kind = COMPARISON_FIRST;
	boot.comparison.now = now;
	boot.comparison.boots = &now;
	boot.comparison.n_boots = boot.comparison.n_maps = 1;
	boot.comparison.number = 1;
	answer_make(&boot.comparison, &(struct answer_limits){ .has_rng = false }, &boot.answer);
	dialogue_take_display(&boot);
	assert_non_null(boot.display.canvas);
}

static void press(const char *keys)
{
	for (; *keys != '\0'; keys++) {
		EFI_INPUT_KEY key = { .UnicodeChar = (CHAR16)*keys };

		switch (*keys) {
		case '\x1b':
			key = (EFI_INPUT_KEY){ .ScanCode = SCAN_ESC };
			break;
		case '>':
			key = (EFI_INPUT_KEY){ .ScanCode = SCAN_PAGE_DOWN };
			break;
		case '^':
			key = (EFI_INPUT_KEY){ .ScanCode = SCAN_UP };
			break;
		default:
			break;
		}
		fake.keys[fake.n_keys++] = key;
	}
}

static enum fake_end run(void)
{
	enum fake_end end = (enum fake_end)setjmp(fake.end);

	if (end != FAKE_RUNNING)
		return end;
	status = dialogue_answer(&boot);
	return FAKE_RUNNING;
}

static bool is_shown(const char *text)
{
	check_shown();
	return read_canvas_has(boot.display.canvas, 2, text, NULL) ||
	       read_canvas_has(boot.display.canvas, 5, text, NULL) ||
	       read_canvas_has(boot.display.canvas, 11, text, NULL);
}

/* --- the answer --- */

static void keys_end_the_answer(void **state)
{
	static const struct {
		const char *rule, *keys;
		enum fake_end end;
		EFI_STATUS status;
		EFI_RESET_TYPE reset;
	} rows[] = {
		{ "Enter starts the kernel", "\r", FAKE_RUNNING, EFI_SUCCESS, 0 },
		{ "Esc goes back", "\x1b", FAKE_RUNNING, EFI_ABORTED, 0 },
		{ "R restarts", "r", FAKE_WAS_RESET, 0, EfiResetCold },
		{ "P switches off", "P", FAKE_WAS_RESET, 0, EfiResetShutdown },
		{ "another key does nothing but stop the clock", "x\r", FAKE_RUNNING, EFI_SUCCESS,
		  0 },
		{ "Esc leaves the details first", "d\x1b\r", FAKE_RUNNING, EFI_SUCCESS, 0 },
		{ "and the label", "l\x1b\r", FAKE_RUNNING, EFI_SUCCESS, 0 },
		{ "in the details keys are others", "dr\x1b\x1b", FAKE_RUNNING, EFI_ABORTED, 0 },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		machine(CONFIG_TIMEOUT_NEVER);
		press(rows[i].keys);
		status = EFI_SUCCESS;
		if (run() != rows[i].end || status != rows[i].status)
			fail_msg("%s", rows[i].rule);
		if (rows[i].end == FAKE_WAS_RESET)
			assert_int_equal(fake.reset_type, rows[i].reset);
	}
}

static void without_a_key_the_computer_is_switched_off_after_ten_minutes(void **state)
{
	(void)state;
	machine(CONFIG_TIMEOUT_NEVER);
	assert_int_equal(run(), FAKE_WAS_RESET);
	assert_int_equal(fake.reset_type, EfiResetShutdown);
	assert_int_equal(fake_count(FAKE_STALL), 6000);
	assert_true(is_shown("Switches off in 0:01. Any key keeps it on."));
	assert_non_null(
		strstr(fake.console, "bootmem: Switches off in 10:00. Any key keeps it on.\n"));
}

static void a_clock_starts_the_kernel(void **state)
{
	(void)state;
	machine(3);
	assert_int_equal(run(), FAKE_RUNNING);
	assert_int_equal(status, EFI_SUCCESS);
	assert_int_equal(fake_count(FAKE_STALL), 30);
	assert_true(is_shown("Starts the kernel in 1 s. Any key stops."));
}

/* Each second one strip, not the whole screen. */
static void a_clock_draws_its_row_only(void **state)
{
	unsigned n_first;

	(void)state;
	machine(1);
	n_first = n_blts;
	assert_int_equal(run(), FAKE_RUNNING);
	assert_true(n_blts - n_first <= 60);
	n_first = n_blts;
	machine(21);
	n_blts = 0;
	assert_int_equal(run(), FAKE_RUNNING);
	assert_true(n_blts <= 60 + 20 * 2);
	assert_true(n_blts >= 20);
}

static void a_key_stops_the_clock(void **state)
{
	(void)state;
	machine(2);
	fake.polls_before_keys = 5;
	press("xd\x1b\r");
	assert_int_equal(run(), FAKE_RUNNING);
	assert_int_equal(status, EFI_SUCCESS);
	assert_true(fake_count(FAKE_STALL) < 10);
	assert_false(read_canvas_has(boot.display.canvas, 2,
	                             "Starts the kernel in 2 s. Any key stops.", NULL));
}

/* Who sees nothing reads the text. */
static void what_cannot_be_drawn_on_is_no_display(void **state)
{
	(void)state;
	machine(CONFIG_TIMEOUT_NEVER);
	boot.display.canvas = NULL;
	blt_status = EFI_DEVICE_ERROR;
	dialogue_take_display(&boot);
	blt_status = EFI_SUCCESS;
	assert_null(boot.display.canvas);
	dialogue_take_display(&boot);
	assert_non_null(boot.display.canvas);
}

/* U-Boot's text is on the same screen, and scrolls: the picture is whole again after each key, also
 * where the canvas is lower than the display. */
static void no_text_of_the_firmware_stays_beside_the_picture(void **state)
{
	const uint32_t text = 0xffffff;

	(void)state;
	machine(CONFIG_TIMEOUT_NEVER);
	info.HorizontalResolution = CANVAS_WIDTH;
	boot.display.canvas = NULL;
	dialogue_take_display(&boot);
	assert_int_equal(boot.display.grid.n_rows, CANVAS_MOST_ROWS);
	for (uint32_t y = 0; y < HEIGHT; y++)
		for (uint32_t x = 0; x < CANVAS_WIDTH; x++)
			shown[y][x] = text;
	press("d");
	fake.stall_limit = 3;
	n_blts = 0;
	assert_int_equal(run(), FAKE_WAS_RESET);
	assert_true(n_blts <= 2 * 60);
	for (uint32_t y = 0; y < HEIGHT; y++)
		for (uint32_t x = 0; x < CANVAS_WIDTH; x++)
			assert_int_not_equal(shown[y][x], text);
}

/* --- details --- */

static void details_are_gone_through_page_by_page(void **state)
{
	static const struct {
		const char *keys, *seen;
	} rows[] = {
		{ "d", "There is no boot with another map to compare with." },
		{ "d2", "  00000100000 00020000000   511 MiB usable    RAM" },
		{ "d ", "  00000100000 00020000000   511 MiB usable    RAM" },
		{ "d>", "  00000100000 00020000000   511 MiB usable    RAM" },
		{ "d3", "No kernel is chosen: nothing is reserved." },
		{ "d23b", "  00000100000 00020000000   511 MiB usable    RAM" },
		{ "db", "what the capture says of the machine" },
		{ "d5b", "  start       end              size type                   attributes" },
		{ "d6 ", "There is no boot with another map to compare with." },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		machine(CONFIG_TIMEOUT_NEVER);
		press(rows[i].keys);
		fake.polls_before_keys = 0;
		/* No key is left, and the clock stands: the firmware's next stall ends it. */
		fake.stall_limit = 3;
		assert_int_equal(run(), FAKE_WAS_RESET);
		if (!is_shown(rows[i].seen))
			fail_msg("%s: %s is not shown", rows[i].keys, rows[i].seen);
	}
}

/* How far the captures have been read is shown as soon as there is a display. */
static void progress_is_shown(void **state)
{
	unsigned n_before;

	(void)state;
	machine(CONFIG_TIMEOUT_NEVER);
	assert_non_null(boot.capture_progress.show);
	n_before = n_blts;
	boot.capture_progress.show(boot.capture_progress.context, 1, 2);
	assert_true(n_blts > n_before);
	check_shown();
}

/* --- label --- */

static void a_label_is_chosen_and_typed(void **state)
{
	static const struct {
		const char *rule, *keys, *seen;
	} rows[] = {
		{ "digits turn words on", "l13", "label = docked, on battery" },
		{ "and off", "l131", "label = on battery" },
		{ "as usual turns the others off", "l138", "label = as usual" },
		{ "and they turn it off", "l81", "label = docked" },
		{ "T goes to the field", "ltLid 2", "label = Lid 2" },
		{ "there letters and digits are text", "l1trp8", "label = docked, rp8" },
		{ "a backspace takes the last one", "ltab\bc", "label = ac" },
		{ "of nothing it takes nothing", "lt\b\ba", "label = a" },
		{ "Tab goes back to the list", "lta\t2", "label = undocked, a" },
		{ "so does Up", "lta^2", "label = undocked, a" },
		{ "a key without a character types none", "lta>b", "label = ab" },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		machine(CONFIG_TIMEOUT_NEVER);
		press(rows[i].keys);
		fake.stall_limit = 3;
		assert_int_equal(run(), FAKE_WAS_RESET);
		if (!is_shown(rows[i].seen))
			fail_msg("%s: %s is not shown", rows[i].rule, rows[i].seen);
	}
}

static void a_label_has_as_much_room_as_it_says(void **state)
{
	static const struct {
		const char *keys, *seen;
	} rows[] = {
		{ "", "Room     127 of 127 characters. ASCII only." },
		{ "\b", "Room     126 of 127 characters. ASCII only." }, /* no more was taken */
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		machine(CONFIG_TIMEOUT_NEVER);
		press("l1234567t");
		press("wwwwwwwwwwwwwwwwwwwwww");
		press(rows[i].keys);
		fake.stall_limit = 3;
		assert_int_equal(run(), FAKE_WAS_RESET);
		assert_true(is_shown(rows[i].seen));
	}
}

/* A key that is typed as text there is a letter again when the page is left. */
static void capital_letters_are_keys_again_after_a_label(void **state)
{
	(void)state;
	machine(CONFIG_TIMEOUT_NEVER);
	press("ltA\x1b"
	      "P");
	fake.stall_limit = 3;
	assert_int_equal(run(), FAKE_WAS_RESET);
	assert_int_equal(fake.n_keys_read, 5);
	assert_int_equal(fake.reset_type, EfiResetShutdown);
}

static void a_label_that_is_not_saved_is_said(void **state)
{
	static const struct {
		const char *rule, *keys, *seen;
		EFI_STATUS saved, fails;
	} rows[] = {
		{ "the capture is not there", "l", "No label: this boot is not saved.",
		  EFI_VOLUME_FULL, EFI_VOLUME_FULL },
		{ "it cannot be written", "l1\r", "The label is not saved: the stick is full.",
		  EFI_SUCCESS, EFI_VOLUME_FULL },
		{ "the stick was taken out", "l1\r",
		  "The label is not saved: the stick is not there.", EFI_SUCCESS, EFI_NO_MEDIA },
		{ "or hangs", "l1\r", "The label is not saved: the stick does not answer.",
		  EFI_SUCCESS, EFI_DEVICE_ERROR },
		{ "or is damaged", "l1\r",
		  "The label is not saved: the stick is damaged: run chkdsk.", EFI_SUCCESS,
		  EFI_VOLUME_CORRUPTED },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		char line[96];

		machine(CONFIG_TIMEOUT_NEVER);
		boot.comparison.saved = rows[i].saved;
		assert_int_equal(volume_open(&boot.firmware,
		                             fake.firmware.loaded_image->DeviceHandle, &boot.root),
		                 EFI_SUCCESS);
		fake.is_pulled_out = true; /* all files fail */
		fake.failed = FAKE_WRITE;
		fake.fail_status = rows[i].fails;
		press(rows[i].keys);
		fake.stall_limit = 3;
		assert_int_equal(run(), FAKE_WAS_RESET);
		assert_true(boot.comparison.saved == rows[i].saved);
		if (!is_shown(rows[i].seen))
			fail_msg("%s: %s is not shown", rows[i].rule, rows[i].seen);
		snprintf(line, sizeof line, "bootmem: %s\n", rows[i].seen);
		assert_non_null(strstr(fake.console, line));
	}
}

static void without_a_keyboard_no_keys_are_promised(void **state)
{
	(void)state;
	machine(2);
	fake.firmware.system_table->ConIn = NULL;
	assert_int_equal(run(), FAKE_RUNNING);
	assert_int_equal(status, EFI_SUCCESS);
	assert_int_equal(fake_count(FAKE_STALL), 20);
	assert_true(is_shown("Starts the kernel in 1 s."));
	assert_null(strstr(fake.console, "Any key"));
	assert_null(strstr(fake.console, "Enter"));
}

/* --- errors --- */

static enum fake_end run_error(void)
{
	enum fake_end end = (enum fake_end)setjmp(fake.end);

	if (end != FAKE_RUNNING)
		return end;
	dialogue_error(&boot);
	return FAKE_RUNNING;
}

static void make_error(void)
{
	boot.error.status = EFI_INVALID_PARAMETER;
	strcpy(boot.error.text, "\\bootmem.conf:60: lable: not a key");
}

static void an_error_waits_for_half_a_minute(void **state)
{
	(void)state;
	machine(0);
	make_error();
	assert_int_equal(run_error(), FAKE_RUNNING);
	assert_int_equal(fake_count(FAKE_STALL), 300);
	assert_true(is_shown("Goes on to the next boot entry in 1 s. Any key: wait."));
}

static void keys_end_an_error(void **state)
{
	static const struct {
		const char *rule, *keys;
		enum fake_end end;
	} rows[] = {
		{ "Esc: the next boot entry", "\x1b", FAKE_RUNNING },
		{ "any key stops the clock", "x\x1b", FAKE_RUNNING },
		{ "R restarts", "r", FAKE_WAS_RESET },
		{ "Enter shows the comparison, and starts nothing", "\r\r\x1b\x1b", FAKE_RUNNING },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		machine(0);
		make_error();
		press(rows[i].keys);
		if (run_error() != rows[i].end)
			fail_msg("%s", rows[i].rule);
		assert_true(fake_count(FAKE_STALL) < 10);
	}
}

/* --- a file that was refused --- */

static void make_refusal(void)
{
	make_error();
	boot.trust.refusal.kind = REFUSAL_NO_LIST;
}

/* The answer, which needs no kernel, is on the page: so it has the keys and the time of one. */
static void keys_of_the_answer_are_there_on_a_refusal(void **state)
{
	static const struct {
		const char *rule, *keys, *seen;
	} rows[] = {
		{ "D: details", "d2", "  00000100000 00020000000   511 MiB usable    RAM" },
		{ "and back", "d2\x1b",
		  "This answer needs no kernel. Only the memory proof was not "
		  "started." },
		{ "L: a label", "l13", "label = docked, on battery" },
		{ "and back", "l13\x1b",
		  "This answer needs no kernel. Only the memory proof was not "
		  "started." },
		{ "Enter: the answer", "\r",
		  "Press P, take the stick out and use the computer as usual." },
		{ "whose details lead back to it", "\rd\x1b",
		  "Press P, take the stick out and use the computer as usual." },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		machine(CONFIG_TIMEOUT_NEVER);
		make_refusal();
		press(rows[i].keys);
		fake.stall_limit = 3;
		assert_int_equal(run_error(), FAKE_WAS_RESET);
		if (!is_shown(rows[i].seen))
			fail_msg("%s: %s is not shown", rows[i].rule, rows[i].seen);
	}
}

static void a_refusal_has_the_time_of_what_it_shows(void **state)
{
	static const struct {
		const char *rule;
		uint64_t timeout_seconds;
		enum comparison_kind kind;
		enum fake_end end;
		unsigned n_stalls;
	} rows[] = {
		{ "the answer", CONFIG_TIMEOUT_NEVER, COMPARISON_FIRST, FAKE_WAS_RESET, 6000 },
		{ "for which nobody waits", 5, COMPARISON_FIRST, FAKE_RUNNING, 300 },
		{ "no answer", CONFIG_TIMEOUT_NEVER, COMPARISON_NONE, FAKE_RUNNING, 300 },
	};

	(void)state;
	for (size_t i = 0; i < N_OF(rows); i++) {
		machine(rows[i].timeout_seconds);
		make_refusal();
		boot.comparison.kind = rows[i].kind;
		if (run_error() != rows[i].end || fake_count(FAKE_STALL) != rows[i].n_stalls)
			fail_msg("%s", rows[i].rule);
		if (rows[i].end == FAKE_WAS_RESET)
			assert_int_equal(fake.reset_type, EfiResetShutdown);
	}
}

/* A key that is not in the bar does nothing. */
static void without_an_answer_there_are_no_details(void **state)
{
	(void)state;
	for (unsigned is_refusal = 0; is_refusal < 2; is_refusal++) {
		machine(0);
		make_error();
		if (is_refusal) {
			boot.trust.refusal.kind = REFUSAL_NO_LIST;
			boot.comparison.kind = COMPARISON_NONE;
		}
		press("dl\x1b");
		assert_int_equal(run_error(), FAKE_RUNNING);
		assert_int_equal(fake.n_keys_read, 3);
	}
}

static void an_error_does_not_wait_where_nobody_is(void **state)
{
	(void)state;
	machine(0);
	make_error();
	boot.config.waits_on_error = false;
	assert_int_equal(run_error(), FAKE_RUNNING);
	assert_int_equal(fake_count(FAKE_STALL), 0);
	assert_non_null(strstr(fake.console, "bootmem: 1 FIRST BOOT"));
	machine(0);
	make_error();
	fake.firmware.system_table->ConIn = NULL;
	assert_int_equal(run_error(), FAKE_RUNNING);
	assert_int_equal(fake_count(FAKE_STALL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_end_the_answer),
		cmocka_unit_test(without_a_key_the_computer_is_switched_off_after_ten_minutes),
		cmocka_unit_test(a_clock_starts_the_kernel),
		cmocka_unit_test(a_clock_draws_its_row_only),
		cmocka_unit_test(a_key_stops_the_clock),
		cmocka_unit_test(what_cannot_be_drawn_on_is_no_display),
		cmocka_unit_test(no_text_of_the_firmware_stays_beside_the_picture),
		cmocka_unit_test(details_are_gone_through_page_by_page),
		cmocka_unit_test(progress_is_shown),
		cmocka_unit_test(a_label_is_chosen_and_typed),
		cmocka_unit_test(a_label_has_as_much_room_as_it_says),
		cmocka_unit_test(capital_letters_are_keys_again_after_a_label),
		cmocka_unit_test(a_label_that_is_not_saved_is_said),
		cmocka_unit_test(without_a_keyboard_no_keys_are_promised),
		cmocka_unit_test(an_error_waits_for_half_a_minute),
		cmocka_unit_test(keys_end_an_error),
		cmocka_unit_test(keys_of_the_answer_are_there_on_a_refusal),
		cmocka_unit_test(a_refusal_has_the_time_of_what_it_shows),
		cmocka_unit_test(without_an_answer_there_are_no_details),
		cmocka_unit_test(an_error_does_not_wait_where_nobody_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
