/* print_check.c - a check (does the e820 map follow from the UEFI map, by whose rules?) -> text. */
#include "mapdiff/report/print_check.h"

#include "mapdiff/base/text.h"
#include "mapdiff/map/rules.h"

static void print_difference(const struct output *out, const struct check_difference *row)
{
	const char *uefi = "no descriptor";

	if (row->uefi_type != UINT32_MAX)
		uefi = memory_printf("type %" PRIu32 " (%s)", row->uefi_type,
		                     uefi_type_name(row->uefi_type));
	out_text(out, "  %-36s is %s, and would be %s; UEFI: %s\n",
	         text_range(row->start_paddr, row->end_paddr), text_type(row->found_type),
	         text_type(row->expected_type), uefi);
}

/* "linux (Linux's EFI stub, 64 bits)": the others that are exact, or how far off they are. */
static void print_other(const struct output *out, const struct check_rule *rule)
{
	const char *how = "the same";

	if (!rule->is_exact)
		how = memory_printf("%s in %s differ%s", text_size(rule->different_bytes),
		                    text_count(rule->n_differences, "place"),
		                    rule->n_differences == 1 ? "s" : "");
	out_text(out, "  %-10s  %s: %s\n", rules_names[rule->rules], rules_texts[rule->rules], how);
}

/* Who ran, if these are the rules. */
static const char *const loader_texts[RULES_COUNT] = {
	[RULES_LINUX] = "So the kernel came through its EFI stub, or a loader with the same "
			"rules: the maps cannot tell these apart.",
	[RULES_GRUB] = "So a GRUB that makes its own e820 map loaded the kernel, or a loader with "
		       "the same rules.",
	[RULES_OLD_GRUB] = "So an old GRUB, or ELILO, loaded the kernel, or a loader with the same "
			   "rules.",
};

static void print_loader(const struct output *out, const struct check *check)
{
	enum rules best = check->rules[0].rules;

	if (best == RULES_LINUX_612 || best == RULES_LINUX_IA32)
		best = RULES_LINUX;
	if (check->record->e820_view == VIEW_XEN)
		out_text(out,
		         "Xen made it itself, or took it from a loader with the same rules: the "
		         "maps cannot tell these apart.\n");
	else if (check->is_ambiguous)
		out_colour(
			out, YELLOW,
			"Those of other loaders give the same map: it does not tell which one ran.\n");
	else if (loader_texts[best] != NULL)
		out_text(out, "%s\n", loader_texts[best]);
}

static void print_inexact(const struct output *out, const struct check_rule *best)
{
	out_colour(out, RED,
	           "The e820 map does not follow from the UEFI map by any rules known.\n");
	out_text(out, "Nearest are those of %s (%s). Where they differ:\n",
	         rules_texts[best->rules], rules_names[best->rules]);
	for (size_t i = 0; i < best->n_differences; i++)
		print_difference(out, &best->differences[i]);
	if (best->n_differences == 0)
		out_text(out, "  only in how ranges of one type are divided\n");
}

void print_check(const struct output *out, const struct check *check)
{
	const struct check_rule *best = &check->rules[0];

	out_colour(out, BOLD, "%s\n", record_title(check->record));
	if (best->is_exact) {
		out_colour(out, GREEN,
		           "The e820 map follows from the UEFI map by the rules of %s (%s).\n",
		           rules_texts[best->rules], rules_names[best->rules]);
		print_loader(out, check);
	} else {
		print_inexact(out, best);
	}
	out_text(out, "The others:\n");
	for (size_t i = 1; i < RULES_COUNT; i++)
		print_other(out, &check->rules[i]);
}
