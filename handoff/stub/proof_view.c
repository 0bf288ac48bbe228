/* proof_view.c - see proof_view.h. The order is that of all screens: answer, what it means, what to
 * do, what there is to see, keys. */
#include "handoff/stub/proof_view.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "handoff/block.h"
#include "handoff/stub/amount.h"
#include "handoff/stub/draw.h"
#include "handoff/stub/entry.h"

#define ROW        FONT_HEIGHT
#define BAND_DOTS  (3 * ROW)
#define KEYS_DOTS  (ROW + 2)
#define CHECK_ROWS 6 /* two columns of them */
#define BAR_TOP    2
#define BAR_HEIGHT 12

#define NAME_COLUMN    8 /* of the left half of the checks; the words before and behind it */
#define RESULT_COLUMN  18
#define RIGHT_HALF     40
#define PERCENT_COLUMN (VIEW_RIGHT_COLUMN - 5)
#define PASS_COLUMN    (VIEW_RIGHT_COLUMN - 19)

static const char *const names[] = {
	[CHECK_BLOCK] = "block",         [CHECK_LIMITS] = "limits",   [CHECK_BITMAP] = "bitmap",
	[CHECK_ALLOCATOR] = "allocator", [CHECK_MEMORY] = "memory",   [CHECK_ACPI] = "acpi",
	[CHECK_SMBIOS] = "smbios",       [CHECK_INITRD] = "initrd",   [CHECK_OTHERS] = "others",
	[CHECK_UNCHANGED] = "unchanged", [CHECK_RUNTIME] = "runtime",
};
_Static_assert(COUNT(names) == CHECK_COUNT, "a check has no name");

/* ---- What is known ---- */

void proof_view_init(struct proof_view *shown, const struct proof *proof)
{
	memset(shown, 0, sizeof *shown);
	shown->proof = proof;
	shown->running = CHECK_COUNT;
}

void proof_view_trust(struct proof_view *shown, uint32_t n_rows)
{
	const bool is_high = n_rows >= CANVAS_MOST_ROWS;

	shown->is_trusted = true;
	picture_make(&shown->picture, &shown->proof->view,
	             is_high ? PICTURE_MOST_ROWS : PICTURE_MOST_ROWS / 2);
}

void proof_view_begin(struct proof_view *shown)
{
	shown->running = (enum check_id)shown->n_done;
	shown->progress = (struct progress){ 0 };
}

static void mark(struct proof_view *shown, pfn_t pfn)
{
	struct picture_place place;

	if (shown->is_trusted && picture_find(&shown->picture, pfn, &place))
		shown->picture.rows[place.row].cells[place.column].is_failed = true;
}

static void fail(struct proof_view *shown, const struct outcome *outcome)
{
	shown->is_failed = true;
	shown->failed = shown->running;
	shown->failure = *outcome;
	if (outcome->pfn != OUTCOME_NO_PAGE)
		mark(shown, outcome->pfn);
}

bool proof_view_tell(struct proof_view *shown, const struct progress *progress)
{
	bool is_other = shown->progress.n_whole == 0 || shown->progress.what != progress->what;

	shown->progress = *progress;
	if (progress->what == PROGRESS_ALLOCATES)
		return is_other;
	shown->n_proved = progress->n_whole >> 1; /* it is written, and read back */
	shown->is_part = shown->n_proved < shown->proof->block->free_pages;
	if (is_other)
		picture_begin_pass(&shown->picture);
	return is_other;
}

bool proof_view_paint(struct proof_view *shown, struct picture_place *ret_place)
{
	const struct progress *progress = &shown->progress;

	return progress->what != PROGRESS_ALLOCATES &&
	       picture_pass(&shown->picture,
	                    progress->what == PROGRESS_WRITES ? PICTURE_WRITTEN : PICTURE_READ_BACK,
	                    progress->pfn, ret_place);
}

