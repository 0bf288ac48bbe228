/* proof_view.c - see proof_view.h. */
#include "handoff/stub/proof_view.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "handoff/block.h"
#include "handoff/stub/entry.h"

static const char *const names[] = {
	[CHECK_BLOCK] = "block",   [CHECK_ENTRY] = "entry",         [CHECK_LIMITS] = "limits",
	[CHECK_BITMAP] = "bitmap", [CHECK_ALLOCATOR] = "allocator", [CHECK_MEMORY] = "memory",
	[CHECK_ACPI] = "acpi",     [CHECK_SMBIOS] = "smbios",       [CHECK_INITRD] = "initrd",
	[CHECK_OTHERS] = "others", [CHECK_UNCHANGED] = "unchanged", [CHECK_RUNTIME] = "runtime",
};
_Static_assert(COUNT(names) == CHECK_COUNT, "a check has no name");

const char *proof_view_name(enum check_id id)
{
	return names[id];
}

const char *proof_view_program(void)
{
	return STUB_BITS == 64 ? "memory proof, 64-bit kernel" : "memory proof, 32-bit kernel";
}

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

uint32_t proof_view_answer_kind(const struct proof_view *shown)
{
	const struct handoff_block *block = shown->proof->block;

	if (!shown->is_trusted || !handoff_has_answer(block) || block->answer >= COUNT(answers))
		return HANDOFF_ANSWER_NONE;
	return block->answer;
}

bool proof_view_has_answer(const struct proof_view *shown)
{
	return proof_view_answer_kind(shown) != HANDOFF_ANSWER_NONE;
}

struct view_band proof_view_answer(const struct proof_view *shown)
{
	const struct handoff_block *block = shown->proof->block;
	struct view_band band = answers[proof_view_answer_kind(shown)];

	for (int i = 0; i < 2; i++)
		text_format(band.lines[i], sizeof band.lines[i], "%s", block->answer_lines[i]);
	text_format(band.brief, sizeof band.brief, "%s",
	            block->answer_brief[0] != '\0' ? block->answer_brief : band.big);
	return band;
}

void proof_view_draw_answer(struct view *view, const struct proof_view *shown)
{
	struct view_band band;

	if (!proof_view_has_answer(shown))
		return;
	band = proof_view_answer(shown);
	view_brief(view, &band);
}

/* ---- A check ---- */

void proof_view_put_state(struct view *view, const struct proof_view *shown, enum check_id id,
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
