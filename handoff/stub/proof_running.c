/* proof_running.c - see proof_running.h. */
#include "handoff/stub/proof_running.h"

#include "bootmem/count.h"
#include "handoff/stub/amount.h"
#include "handoff/stub/draw.h"

#define ROW        FONT_HEIGHT
#define KEYS_DOTS  (ROW + 2)
#define CHECK_ROWS 6 /* two columns of them */
#define BAR_TOP    2
#define BAR_HEIGHT 12

#define RIGHT_HALF     40
#define PERCENT_COLUMN (VIEW_RIGHT_COLUMN - 5)
#define PASS_COLUMN    (VIEW_RIGHT_COLUMN - 19)

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

void proof_running_draw_check(struct view *view, const struct proof_view *shown, enum check_id id)
{
	const uint32_t left = id < CHECK_ROWS ? 0 : RIGHT_HALF;
	const bool is_waiting = id >= shown->n_done && id != shown->running;

	view->y = places_of(view, shown).checks + (uint32_t)id % CHECK_ROWS * ROW;
	clear(view, left == 0 ? 0 : RIGHT_HALF + 1, left == 0 ? RIGHT_HALF + 1 : RIGHT_HALF - 1);
	proof_view_put_state(view, shown, id, left + VIEW_LEFT_COLUMN);
	view_put(view, left + PROOF_VIEW_NAME_COLUMN, is_waiting ? CANVAS_GREY : CANVAS_WHITE, "%s",
	         proof_view_name(id));
	view_put(view, left + PROOF_VIEW_RESULT_COLUMN, CANVAS_GREY, "%s", result_of(shown, id));
	view_next(view, 0);
}

/* What the running check does, in a sentence. */
static const char *sentence_of(const struct proof_view *shown)
{
	static const char *const begins[] = {
		[CHECK_BLOCK] = "what was handed over, field by field",
		[CHECK_ENTRY] = "the CPU at the entry, row by row",
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

void proof_running_draw_percent(struct view *view, const struct proof_view *shown)
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

void proof_running_draw_doing(struct view *view, const struct proof_view *shown)
{
	const struct progress *progress = &shown->progress;

	proof_running_draw_bar(view, shown, 0, 0);
	view->y = places_of(view, shown).doing;
	clear(view, 0, CANVAS_COLUMNS);
	if (shown->running == CHECK_COUNT)
		return;
	view_put(view, VIEW_LEFT_COLUMN, CANVAS_WHITE, "%s: %s", proof_view_name(shown->running),
	         sentence_of(shown));
	if (progress->n_whole == 0)
		return;
	if (shown->running == CHECK_MEMORY)
		view_put(view, PASS_COLUMN, CANVAS_WHITE, "pass %u of 2",
		         progress->what == PROGRESS_READS_BACK ? 2u : 1u);
	proof_running_draw_percent(view, shown);
	proof_running_draw_bar(
		view, shown, 0,
		amount_part(progress->n_done, progress->n_whole, PROOF_RUNNING_BAR_DOTS));
}

/* From 0 to 0: empty. */
void proof_running_draw_bar(struct view *view, const struct proof_view *shown, uint32_t from_dots,
                            uint32_t to_dots)
{
	const uint32_t left = VIEW_LEFT_COLUMN * FONT_WIDTH;

	view->y = places_of(view, shown).bar;
	if (to_dots == 0)
		view_bar(view,
		         (struct canvas_area){ left, BAR_TOP, PROOF_RUNNING_BAR_DOTS, BAR_HEIGHT },
		         CANVAS_PANEL);
	view_bar(view,
	         (struct canvas_area){ left + from_dots, BAR_TOP, to_dots - from_dots, BAR_HEIGHT },
	         CANVAS_AMBER);
}

void proof_running_draw_cell(struct view *view, const struct proof_view *shown,
                             struct picture_place place)
{
	draw_cell(view, &shown->picture, places_of(view, shown).picture, place);
}

void proof_running_draw_title(struct view *view, const struct proof_view *shown)
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

void proof_running_draw(struct view *view, const struct proof_view *shown)
{
	static const struct view_key safe[] = {
		{ "", "Only memory is written, never a disk. You may switch off at any time." },
	};
	struct places places;

	view_begin(view, proof_view_program(), "");
	places = places_of(view, shown);
	proof_view_draw_answer(view, shown);
	proof_running_draw_title(view, shown);
	for (enum check_id id = 0; id < CHECK_COUNT; id++)
		proof_running_draw_check(view, shown, id);
	proof_running_draw_doing(view, shown);
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