void proof_view_add(struct proof_view *shown, const struct outcome *outcome)
{
	if (outcome->kind == OUTCOME_FAIL && !shown->is_failed)
		fail(shown, outcome);
	shown->outcomes[shown->n_done] = *outcome;
	shown->n_done++;
	shown->running = CHECK_COUNT;
}

void proof_view_stop(struct proof_view *shown, const char *reason)
{
	struct outcome outcome = outcome_fail("%s", reason);

	shown->is_stopped = true;
	fail(shown, &outcome);
}

/* ---- The answer that came with the block ---- */

static const struct view_band answers[] = {
	[HANDOFF_ANSWER_FAILED] = { CANVAS_AMBER, 'X', "NOT COMPARED", { "", "" }, "" },
	[HANDOFF_ANSWER_FIRST] = { CANVAS_BLUE, '1', "FIRST BOOT", { "", "" }, "" },
	[HANDOFF_ANSWER_UNCHANGED] = { CANVAS_GREEN, '=', "MAP UNCHANGED", { "", "" }, "" },
	[HANDOFF_ANSWER_CHANGED] = { CANVAS_RED, '!', "MAP CHANGED", { "", "" }, "" },
};

static uint32_t answer_of(const struct proof_view *shown)
{
	const struct handoff_block *block = shown->proof->block;

	if (!shown->is_trusted || !handoff_has_answer(block) || block->answer >= COUNT(answers))
		return HANDOFF_ANSWER_NONE;
	return block->answer;
}

static bool has_answer(const struct proof_view *shown)
{
	return answer_of(shown) != HANDOFF_ANSWER_NONE;
}

static struct view_band band_of_answer(const struct proof_view *shown)
{
	const struct handoff_block *block = shown->proof->block;
	struct view_band band = answers[answer_of(shown)];

	for (int i = 0; i < 2; i++)
		text_format(band.lines[i], sizeof band.lines[i], "%s", block->answer_lines[i]);
	text_format(band.brief, sizeof band.brief, "%s",
	            block->answer_brief[0] != '\0' ? block->answer_brief : band.big);
	return band;
}

static void draw_brief_answer(struct view *view, const struct proof_view *shown)
{
	struct view_band band;

	if (!has_answer(shown))
		return;
	band = band_of_answer(shown);
	view_brief(view, &band);
}

/* ---- While it runs ---- */

/* Where parts are, in dots from the top. */
struct places {
	uint32_t checks, doing, bar, picture, legend;
};

/* 22 rows have half a row between parts; where there is more room, a whole one. */
static struct places places_of(const struct view *view, const struct proof_view *shown)
{
	const uint32_t rows = CHECK_ROWS + 2 + (shown->is_trusted ? shown->picture.n_rows : 0) + 4;
	const uint32_t start = 2 * ROW, used = start + rows * ROW + KEYS_DOTS;
	const uint32_t gap = used + 4 * ROW <= view->canvas->height ? ROW : ROW / 2;
	struct places places = { .checks = start + gap };

	places.doing = places.checks + CHECK_ROWS * ROW + gap;
	places.bar = places.doing + ROW;
	places.picture = places.bar + ROW + gap;
	places.legend = places.picture + shown->picture.n_rows * ROW + gap / 2;
	return places;
}

static void clear(struct view *view, uint32_t column, uint32_t n_columns)
{
	view_bar(view, (struct canvas_area){ column * FONT_WIDTH, 0, n_columns * FONT_WIDTH, ROW },
	         CANVAS_BACKGROUND);
}

