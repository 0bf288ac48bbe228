/* fault_view.c - see fault_view.h. It fits into 22 rows with the most registers there are. */
#include "handoff/gates/fault_view.h"

#include "handoff/capture/text.h"

#define NOTE_COLUMN     32
#define REGISTER_COLUMN 11
#define REGISTER_WIDTH  23 /* columns, from one register to the next */
#define REGISTERS_A_ROW 3
#define GAP             (FONT_HEIGHT / 2)

static void draw_title(struct view *view, const struct fault *fault)
{
	char what[GATES_NAME_BYTES + 16], right[16];

	text_format(what, sizeof what, "%s, %u-bit", fault->known->kernel_name, fault->bits);
	text_format(right, sizeof right, fault->has_no_memory ? "no vector" : "vector %u",
	            fault->vector);
	view_begin(view, what, right);
}

static void draw_band(struct view *view, const struct fault *fault)
{
	struct view_band band = { CANVAS_RED, 'X', "KERNEL FAULT", { "", "" }, "" };

	fault_say_title(fault, band.lines[0], sizeof band.lines[0]);
	text_format(band.lines[1], sizeof band.lines[1],
	            fault_is_exception(fault) ? "It had no handler of its own; bootmem caught it."
	                                      : "The kernel has no handler; bootmem caught it.");
	view_band(view, &band);
}

/* A name, an address, and what that is. */
static void draw_noted(struct view *view, const char *name, const char *value, const char *note)
{
	view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY, "%s", name);
	view_put(view, VIEW_TEXT_COLUMN, CANVAS_WHITE, "%s", value);
	view_put(view, NOTE_COLUMN, CANVAS_GREY, "%s", note);
	view_next(view, 0);
}

static void draw_address(struct view *view, const struct fault *fault, const char *name,
                         uint64_t address, const char *note)
{
	char value[24];

	text_format(value, sizeof value, "0x%0*llx", (int)fault->bits / 4, (ull)address);
	draw_noted(view, name, value, note);
}

static void draw_from(struct view *view, const struct fault *fault)
{
	const char *name = fault->bits == 64 ? "RIP" : "EIP";
	char note[64];
	uint64_t linked;

	if (fault_find_in_kernel(fault, fault->ip, &linked))
		text_format(note, sizeof note, "%s, in the kernel: its start + 0x%llx", name,
		            (ull)(linked - fault_linked_start(fault)));
	else
		text_format(note, sizeof note, "%s, not in the kernel", name);
	draw_address(view, fault, "From", fault->ip, note);
}

static void draw_what(struct view *view, const struct fault *fault)
{
	char did[128], mapped[48];
	const char *by;

	fault_say_did(fault, did, sizeof did);
	view_named(view, "Did", CANVAS_WHITE, "%s", did);
	if (fault->has_no_memory)
		return;
	if (fault_is_of_page(fault))
		draw_address(view, fault, "At", fault->cr2, "CR2, the address that it wanted");
	draw_from(view, fault);
	fault_say_mapped(fault, mapped, sizeof mapped, &by);
	draw_noted(view, "Mapped", mapped, by);
}

static void draw_register(struct view *view, const struct fault *fault, size_t i)
{
	const struct fault_register *kept = &fault->registers[i];
	uint32_t column = REGISTER_COLUMN + (uint32_t)(i % REGISTERS_A_ROW) * REGISTER_WIDTH;
	bool is_cause = fault_is_cause(fault, kept);
	uint32_t digits = kept->is_short ? 8 : fault->bits / 4;
	uint32_t length = (uint32_t)text_format(NULL, 0, "%s", kept->name);

	if (is_cause)
		view_put(view, column - 1, CANVAS_AMBER, ">");
	view_put(view, column, is_cause ? CANVAS_AMBER : CANVAS_GREY, "%s", kept->name);
	view_put(view, column + 1 + (length > 3 ? length : 3),
	         is_cause ? CANVAS_AMBER : CANVAS_WHITE, "%0*llx", (int)digits, (ull)kept->value);
}

static void draw_registers(struct view *view, const struct fault *fault)
{
	view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY, "Regs");
	for (size_t i = 0; i < fault->n_registers; i++) {
		draw_register(view, fault, i);
		if (i % REGISTERS_A_ROW == REGISTERS_A_ROW - 1 || i == fault->n_registers - 1)
			view_next(view, 0);
	}
}

static void draw_to_do(struct view *view, const struct fault *fault)
{
	char text[VIEW_LINE_BYTES];

	view_put(view, VIEW_LEFT_COLUMN, CANVAS_GREY, "To do");
	for (size_t i = 0; fault_say_to_do(fault, i, text, sizeof text); i++)
		view_wrap(view, VIEW_TEXT_COLUMN, CANVAS_WHITE, text, 0);
}

void fault_view_draw(struct view *view, const struct fault *fault)
{
	static const struct view_key halted = {
		"", "Halted. Photograph this screen, then hold the power button for 10 seconds."
	};

	draw_title(view, fault);
	view->y += GAP;
	draw_band(view, fault);
	view->y += GAP;
	draw_what(view, fault);
	view->y += GAP;
	draw_registers(view, fault);
	view->y += GAP;
	draw_to_do(view, fault);
	view_keys(view, &halted, 1);
}
