/*
 * dialogue.c - see dialogue.h. A place is what is shown now; each has a function that draws it and
 * one that takes a key, and may go to another place.
 */
#include "efi/screen/dialogue.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "efi/capture.h"
#include "efi/console.h"
#include "efi/last_error.h"
#include "efi/screen/pages.h"
#include "efi/watchdog.h"

#define POLL_MICROSECONDS 100000
#define POLLS_PER_SECOND  10
#define OFF_SECONDS       600 /* long enough to read, and to take a photograph */
#define ERROR_SECONDS     30
#define ASKED_SECONDS     30 /* a key that was pressed by mistake costs no boot */
#define LAST_SECONDS      30 /* in which the clock stands out */

/* Scan codes are those of UEFI 2.10 §12.1.2, Table 12.2, which gnu-efi names. */

/* What a key is: a character, or one of these. */
enum { KEY_NONE, KEY_BACK = 0x100, KEY_FORWARD, KEY_UPWARD, KEY_ESCAPE };

enum place { AT_ANSWER, AT_DETAILS, AT_LABEL, AT_ERROR, AT_END };

/* What happens when nobody presses a key. */
enum outcome { STARTS_THE_KERNEL, STARTS_THE_LOADER, SWITCHES_OFF, GOES_ON };

struct dialogue {
	struct boot *boot;
	enum place at;
	enum place home; /* where details and label were asked for */
	bool is_drawn;
	EFI_STATUS status; /* AT_END: what comes of it */
	bool can_start;    /* there is a kernel that can be started */

	enum outcome outcome; /* without a key, and when */
	bool is_running;
	unsigned polls, whole_polls;
	unsigned shown_seconds;

	unsigned tab, page;
	struct label_choice choice;
	char note[CANVAS_COLUMNS]; /* stands where the clock was, until the next key */
};

static void go(struct dialogue *dialogue, enum place place)
{
	dialogue->at = place;
	dialogue->is_drawn = false;
}

static void end(struct dialogue *dialogue, EFI_STATUS status)
{
	dialogue->status = status;
	go(dialogue, AT_END);
}

static bool has_keyboard(const struct boot *boot)
{
	return boot->firmware.system_table->ConIn != NULL;
}

static void note(struct dialogue *dialogue, const char *what, const char *why)
{
	text_format(dialogue->note, sizeof dialogue->note, "%s%s.", what, why);
	console_print(&dialogue->boot->firmware, "bootmem: %s\n", dialogue->note);
}

/* Files are flushed and closed as soon as they are written: nothing is lost. */
static void reset(struct dialogue *dialogue, EFI_RESET_TYPE type)
{
	const struct firmware *firmware = &dialogue->boot->firmware;

	console_print(firmware, "bootmem: %s\n",
	              type == EfiResetShutdown ? "switching off" : "restarting");
	remember_end(firmware, &dialogue->boot->remember);
	firmware->system_table->RuntimeServices->ResetSystem(type, EFI_SUCCESS, 0, NULL);
	end(dialogue, EFI_ABORTED); /* firmware that cannot */
}

/* --- the answer --- */

static void draw_answer(struct dialogue *dialogue)
{
	page_answer(dialogue->boot, !has_keyboard(dialogue->boot) ? ANSWER_NO_KEYS
	                            : !dialogue->can_start        ? ANSWER_KEYS_WITHOUT_START
	                            : dialogue->outcome == STARTS_THE_LOADER ? ANSWER_KEYS_OF_LOADER
	                                                                     : ANSWER_KEYS);
}

static void begin_label(struct dialogue *dialogue)
{
	const struct comparison *comparison = &dialogue->boot->comparison;

	if (comparison->kind == COMPARISON_NONE || comparison->saved != EFI_SUCCESS) {
		note(dialogue, "No label: this boot is not saved", "");
		return;
	}
	memset(&dialogue->choice, 0, sizeof dialogue->choice);
	dialogue->home = dialogue->at;
	go(dialogue, AT_LABEL);
}

static void key_answer(struct dialogue *dialogue, unsigned key)
{
	switch (key) {
	case '\r':
		if (dialogue->can_start)
			end(dialogue, EFI_SUCCESS);
		break;
	case 'd':
		dialogue->tab = dialogue->page = 0;
		dialogue->home = dialogue->at;
		go(dialogue, AT_DETAILS);
		break;
	case 'l':
		begin_label(dialogue);
		break;
	case 'r':
		reset(dialogue, EfiResetCold);
		break;
	case 'p':
		reset(dialogue, EfiResetShutdown);
		break;
	case KEY_ESCAPE:
		console_print(&dialogue->boot->firmware, "bootmem: back to the firmware\n");
		end(dialogue, EFI_ABORTED);
		break;
	default:
		break;
	}
}