static void put_state(struct view *view, const struct proof_view *shown, enum check_id id,
                      uint32_t column)
{
	static const struct {
		const char *word;
		enum canvas_colour colour;
	} states[] = {
		[OUTCOME_OK] = { "ok", CANVAS_GREEN },
		[OUTCOME_FAIL] = { "FAIL", CANVAS_RED },
		[OUTCOME_NOT_APPLICABLE] = { "n/a", CANVAS_GREY },
	};

	if (id < shown->n_done)
		view_put(view, column, states[shown->outcomes[id].kind].colour, "%s",
		         states[shown->outcomes[id].kind].word);
	else if (id == shown->running && shown->is_stopped)
		view_put(view, column, CANVAS_RED, "FAIL");
	else if (id == shown->running)
		view_cap(view, column, CANVAS_AMBER, "now ");
	else
		view_put(view, column, CANVAS_GREY, "wait");
}

static const char *result_of(const struct proof_view *shown, enum check_id id)
{
	static const char *const doing[] = {
		[PROGRESS_ALLOCATES] = "handing out",
		[PROGRESS_WRITES] = "writing",
		[PROGRESS_READS_BACK] = "reading back",
	};

	if (id < shown->n_done)
		return shown->outcomes[id].brief;
	return id == shown->running && shown->progress.n_whole > 0 ? doing[shown->progress.what]
	                                                           : "";
}

void proof_view_draw_check(struct view *view, const struct proof_view *shown, enum check_id id)
{
	const uint32_t left = id < CHECK_ROWS ? 0 : RIGHT_HALF;
	const bool is_waiting = id >= shown->n_done && id != shown->running;

	view->y = places_of(view, shown).checks + (uint32_t)id % CHECK_ROWS * ROW;
	clear(view, left == 0 ? 0 : RIGHT_HALF + 1, left == 0 ? RIGHT_HALF + 1 : RIGHT_HALF - 1);
	put_state(view, shown, id, left + VIEW_LEFT_COLUMN);
	view_put(view, left + NAME_COLUMN, is_waiting ? CANVAS_GREY : CANVAS_WHITE, "%s",
	         names[id]);
	view_put(view, left + RESULT_COLUMN, CANVAS_GREY, "%s", result_of(shown, id));
	view_next(view, 0);
}

/* What the running check does, in a sentence. */
static const char *sentence_of(const struct proof_view *shown)
{
	static const char *const begins[] = {
		[CHECK_BLOCK] = "what was handed over, field by field",
		[CHECK_LIMITS] = "where RAM ends, and the two maps of it",
		[CHECK_BITMAP] = "each bit against the firmware's map",
		[CHECK_ALLOCATOR] = "handing out every free page, once",
		[CHECK_MEMORY] = "writing to every free page",
		[CHECK_ACPI] = "are the ACPI tables what they were?",
		[CHECK_SMBIOS] = "are the SMBIOS tables what they were?",
		[CHECK_INITRD] = "is the initrd what it was?",
		[CHECK_OTHERS] = "is all else that is kept what it was?",
		[CHECK_UNCHANGED] = "are block, bitmap and kernel what they were?",
		[CHECK_RUNTIME] = "does the firmware's clock still answer?",
	};

	if (shown->running != CHECK_MEMORY)
		return begins[shown->running];
	if (shown->progress.what == PROGRESS_READS_BACK && shown->progress.n_whole > 0)
		return "reading back what was written";
	return shown->is_part ? "writing to a part of the free pages" : begins[CHECK_MEMORY];
}

void proof_view_draw_percent(struct view *view, const struct proof_view *shown)
{
	const uint32_t percent = amount_part(shown->progress.n_done, shown->progress.n_whole, 100);

	view->y = places_of(view, shown).doing;
	clear(view, PERCENT_COLUMN, VIEW_RIGHT_COLUMN - PERCENT_COLUMN);
	view_put(view,
	         VIEW_RIGHT_COLUMN - (percent < 10    ? 3u
	                              : percent < 100 ? 4u
	                                              : 5u),
	         CANVAS_WHITE, "%u %%", (unsigned)percent);
	view_next(view, 0);
}

