/* page_refused.c - a file that was not taken: see pages.h. What it is about is trust.h's. */
#include "efi/screen/pages.h"

#include "bootmem/count.h"
#include "efi/console.h"
#include "efi/last_error.h"
#include "handoff/handoff.h"

#define ROW FONT_HEIGHT
#define GAP (FONT_HEIGHT / 2)

#define NAME_CHARS 22 /* beside the big word */
#define PATH_CHARS (VIEW_RIGHT_COLUMN - VIEW_TEXT_COLUMN)

static bool is_secure(const struct boot *boot)
{
	return boot->trust.secure_boot == HANDOFF_SECURE_BOOT_ON;
}

/* "kernel-amd64.elf"; false, and "the kernel", where that is too long to stand in the band. */
static bool name_file(const struct refusal *refusal, char name[NAME_CHARS + 1])
{
	const char *last = refusal->path;

	for (const char *c = refusal->path; *c != '\0'; c++)
		if (*c == '\\' || *c == '/')
			last = c + 1;
	if (text_format(name, NAME_CHARS + 1, "%s", last) <= NAME_CHARS)
		return true;
	text_format(name, NAME_CHARS + 1, "the %s", refusal->noun);
	return false;
}

static void fill_band(const struct trust *trust, struct view_band *band)
{
	const struct refusal *refusal = &trust->refusal;
	char name[NAME_CHARS + 1];
	const char *second = "";

	switch (refusal->kind) {
	case REFUSAL_DAMAGED:
		name_file(refusal, name);
		text_format(band->lines[0], sizeof band->lines[0], "%s is damaged, or", name);
		second = "it is not the one that was meant.";
		break;
	case REFUSAL_NOT_SIGNED:
		name_file(refusal, name);
		text_format(band->lines[0], sizeof band->lines[0], "%s, and %s is not",
		            trust_reason(trust), name);
		second = "the file that was signed with this stick.";
		break;
	case REFUSAL_CONFIG:
		text_format(band->lines[0], sizeof band->lines[0], "%s, and bootmem.conf is not",
		            trust_reason(trust));
		second = "as it was when this stick was signed.";
		break;
	default:
		text_format(band->lines[0], sizeof band->lines[0], "%s, and this bootmem has no",
		            trust_reason(trust));
		second = "list of the files that it may start.";
	}
	text_format(band->lines[1], sizeof band->lines[1], "%s", second);
}

/* The end of it, if it is long. */
static void put_path(struct view *view, const char *path)
{
	size_t n = 0;

	while (path[n] != '\0')
		n++;
	if (n > PATH_CHARS)
		view_named(view, "File", CANVAS_WHITE, "...%s", path + n - (PATH_CHARS - 3));
	else
		view_named(view, "File", CANVAS_WHITE, "%s", path);
}

static void put_sums(struct view *view, const struct refusal *refusal)
{
	char text[SHA256_TEXT_BYTES], name[NAME_CHARS + 1];

	if (!name_file(refusal, name))
		put_path(view, refusal->path);
	view_named(view, refusal->kind == REFUSAL_DAMAGED ? "Meant" : "Signed", CANVAS_GREY, "%s",
	           refusal->has_wanted ? sha256_text(text, refusal->wanted)
	                               : "No such file was signed.");
	view_named(view, "Found", CANVAS_WHITE, "%s", sha256_text(text, refusal->found));
}

static void put_line(struct view *view, const struct manifest_difference *difference)
{
	static const char *const signed_texts[] = {
		[MANIFEST_SAME] = "?",
		[MANIFEST_CHANGED] = "",
		[MANIFEST_ADDED] = "There was no such line.",
		[MANIFEST_REMOVED] = "",
		[MANIFEST_MOVED] = "This line had another place.",
	};

	view_named(view, "Signed", CANVAS_GREY, "%s",
	           difference->wanted[0] != '\0' ? difference->wanted
	                                         : signed_texts[difference->change]);
	if (difference->number == 0)
		view_named(view, "Found", CANVAS_WHITE, "This line is not there any more.");
	else
		view_named(view, "Found", CANVAS_WHITE, "line %u: %s", difference->number,
		           difference->found);
}

static const char *what_to_do(enum refusal_kind kind)
{
	switch (kind) {
	case REFUSAL_DAMAGED:
		return "copy it to the stick again. If it is the one that you want, delete its sum in "
		       "bootmem.conf.";
	case REFUSAL_CONFIG:
		return "undo it, or run make usb SIGN_KEY=... SIGN_CERT=... again.";
	default:
		return "write the stick again (make usb SIGN_KEY=... SIGN_CERT=...).";
	}
}

static void put_to_do(struct view *view, const struct boot *boot)
{
	const char *text = what_to_do(boot->trust.refusal.kind);

	if (page_refused_has_answer(boot)) {
		view_named(view, "To do", CANVAS_WHITE,
		           "Nothing, if you came for the comparison: it is above%s.",
		           boot->comparison.saved == EFI_SUCCESS ? ", and saved" : "");
		view_named(view, "", CANVAS_WHITE, "Else %s", text);
	} else {
		view_named(view, "To do", CANVAS_WHITE, "%c%s", *text - 'a' + 'A', text + 1);
	}
}

static void put_warning(struct view *view)
{
	view_named(view, "Before", CANVAS_AMBER,
	           "you switch Secure Boot off: Windows asks for the BitLocker key, and disks that "
	           "the TPM unlocks ask for a passphrase. Have both ready.");
	view->y += GAP;
	view_named(view, "Note", CANVAS_WHITE,
	           "With Secure Boot on, most Linux kernels do not hibernate at all.");
}

bool page_refused_has_answer(const struct boot *boot)
{
	return boot->trust.refusal.kind != REFUSAL_NONE && boot->comparison.kind != COMPARISON_NONE;
}

static void put_keys(const struct boot *boot, struct view *view)
{
	static const struct view_key keys[] = {
		{ "Enter", "answer" }, { "D", "details" },   { "L", "label" },
		{ "R", "restart" },    { "P", "power off" }, { "Esc", "next boot entry" },
	};

	if (page_refused_has_answer(boot))
		view_keys(view, keys, COUNT(keys));
	else
		page_error_keys(boot, view);
}

void page_refused(struct boot *boot)
{
	const struct refusal *refusal = &boot->trust.refusal;
	struct view_band band = { .colour = CANVAS_AMBER, .sign = 'X', .big = "NOT STARTED" };
	struct view view;

	fill_band(&boot->trust, &band);
	page_begin_with(boot, is_secure(boot) ? "Secure Boot on" : NULL, &view);
	view.y += ROW;
	view_band(&view, &band);
	view.y += ROW;
	if (refusal->kind == REFUSAL_CONFIG)
		put_line(&view, &refusal->difference);
	else if (refusal->kind != REFUSAL_NO_LIST)
		put_sums(&view, refusal);
	view.y += GAP;
	if (page_refused_has_answer(boot)) {
		view_brief(&view, &boot->answer.band);
		view_put(&view, VIEW_LEFT_COLUMN, CANVAS_GREY,
		         "This answer needs no kernel. Only the memory proof was not started.");
		view_next(&view, GAP);
	}
	put_to_do(&view, boot);
	view.y += GAP;
	if (is_secure(boot))
		put_warning(&view);
	if (boot->error.is_written && view_room(&view) >= ROW)
		view_named(&view, "Saved", CANVAS_GREY, "This message: " LAST_ERROR_FILE);
	put_keys(boot, &view);
}