/* --- details --- */

static void draw_details(struct dialogue *dialogue)
{
	page_details(dialogue->boot, dialogue->tab, dialogue->page);
}

static void next_page(struct dialogue *dialogue)
{
	if (++dialogue->page < page_details_count(dialogue->boot, dialogue->tab))
		return;
	dialogue->page = 0;
	dialogue->tab = (dialogue->tab + 1) % DETAILS_TABS;
}

static void previous_page(struct dialogue *dialogue)
{
	if (dialogue->page-- > 0)
		return;
	dialogue->tab = (dialogue->tab + DETAILS_TABS - 1) % DETAILS_TABS;
	dialogue->page = page_details_count(dialogue->boot, dialogue->tab) - 1;
}

static void key_details(struct dialogue *dialogue, unsigned key)
{
	dialogue->is_drawn = false;
	if (key >= '1' && key < '1' + DETAILS_TABS)
		dialogue->tab = key - '1', dialogue->page = 0;
	else if (key == ' ' || key == KEY_FORWARD)
		next_page(dialogue);
	else if (key == 'b' || key == KEY_BACK)
		previous_page(dialogue);
	else if (key == KEY_ESCAPE)
		go(dialogue, dialogue->home);
	else
		dialogue->is_drawn = true;
}

/* --- label --- */

static void draw_label(struct dialogue *dialogue)
{
	page_label(dialogue->boot, &dialogue->choice);
}

static void save_label(struct dialogue *dialogue)
{
	char text[COMPARISON_LABEL_BYTES];
	EFI_STATUS status;

	page_label_text(&dialogue->choice, text);
	status = capture_set_label(dialogue->boot, text);
	if (status != EFI_SUCCESS)
		note(dialogue, "The label is not saved: ", page_why_not_saved(status));
	go(dialogue, dialogue->home);
}

/* "as usual" and the others exclude each other. */
static void toggle(struct label_choice *choice, unsigned i)
{
	bool is_on = !choice->is_on[i];

	if (is_on && i == LABEL_WORDS - 1)
		memset(choice->is_on, 0, sizeof choice->is_on);
	choice->is_on[i] = is_on;
	if (is_on && i != LABEL_WORDS - 1)
		choice->is_on[LABEL_WORDS - 1] = false;
}

static void type(struct label_choice *choice, unsigned key)
{
	char text[COMPARISON_LABEL_BYTES];
	size_t n = 0, length = 0;

	while (choice->typed[n] != '\0')
		n++;
	page_label_text(choice, text);
	while (text[length] != '\0')
		length++;
	if (key == '\b' && n > 0)
		choice->typed[n - 1] = '\0';
	else if (key >= ' ' && key <= '~' &&
	         length + (n > 0 ? 1 : sizeof ", ") < COMPARISON_LABEL_BYTES)
		choice->typed[n] = (char)key, choice->typed[n + 1] = '\0';
}

static void key_label(struct dialogue *dialogue, unsigned key)
{
	struct label_choice *choice = &dialogue->choice;

	dialogue->is_drawn = false;
	if (key == '\r')
		save_label(dialogue);
	else if (key == KEY_ESCAPE)
		go(dialogue, dialogue->home);
	else if (choice->is_typing && (key == '\t' || key == KEY_UPWARD))
		choice->is_typing = false;
	else if (choice->is_typing)
		type(choice, key);
	else if (key >= '1' && key < '1' + LABEL_WORDS)
		toggle(choice, key - '1');
	else if (key == 't')
		choice->is_typing = true;
}

/* --- error --- */

static void draw_error(struct dialogue *dialogue)
{
	if (dialogue->boot->trust.refusal.kind != REFUSAL_NONE)
		page_refused(dialogue->boot);
	else
		page_error(dialogue->boot);
}

static void key_error(struct dialogue *dialogue, unsigned key)
{
	const struct boot *boot = dialogue->boot;

	if (key == '\r' && boot->comparison.kind != COMPARISON_NONE)
		go(dialogue, AT_ANSWER);
	else if ((key != 'd' && key != 'l') || page_refused_has_answer(boot))
		key_answer(dialogue, key);
}

/* --- keys and clock --- */

static const struct {
	void (*draw)(struct dialogue *dialogue);
	void (*key)(struct dialogue *dialogue, unsigned key);
} places[] = {
	[AT_ANSWER] = { draw_answer, key_answer },
	[AT_DETAILS] = { draw_details, key_details },
	[AT_LABEL] = { draw_label, key_label },
	[AT_ERROR] = { draw_error, key_error },
};