void proof_view_draw_doing(struct view *view, const struct proof_view *shown)
{
	const struct progress *progress = &shown->progress;

	proof_view_draw_bar(view, shown, 0, 0);
	view->y = places_of(view, shown).doing;
	clear(view, 0, CANVAS_COLUMNS);
	if (shown->running == CHECK_COUNT)
		return;
	view_put(view, VIEW_LEFT_COLUMN, CANVAS_WHITE, "%s: %s", names[shown->running],
	         sentence_of(shown));
	if (progress->n_whole == 0)
		return;
	if (shown->running == CHECK_MEMORY)
		view_put(view, PASS_COLUMN, CANVAS_WHITE, "pass %u of 2",
		         progress->what == PROGRESS_READS_BACK ? 2u : 1u);
	proof_view_draw_percent(view, shown);
	proof_view_draw_bar(view, shown, 0,
	                    amount_part(progress->n_done, progress->n_whole, PROOF_VIEW_BAR_DOTS));
}

/* From 0 to 0: empty. */
void proof_view_draw_bar(struct view *view, const struct proof_view *shown, uint32_t from_dots,
                         uint32_t to_dots)
{
	const uint32_t left = VIEW_LEFT_COLUMN * FONT_WIDTH;

	view->y = places_of(view, shown).bar;
	if (to_dots == 0)
		view_bar(view,
		         (struct canvas_area){ left, BAR_TOP, PROOF_VIEW_BAR_DOTS, BAR_HEIGHT },
		         CANVAS_PANEL);
	view_bar(view,
	         (struct canvas_area){ left + from_dots, BAR_TOP, to_dots - from_dots, BAR_HEIGHT },
	         CANVAS_AMBER);
}

void proof_view_draw_cell(struct view *view, const struct proof_view *shown,
                          struct picture_place place)
{
	draw_cell(view, &shown->picture, places_of(view, shown).picture, place);
}

static const char *const program =
	STUB_BITS == 64 ? "memory proof, 64-bit kernel" : "memory proof, 32-bit kernel";

void proof_view_draw_title(struct view *view, const struct proof_view *shown)
{
	const uint32_t n_columns = 16;
	char text[24];
	size_t length = text_format(text, sizeof text, "step %u of %u",
	                            (unsigned)min_u64(shown->n_done + 1u, CHECK_COUNT),
	                            (unsigned)CHECK_COUNT);

	view->y = 0;
	view_bar(view,
	         (struct canvas_area){ (VIEW_RIGHT_COLUMN - n_columns) * FONT_WIDTH, 0,
	                               n_columns * FONT_WIDTH, ROW },
	         CANVAS_PANEL);
	view_put(view, VIEW_RIGHT_COLUMN - (uint32_t)length, CANVAS_GREY, "%s", text);
	view_next(view, 0);
}

void proof_view_draw(struct view *view, const struct proof_view *shown)
{
	static const struct view_key safe[] = {
		{ "", "Only memory is written, never a disk. You may switch off at any time." },
	};
	struct places places;

	view_begin(view, program, "");
	places = places_of(view, shown);
	draw_brief_answer(view, shown);
	proof_view_draw_title(view, shown);
	for (enum check_id id = 0; id < CHECK_COUNT; id++)
		proof_view_draw_check(view, shown, id);
	proof_view_draw_doing(view, shown);
	if (shown->is_trusted) {
		view->y = places.picture;
		draw_picture(view, &shown->picture);
		view->y = places.legend;
		draw_legend(view, &shown->picture, LEGEND_RUNNING);
		if (draw_has_small(&shown->picture))
			draw_small(view, &shown->picture);
	}
	view_keys(view, safe, COUNT(safe));
}

/* ---- When it is over ---- */

/* What a failure of a check means, if a page is to blame; else its own words say it. */
static const char bootmem_wrong[] =
	"The map that was handed over is wrong. That is a fault in bootmem.";
static const char hit_firmware[] =
	"Filling free memory hit a firmware table: the firmware's map is wrong, or the RAM is "
	"faulty.";
static const char hit_handed[] =
	"Filling free memory hit what must stay as it is: the firmware's map is wrong, or the RAM "
	"is faulty.";
