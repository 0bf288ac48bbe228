/* proof_verdict.c - see proof_verdict.h. The order is that of all screens: answer, what there is to
 * see, what it means, what to do, keys. */
#include "handoff/stub/proof_verdict.h"

#include "bootmem/count.h"
#include "handoff/block.h"
#include "handoff/failure.h"
#include "handoff/stub/amount.h"
#include "handoff/stub/draw.h"

#define ROW       FONT_HEIGHT
#define BAND_DOTS (3 * ROW)
#define KEYS_DOTS (ROW + 2)

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

/* Numbers stay; what came later has a later one. */
static const unsigned char numbers[] = {
	/* clang-format off */
	[CHECK_BLOCK] = FAILURE_CHECK_BLOCK,
	[CHECK_ENTRY] = FAILURE_CHECK_ENTRY,
	[CHECK_LIMITS] = FAILURE_CHECK_LIMITS,
	[CHECK_BITMAP] = FAILURE_CHECK_BITMAP,
	[CHECK_ALLOCATOR] = FAILURE_CHECK_ALLOCATOR,
	[CHECK_MEMORY] = FAILURE_CHECK_MEMORY,
	[CHECK_ACPI] = FAILURE_CHECK_ACPI,
	[CHECK_SMBIOS] = FAILURE_CHECK_SMBIOS,
	[CHECK_INITRD] = FAILURE_CHECK_INITRD,
	[CHECK_OTHERS] = FAILURE_CHECK_OTHERS,
	[CHECK_UNCHANGED] = FAILURE_CHECK_UNCHANGED,
	[CHECK_RUNTIME] = FAILURE_CHECK_RUNTIME,
	/* clang-format on */
};
_Static_assert(COUNT(numbers) == CHECK_COUNT, "a check has no number in failure.h");

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
		            proof_view_name(shown->failed));
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
	switch (proof_view_answer_kind(shown)) {
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

/* The number that README.md explains. */
static unsigned number_of(const struct proof_view *shown)
{
	return shown->is_stopped ? FAILURE_STOPPED : numbers[shown->failed];
}

static void meaning_of(const struct proof_view *shown, char *text, size_t bytes)
{
	const struct outcome *failure = &shown->failure;

	if (!shown->is_failed)
		text_format(text, bytes, "%s", meaning_of_pass(shown));
	else if (failure->pfn == OUTCOME_NO_PAGE || meanings[shown->failed] == NULL)
		text_format(text, bytes, "%s. Failure %u in README.md.", failure->text,
		            number_of(shown));
	else
		text_format(text, bytes, "%s Failure %u in README.md.", meanings[shown->failed],
		            number_of(shown));
}

static void to_do_of(const struct proof_view *shown, char *text, size_t bytes)
{
	const struct handoff_block *block = shown->proof->block;
	const char *to_do = proof_view_has_answer(shown) ? block->answer_to_do : "";
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
	const uint32_t n_bands = proof_view_has_answer(shown) ? 2 : 1;
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
		            (unsigned)CHECK_COUNT, proof_view_name(shown->failed));
	else
		text_format(text, bytes, "%u of %u checks", (unsigned)shown->n_done,
		            (unsigned)CHECK_COUNT);
}

void proof_verdict_draw(struct view *view, const struct proof_view *shown)
{
	struct view_band answer, verdict = band_of_verdict(shown);
	char title[32], meaning[256], to_do[256];
	struct room room;

	title_of_verdict(shown, title, sizeof title);
	meaning_of(shown, meaning, sizeof meaning);
	to_do_of(shown, to_do, sizeof to_do);
	room = room_of(view, shown,
	               view_rows(VIEW_TEXT_COLUMN, meaning) + view_rows(VIEW_TEXT_COLUMN, to_do));
	view_begin(view, proof_view_program(), title);
	view->y += room.gap;
	if (proof_view_has_answer(shown)) {
		answer = proof_view_answer(shown);
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

void proof_verdict_draw_all(struct view *view, const struct proof_view *shown)
{
	struct view_band verdict = band_of_verdict(shown);
	uint32_t rows_left;

	view_begin(view, proof_view_program(), "all checks");
	proof_view_draw_answer(view, shown);
	text_format(verdict.brief, sizeof verdict.brief, "%s: %s", verdict.big, verdict.lines[0]);
	view_brief(view, &verdict);
	view->y += ROW / 2;
	for (enum check_id id = 0; id < CHECK_COUNT; id++) {
		const char *text = text_of(shown, id);

		if (id < shown->n_done || (id == shown->running && shown->is_stopped))
			proof_view_put_state(view, shown, id, VIEW_LEFT_COLUMN);
		else
			view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY, "-");
		view_put(view, PROOF_VIEW_NAME_COLUMN, CANVAS_WHITE, "%s", proof_view_name(id));
		/* A row for each check that is still to come; what is longer is cut. */
		rows_left = (view->canvas->height - KEYS_DOTS - view->y) / ROW;
		if (view_rows(PROOF_VIEW_RESULT_COLUMN, text) + (CHECK_COUNT - 1 - (uint32_t)id) <=
		    rows_left) {
			view_wrap(view, PROOF_VIEW_RESULT_COLUMN, CANVAS_GREY, text, 0);
		} else {
			view_put(view, PROOF_VIEW_RESULT_COLUMN, CANVAS_GREY, "%s", text);
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

void proof_verdict_draw_end(struct view *view, uint32_t at_end, uint32_t seconds, bool has_keys,
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