static unsigned read_key(const struct dialogue *dialogue)
{
	static const struct {
		unsigned scan, key;
	} rows[] = {
		{ SCAN_ESC, KEY_ESCAPE },    { SCAN_PAGE_UP, KEY_BACK },
		{ SCAN_LEFT, KEY_BACK },     { SCAN_PAGE_DOWN, KEY_FORWARD },
		{ SCAN_RIGHT, KEY_FORWARD }, { SCAN_UP, KEY_UPWARD },
	};
	SIMPLE_INPUT_INTERFACE *in = dialogue->boot->firmware.system_table->ConIn;
	EFI_INPUT_KEY key = { 0 };

	if (in == NULL || EFI_ERROR(in->ReadKeyStroke(in, &key)))
		return KEY_NONE;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (key.ScanCode == rows[i].scan)
			return rows[i].key;
	if (key.UnicodeChar == '\n')
		return '\r';
	/* Letters in either case, but where they are text. */
	if (key.UnicodeChar >= 'A' && key.UnicodeChar <= 'Z' &&
	    !(dialogue->at == AT_LABEL && dialogue->choice.is_typing))
		return key.UnicodeChar | 0x20u;
	return key.UnicodeChar;
}

/* What will happen, and when; or what did not. */
static void tell_clock(const struct dialogue *dialogue, unsigned seconds, char text[CANVAS_COLUMNS])
{
	const bool has_keys = has_keyboard(dialogue->boot);

	if (!dialogue->is_running)
		text_format(text, CANVAS_COLUMNS, "%s", dialogue->note);
	else if (dialogue->outcome == GOES_ON)
		text_format(text, CANVAS_COLUMNS,
		            "Goes on to the next boot entry in %u s. Any key: wait.", seconds);
	else if (dialogue->outcome == SWITCHES_OFF)
		text_format(text, CANVAS_COLUMNS, "Switches off in %u:%02u.%s", seconds / 60,
		            seconds % 60, has_keys ? " Any key keeps it on." : "");
	else
		text_format(text, CANVAS_COLUMNS, "Starts the %s in %u s.%s",
		            dialogue->outcome == STARTS_THE_LOADER ? "loader" : "kernel", seconds,
		            has_keys ? " Any key stops." : "");
}

static void draw_clock(struct dialogue *dialogue)
{
	const unsigned seconds = (dialogue->polls + POLLS_PER_SECOND - 1) / POLLS_PER_SECOND;
	struct boot *boot = dialogue->boot;
	bool is_grey = dialogue->is_running && seconds > LAST_SECONDS;
	struct view view = { .canvas = boot->display.canvas };
	char text[CANVAS_COLUMNS];

	tell_clock(dialogue, seconds, text);
	if (dialogue->shown_seconds == ~0u && text[0] != '\0')
		console_print(&boot->firmware, "bootmem: %s\n", text);
	view_clock(&view, is_grey ? CANVAS_GREY : CANVAS_AMBER, text, dialogue->polls,
	           dialogue->is_running ? dialogue->whole_polls : 0);
	dialogue->shown_seconds = seconds;
}

/* Text first, the picture last: some firmware draws its text on the same screen. */
static void show(struct dialogue *dialogue)
{
	const unsigned seconds = (dialogue->polls + POLLS_PER_SECOND - 1) / POLLS_PER_SECOND;
	bool has_clock = dialogue->at == AT_ANSWER || dialogue->at == AT_ERROR;

	if (dialogue->is_drawn && (!has_clock || seconds == dialogue->shown_seconds))
		return;
	if (!dialogue->is_drawn)
		places[dialogue->at].draw(dialogue);
	if (has_clock)
		draw_clock(dialogue);
	dialogue->is_drawn = true;
	display_show(&dialogue->boot->display);
}

static void time_out(struct dialogue *dialogue)
{
	dialogue->is_running = false;
	if (dialogue->outcome == SWITCHES_OFF)
		reset(dialogue, EfiResetShutdown);
	else
		end(dialogue, dialogue->outcome == GOES_ON ? EFI_ABORTED : EFI_SUCCESS);
}

static void take_key(struct dialogue *dialogue, unsigned key)
{
	dialogue->is_running = false; /* whatever it does, it stops the clock */
	dialogue->shown_seconds = ~0u - 1;
	dialogue->note[0] = '\0';
	watchdog_arm(&dialogue->boot->firmware); /* it may write a file */
	places[dialogue->at].key(dialogue, key);
	watchdog_disarm(&dialogue->boot->firmware);
}