static const char *const meanings[CHECK_COUNT] = {
	[CHECK_BITMAP] = bootmem_wrong,
	[CHECK_ALLOCATOR] = bootmem_wrong,
	[CHECK_MEMORY] = "The page is not the RAM that the firmware says, or the RAM is faulty.",
	[CHECK_ACPI] = hit_firmware,
	[CHECK_SMBIOS] = hit_firmware,
	[CHECK_INITRD] = hit_handed,
	[CHECK_OTHERS] = hit_handed,
	[CHECK_UNCHANGED] = hit_handed,
};

static bool is_of_memory(enum check_id id)
{
	return id >= CHECK_MEMORY && id <= CHECK_UNCHANGED;
}

/* A reservation that touches page @pfn, RAM or not, or NULL. */
static const struct handoff_reservation *reservation_at(const struct naive_view *view, pfn_t pfn)
{
	for (size_t i = 0; i < view->n_reservations; i++) {
		const struct handoff_reservation *kept = naive_reservation(view, i);

		if (pfn >= pfn_down(kept->start_paddr) && pfn < pfn_up(kept->end_paddr))
			return kept;
	}
	return NULL;
}

/* Whose a page is, and where. */
static void put_owner_of(const struct proof_view *shown, pfn_t pfn, char *text, size_t bytes)
{
	const struct naive_view *view = &shown->proof->view;
	const struct handoff_reservation *kept = reservation_at(view, pfn);
	struct amount amount = amount_of_pages(pfn);
	pfn_t until_pfn;
	enum owner owner = owner_at(view, pfn, &until_pfn);

	if (kept != NULL)
		text_format(text, bytes, "Its owner is %s, at %s.", kept->owner, amount.text);
	else if (owner == OWNER_FREE || owner == OWNER_NONE)
		text_format(text, bytes, "It is %s, at %s.",
		            owner == OWNER_FREE ? "RAM that nobody owns" : "no RAM", amount.text);
	else
		text_format(text, bytes, "Its owner is %s, at %s.", owner_name(owner), amount.text);
}

static struct view_band band_of_failure(const struct proof_view *shown)
{
	struct view_band band = { CANVAS_RED, 'X', "PROOF FAIL", { "", "" }, "" };
	const struct outcome *failure = &shown->failure;

	if (shown->is_stopped)
		text_format(band.lines[0], sizeof band.lines[0], "It stopped in the middle.");
	else if (failure->pfn == OUTCOME_NO_PAGE || !shown->is_trusted)
		text_format(band.lines[0], sizeof band.lines[0], "Check %s failed.",
		            names[shown->failed]);
	else
		text_format(band.lines[0], sizeof band.lines[0], "Page 0x%llx %s.",
		            (ull)failure->pfn, failure->what);
	if (failure->pfn != OUTCOME_NO_PAGE && shown->is_trusted &&
	    failure->pfn < shown->proof->view.node_low_pfn)
		put_owner_of(shown, failure->pfn, band.lines[1], sizeof band.lines[1]);
	return band;
}

static struct view_band band_of_verdict(const struct proof_view *shown)
{
	struct view_band band = { CANVAS_GREEN, '=', "PROOF PASS", { "", "" }, "" };

	if (shown->is_failed)
		return band_of_failure(shown);
	text_format(band.lines[0], sizeof band.lines[0],
	            "This boot's map is right, page for page.");
	text_format(band.lines[1], sizeof band.lines[1],
	            shown->is_part ? "%s of it filled, nothing else changed."
	                           : "%s filled and read back, nothing else changed.",
	            amount_of_pages(shown->n_proved).text);
	return band;
}

