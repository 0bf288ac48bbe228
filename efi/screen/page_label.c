/* page_label.c - what is special about this boot: see pages.h. */
#include "efi/screen/pages.h"

#include "bootmem/count.h"
#include "bootmem/mem.h"

#define ROW          FONT_HEIGHT
#define GAP          (FONT_HEIGHT / 2)
#define FIELD_COLUMN 16
#define RIGHT_COLUMN 40
#define MOST_EARLIER 3

/* The same words at each boot make comparisons readable. */
static const char *const words[LABEL_WORDS] = {
	"docked",
	"undocked",
	"on battery",
	"on mains power",
	"external screen",
	"after a firmware update",
	"after a failed resume",
	"as usual",
};

void page_label_text(const struct label_choice *choice, char text[COMPARISON_LABEL_BYTES])
{
	size_t n = 0;

	text[0] = '\0';
	for (size_t i = 0; i < LABEL_WORDS; i++)
		if (choice->is_on[i] && n < COMPARISON_LABEL_BYTES)
			n += text_format(text + n, COMPARISON_LABEL_BYTES - n, "%s%s",
			                 n > 0 ? ", " : "", words[i]);
	if (choice->typed[0] != '\0' && n < COMPARISON_LABEL_BYTES)
		text_format(text + n, COMPARISON_LABEL_BYTES - n, "%s%s", n > 0 ? ", " : "",
		            choice->typed);
}

static void put_word(struct view *view, uint32_t column, const struct label_choice *choice,
                     unsigned i)
{
	const char digit[2] = { (char)('1' + i), '\0' };

	view_cap(view, column, choice->is_on[i] ? CANVAS_BLUE : CANVAS_WHITE, digit);
	view_put(view, column + 3, choice->is_on[i] ? CANVAS_WHITE : CANVAS_GREY, "[%c] %s",
	         choice->is_on[i] ? 'x' : ' ', words[i]);
}

static void put_field(struct view *view, const struct label_choice *choice)
{
	const uint32_t x = (FIELD_COLUMN - 1) * FONT_WIDTH;
	size_t n = 0, start;

	while (choice->typed[n] != '\0')
		n++;
	start = n > VIEW_RIGHT_COLUMN - FIELD_COLUMN - 2
	                ? n - (VIEW_RIGHT_COLUMN - FIELD_COLUMN - 2)
	                : 0;
	view_cap(view, VIEW_LEFT_COLUMN, choice->is_typing ? CANVAS_BLUE : CANVAS_WHITE, "T");
	view_put(view, 5, CANVAS_GREY, "own words");
	view_bar(view, (struct canvas_area){ x, 0, VIEW_RIGHT_COLUMN * FONT_WIDTH - x, ROW },
	         CANVAS_PANEL);
	view_put(view, FIELD_COLUMN, CANVAS_WHITE, "%s", choice->typed + start);
	if (choice->is_typing)
		view_bar(view,
		         (struct canvas_area){ (FIELD_COLUMN + (uint32_t)(n - start)) * FONT_WIDTH,
		                               1, FONT_WIDTH, ROW - 2 },
		         CANVAS_WHITE);
	view_next(view, ROW);
}

static void put_earlier(struct view *view, const struct comparison *comparison)
{
	unsigned n_shown = 0;

	for (size_t i = comparison->n_boots;
	     i-- > 0 && n_shown < MOST_EARLIER && view_room(view) >= ROW;) {
		const struct past_boot *boot = &comparison->boots[i];

		if (boot->label[0] == '\0' || boot->number == comparison->number)
			continue;
		view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY, "%s",
		         n_shown++ == 0 ? "Earlier" : "");
		view_put(view, VIEW_TEXT_COLUMN, CANVAS_GREY, "%04u.map  %s", boot->number,
		         boot->label);
		view_next(view, 0);
	}
}

void page_label(struct boot *boot, const struct label_choice *choice)
{
	static const struct view_key list[] = { { "Enter", "save" },
		                                { "1-8", "on or off" },
		                                { "T", "type own words" },
		                                { "Esc", "leave as it was" } };
	static const struct view_key field[] = { { "Enter", "save" },
		                                 { "Tab", "back to the list" },
		                                 { "Esc", "leave as it was" } };
	struct view_band question = { .colour = CANVAS_BLUE, .sign = '?' };
	char text[COMPARISON_LABEL_BYTES];
	size_t length;
	struct view view;

	page_begin(boot, NULL, &view);
	page_brief(boot, &view);
	text_format(question.brief, sizeof question.brief,
	            "Label this boot, %04u.map: what is special about it?",
	            boot->comparison.number);
	text_format(question.lines[0], sizeof question.lines[0], "%s", question.brief);
	view_brief(&view, &question);
	view.y += GAP;
	for (unsigned i = 0; i < LABEL_WORDS / 2; i++) {
		put_word(&view, VIEW_LEFT_COLUMN, choice, i);
		put_word(&view, RIGHT_COLUMN, choice, i + LABEL_WORDS / 2);
		view_next(&view, GAP / 2);
	}
	view.y += GAP;
	put_field(&view, choice);
	page_label_text(choice, text);
	for (length = 0; text[length] != '\0'; length++)
		;
	view_named(&view, "Saved as", CANVAS_WHITE, "label = %s", text);
	view_named(&view, "Room", CANVAS_GREY, "%u of %u characters. ASCII only.", (unsigned)length,
	           (unsigned)COMPARISON_LABEL_BYTES - 1);
	view_named(&view, "Note", CANVAS_WHITE, "Whoever sees the capture can read the label.");
	put_earlier(&view, &boot->comparison);
	if (choice->is_typing)
		view_keys(&view, field, COUNT(field));
	else
		view_keys(&view, list, COUNT(list));
}