static EFI_STATUS run(struct dialogue *dialogue, unsigned seconds)
{
	SIMPLE_INPUT_INTERFACE *in = dialogue->boot->firmware.system_table->ConIn;
	EFI_BOOT_SERVICES *bs = dialogue->boot->firmware.boot_services;

	dialogue->is_running = true;
	dialogue->polls = dialogue->whole_polls = seconds * POLLS_PER_SECOND;
	dialogue->shown_seconds = ~0u;
	if (in != NULL)
		in->Reset(in, FALSE);               /* keys that were meant for the boot menu */
	watchdog_disarm(&dialogue->boot->firmware); /* a person may take his time */
	while (dialogue->at != AT_END) {
		unsigned key;

		show(dialogue);
		key = read_key(dialogue);
		if (key != KEY_NONE) {
			take_key(dialogue, key);
			continue;
		}
		bs->Stall(POLL_MICROSECONDS);
		dialogue->polls -= dialogue->is_running && dialogue->polls > 0;
		if (dialogue->is_running && dialogue->polls == 0)
			time_out(dialogue);
	}
	return dialogue->status;
}

#define WORKING "Reading the memory map and the captures on this stick ..."

/* Only the bar: the words stand there. */
static void show_progress(void *context, unsigned n_done, unsigned n_all)
{
	struct boot *boot = context;
	struct view view = { .canvas = boot->display.canvas };

	view_clock(&view, CANVAS_GREY, "", n_done, n_all);
	display_show(&boot->display);
}

void dialogue_tell(struct boot *boot, const char *text)
{
	struct view view = { .canvas = boot->display.canvas };

	if (text[0] != '\0')
		console_print(&boot->firmware, "bootmem: %s\n", text);
	if (view.canvas == NULL)
		return;
	view_clock(&view, CANVAS_GREY, text, 0, 0);
	display_show(&boot->display);
}

void dialogue_take_display(struct boot *boot)
{
	if (boot->display.canvas != NULL ||
	    !display_open(&boot->firmware, &boot->memory, &boot->display))
		return;
	console_leave_display(&boot->firmware);
	boot->capture_progress = (struct capture_progress){ show_progress, boot };
	page_working(boot, WORKING);
	display_show(&boot->display);
}

EFI_STATUS dialogue_answer(struct boot *boot)
{
	uint64_t seconds = boot->config.timeout_seconds;
	bool never_starts = seconds == CONFIG_TIMEOUT_NEVER;
	struct dialogue dialogue = { .boot = boot,
		                     .at = AT_ANSWER,
		                     .can_start = true,
		                     .outcome = never_starts ? SWITCHES_OFF : STARTS_THE_KERNEL };
	EFI_STATUS status = EFI_SUCCESS;

	if (seconds > 0)
		status = run(&dialogue, never_starts ? OFF_SECONDS : (unsigned)seconds);
	else if (boot->comparison.kind != COMPARISON_NONE)
		page_answer(boot, ANSWER_NO_KEYS);
	if (!EFI_ERROR(status))
		console_print(&boot->firmware,
		              "\nbootmem: leaving the firmware, entering the kernel\n");
	return status;
}

EFI_STATUS dialogue_answer_if_asked(struct boot *boot)
{
	struct dialogue dialogue = {
		.boot = boot, .at = AT_ANSWER, .can_start = true, .outcome = STARTS_THE_LOADER
	};

	if (read_key(&dialogue) == KEY_NONE)
		return EFI_SUCCESS;
	dialogue_take_display(boot);
	return run(&dialogue, ASKED_SECONDS);
}

void dialogue_error(struct boot *boot)
{
	struct dialogue dialogue = { .boot = boot, .at = AT_ERROR, .outcome = GOES_ON };
	char text[MESSAGE_BYTES + 64];
	bool waits;

	text_format(text, sizeof text, "bootmem: error: %s (%s)\n", boot->error.text,
	            status_name(boot->error.status));
	boot->error.is_written = !EFI_ERROR(last_error_write(boot, text));
	waits = boot->config.waits_on_error && has_keyboard(boot);
	if (waits)
		dialogue_take_display(boot);
	/* Where the answer is on the page, it has the time that it always has. */
	if (page_refused_has_answer(boot) && boot->config.timeout_seconds == CONFIG_TIMEOUT_NEVER)
		dialogue.outcome = SWITCHES_OFF;
	if (waits && boot->display.canvas != NULL)
		run(&dialogue, dialogue.outcome == GOES_ON ? ERROR_SECONDS : OFF_SECONDS);
	else if (boot->comparison.kind != COMPARISON_NONE)
		page_answer(boot, ANSWER_NO_KEYS); /* it is not lost with the error */
}