static const char *meaning_of_pass(const struct proof_view *shown)
{
	switch (answer_of(shown)) {
	case HANDOFF_ANSWER_CHANGED:
		return "Two questions, two answers. The map is sound, but not the one of before. A "
		       "system hibernated then would not resume.";
	case HANDOFF_ANSWER_UNCHANGED:
		return "The map is sound, and the one of before: it would not stop Linux from "
		       "resuming.";
	case HANDOFF_ANSWER_FIRST:
		return "The map is sound. Whether it stays the same, another boot of the stick will "
		       "show.";
	default:
		return "The map is sound: what it calls free belongs to nobody.";
	}
}

static void meaning_of(const struct proof_view *shown, char *text, size_t bytes)
{
	const struct outcome *failure = &shown->failure;

	if (!shown->is_failed)
		text_format(text, bytes, "%s", meaning_of_pass(shown));
	else if (failure->pfn == OUTCOME_NO_PAGE || meanings[shown->failed] == NULL)
		text_format(text, bytes, "%s.", failure->text);
	else
		text_format(text, bytes, "%s", meanings[shown->failed]);
}

static void to_do_of(const struct proof_view *shown, char *text, size_t bytes)
{
	const struct handoff_block *block = shown->proof->block;
	const char *to_do = has_answer(shown) ? block->answer_to_do : "";
	bool has_capture =
		shown->is_trusted && handoff_has_answer(block) && block->capture_name[0] != '\0';

	if (shown->is_failed && !shown->is_stopped && is_of_memory(shown->failed))
		text_format(text, bytes, "Photograph this screen. Test the RAM with memtest86+.");
	else if (shown->is_failed)
		text_format(text, bytes, "Photograph this screen and report it.");
	else if (has_capture)
		text_format(text, bytes, "%s%sEverything is saved: %s.", to_do,
		            to_do[0] != '\0' ? " " : "", block->capture_name);
	else
		text_format(text, bytes, "%s", to_do[0] != '\0' ? to_do : "Nothing.");
}

/* What goes below the bands, in rows and in dots between them. */
struct room {
	uint32_t gap; /* between bands; half of it between what is below them */
	bool has_small;
};

/* As much air as there is room for; the smallest owners give way to it. */
static struct room room_of(const struct view *view, const struct proof_view *shown,
                           uint32_t text_rows)
{
	static const struct room rooms[] = {
		{ 16, true }, { 8, true }, { 8, false }, { 4, false }
	};
	const uint32_t n_bands = has_answer(shown) ? 2 : 1;
	const bool has_small = shown->is_trusted && draw_has_small(&shown->picture);
	uint32_t rows = text_rows;

	if (shown->is_trusted)
		rows += shown->picture.n_rows + 1 + draw_owner_rows(&shown->picture);
	for (size_t i = 0; i < COUNT(rooms); i++) {
		uint32_t dots = ROW + n_bands * (BAND_DOTS + rooms[i].gap) + 2 * rooms[i].gap +
		                rows * ROW + KEYS_DOTS;

		if (rooms[i].has_small && has_small)
			dots += ROW;
		if (dots <= view->canvas->height)
			return rooms[i];
	}
	return (struct room){ 2, false };
}

static void draw_what_was_proved(struct view *view, const struct proof_view *shown,
                                 struct room room)
{
	const struct picture *picture = &shown->picture;
	const uint32_t y = view->y;

	draw_picture(view, picture);
	if (shown->is_failed && shown->failure.pfn != OUTCOME_NO_PAGE)
		draw_pointer(view, picture, y, shown->failure.pfn);
	view->y += room.gap / 2;
	draw_legend(view, picture, shown->is_failed ? LEGEND_FAILED : LEGEND_PROVED);
	if (room.has_small && draw_has_small(picture))
		draw_small(view, picture);
	view->y += room.gap / 2;
}

static void title_of_verdict(const struct proof_view *shown, char *text, size_t bytes)
{
	if (shown->is_failed && shown->failed < CHECK_COUNT)
		text_format(text, bytes, "check %u of %u, %s", (unsigned)shown->failed + 1,
		            (unsigned)CHECK_COUNT, names[shown->failed]);
	else
		text_format(text, bytes, "%u of %u checks", (unsigned)shown->n_done,
		            (unsigned)CHECK_COUNT);
}

void proof_view_draw_verdict(struct view *view, const struct proof_view *shown)
{
	struct view_band answer, verdict = band_of_verdict(shown);
	char title[32], meaning[256], to_do[256];
	struct room room;

	title_of_verdict(shown, title, sizeof title);
	meaning_of(shown, meaning, sizeof meaning);
	to_do_of(shown, to_do, sizeof to_do);
	room = room_of(view, shown,
	               view_rows(VIEW_TEXT_COLUMN, meaning) + view_rows(VIEW_TEXT_COLUMN, to_do));
	view_begin(view, program, title);
	view->y += room.gap;
	if (has_answer(shown)) {
		answer = band_of_answer(shown);
		view_band(view, &answer);
		view->y += room.gap;
	}
	view_band(view, &verdict);
	view->y += room.gap;
	if (shown->is_trusted)
		draw_what_was_proved(view, shown, room);
	view_named(view, "Means", CANVAS_WHITE, "%s", meaning);
	view_named(view, "To do", CANVAS_WHITE, "%s", to_do);
}

/* ---- All of it ---- */

static const char *text_of(const struct proof_view *shown, enum check_id id)
{
	if (id < shown->n_done)
		return shown->outcomes[id].text;
	return id == shown->running && shown->is_stopped ? shown->failure.text : "not run";
}

void proof_view_draw_all(struct view *view, const struct proof_view *shown)
{
	struct view_band verdict = band_of_verdict(shown);
	uint32_t rows_left;

	view_begin(view, program, "all checks");
	draw_brief_answer(view, shown);
	text_format(verdict.brief, sizeof verdict.brief, "%s: %s", verdict.big, verdict.lines[0]);
	view_brief(view, &verdict);
	view->y += ROW / 2;
	for (enum check_id id = 0; id < CHECK_COUNT; id++) {
		const char *text = text_of(shown, id);

		if (id < shown->n_done || (id == shown->running && shown->is_stopped))
			put_state(view, shown, id, VIEW_LEFT_COLUMN);
		else
			view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY, "-");
		view_put(view, NAME_COLUMN, CANVAS_WHITE, "%s", names[id]);
		/* A row for each check that is still to come; what is longer is cut. */
		rows_left = (view->canvas->height - KEYS_DOTS - view->y) / ROW;
		if (view_rows(RESULT_COLUMN, text) + (CHECK_COUNT - 1 - (uint32_t)id) <=
		    rows_left) {
			view_wrap(view, RESULT_COLUMN, CANVAS_GREY, text, 0);
		} else {
			view_put(view, RESULT_COLUMN, CANVAS_GREY, "%s", text);
			view_next(view, 0);
		}
	}
}

/* ---- The last row ---- */

static void end_of(uint32_t at_end, uint32_t seconds, bool has_keys, char *text, size_t bytes)
{
	if (seconds > 0)
		text_format(text, bytes, "%s in %u s.%s",
		            at_end == HANDOFF_END_RESET ? "Restarts" : "Powers off",
		            (unsigned)seconds, has_keys ? " Any key stops it." : "");
	else if (has_keys)
		text_format(text, bytes, "Finished. Switch the computer off.");
	else
		text_format(text, bytes, "Finished. Hold the power button for 5 seconds.");
}

void proof_view_draw_end(struct view *view, uint32_t at_end, uint32_t seconds, bool has_keys,
                         bool is_all)
{
	char text[CANVAS_COLUMNS];
	const struct view_key keys[] = {
		{ "", text },
		{ "P", "power off" },
		{ "R", "restart" },
		{ "D", is_all ? "verdict" : "all checks" },
	};

	end_of(at_end, seconds, has_keys, text, sizeof text);
	view_keys(view, keys, has_keys ? COUNT(keys) : 1);
}
