/*
 * options.c - the command line -> what is to be done: see options.h. An option is a row of one
 * table, of which argp makes the parser and the help.
 */
#include "mapdiff/options.h"

#include <argp.h>
#include <ctype.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bootmem/count.h"
#include "handoff/version.h"
#include "mapdiff/base/text.h"

/* What an option does; all but the last three set a field of struct options. LIST may come more
 * than once. */
enum kind { TEXT, LIST, FLAG, CHOICE, POLICY, TARGET, SIZE, SPAN, HELP, USAGE, VERSION };

struct row {
	struct argp_option argp; /* its group is TAKES_..., or 0: all commands take it */
	enum kind kind;
	size_t field; /* the offset */
	/* What can be chosen, the default first: in the help it stands before the text. */
	const char *const *words;
	size_t n_words;
};

/* --- numbers --- */

/* "4096", "0x1000", "16M", "16m". */
static bool parse_size(const char *text, uint64_t *ret_bytes)
{
	static const char units[] = { 'K', 'M', 'G', 'T' };
	const char *unit, *end;
	unsigned shift;

	if (!text_number(text, ret_bytes, &end))
		return false;
	unit = memchr(units, toupper((unsigned char)*end), sizeof units);
	shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;
	end += unit != NULL;
	if (*end != '\0' || *ret_bytes > UINT64_MAX >> shift)
		return false;
	*ret_bytes <<= shift;
	return true;
}

bool options_address(const char *text, uint64_t *ret_paddr)
{
	const char *end;

	if (strncmp(text, "pfn:", 4) != 0)
		return parse_size(text, ret_paddr);
	if (!text_number(text + 4, ret_paddr, &end) || *end != '\0' ||
	    *ret_paddr > pfn_down(UINT64_MAX))
		return false;
	*ret_paddr = pfn_paddr(*ret_paddr);
	return true;
}

static bool parse_span(const char *text, struct span *ret_span)
{
	const char *dash = strchr(text, '-');

	return dash != NULL &&
	       parse_size(memory_text(text, (size_t)(dash - text)), &ret_span->start_paddr) &&
	       parse_size(dash + 1, &ret_span->end_paddr) &&
	       ret_span->start_paddr < ret_span->end_paddr;
}

/* --- the options --- */

/* In the order of their enums. */
static const char *const format_words[] = { "text", "json", "html", "markdown", "sarif", "junit" };
static const char *const colour_words[] = { "auto", "always", "never" };
static const char *const policy_words[] = { "safe", "linux-2.6.24" };
static const char *const target_words[] = { "both", "ia32", "amd64" };

/* clang-format off */
#define SETS(kind_, field_) .kind = (kind_), .field = offsetof(struct options, field_)
#define WORDS(list)         .words = (list), .n_words = COUNT(list)
static const struct row rows[] = {
	{ { "output", 'o', "FILE", 0, "write the report there", 0 }, SETS(TEXT, report.path) },
	{ { "color", 0, "WHEN", 0, "; NO_COLOR is respected", 0 },
	  SETS(CHOICE, report.colour), WORDS(colour_words) },
	{ { "damaged", 0, NULL, 0, "go on with what could be read of a damaged map", 0 },
	  SETS(FLAG, uses_damaged) },
	{ { "help", 'h', NULL, 0, "this text", 0 }, .kind = HELP },
	{ { "usage", 0, NULL, 0, "the options alone", 0 }, .kind = USAGE },
	{ { "version", 'V', NULL, 0, "the version", 0 }, .kind = VERSION },
	{ { "format", 'f', "FORMAT", 0, "; html has pictures, markdown is for trackers", TAKES_FORMAT },
	  SETS(CHOICE, report.format), WORDS(format_words) },
	{ { "private", 0, NULL, 0, "leave names of disks and hosts, UUIDs, keys in", TAKES_FORMAT },
	  SETS(FLAG, is_private) },
	{ { "subtract-footprint", 0, NULL, 0, "leave out what is bootmem's own", TAKES_FOOTPRINT },
	  SETS(FLAG, diff.subtracts_footprint) },
	{ { "resume", 0, NULL, 0, "exit with the verdict: 0 yes, 1 no, 2 unknown", TAKES_FOOTPRINT },
	  SETS(FLAG, exits_with_verdict) },
	{ { "disable", 0, "RULE", 0, "leave this rule out; may be given again", TAKES_LINT },
	  SETS(LIST, lint) },
	{ { "baseline", 0, "FILE", 0, "only what is new since this JSON report", TAKES_LINT },
	  SETS(TEXT, baseline) },
	{ { "target", 't', "TARGET", 0, ": whose bitmap", TAKES_VIEW },
	  SETS(TARGET, view.has_target), WORDS(target_words) },
	{ { "policy", 'p', "POLICY", 0, ": what is reserved in it", TAKES_VIEW },
	  SETS(POLICY, view), WORDS(policy_words) },
	{ { "rules", 'r', "RULES", 0, ": whose translation of UEFI types", TAKES_VIEW },
	  SETS(CHOICE, view.rules), .words = rules_names, .n_words = RULES_COUNT },
	{ { "kernel", 0, "START-END", 0, "where it is taken to be", TAKES_VIEW },
	  SETS(SPAN, view.kernel) },
	{ { "initrd", 0, "START-END", 0, "where it is taken to be", TAKES_VIEW },
	  SETS(SPAN, view.initrd) },
	{ { "mem", 0, "SIZE", 0, "no RAM at or above", TAKES_VIEW },
	  SETS(SIZE, view.mem_limit_paddr) },
	{ { "keep-boot-services", 0, NULL, 0, "boot services memory stays reserved", TAKES_VIEW },
	  SETS(FLAG, view.keep_boot_services) },
};
/* clang-format on */

/* "text, json, html". */
static const char *list_words(const struct row *row, const char *behind_default)
{
	struct bytes list = { 0 };

	for (size_t i = 0; i < row->n_words; i++)
		memory_append(&list, "%s%s%s", i > 0 ? ", " : "", row->words[i],
		              i == 0 ? behind_default : "");
	return list.text;
}

/* --- help --- */

/* "For show, explain, translate:". */
static const char *heading_of(int takes, const struct command *command)
{
	struct bytes heading = { 0 };

	for (; command->name != NULL; command++)
		if ((command->takes & takes) != 0)
			memory_append(&heading, "%s%s", heading.text == NULL ? "For " : ", ",
			              command->name);
	memory_append(&heading, ":");
	return heading.text;
}

/* The rows first, each with its letter as the key, or with what is none; then headings. */
static struct argp_option *make_help(const struct command *commands)
{
	struct argp_option *list = memory_alloc(COUNT(rows) + TAKES_VIEW + 1, sizeof *list);
	struct argp_option *next = list;

	for (const struct row *row = rows; row < rows + COUNT(rows); row++, next++) {
		*next = row->argp;
		if (next->key == 0)
			next->key = 256 + (int)(row - rows);
		if (row->words != NULL)
			next->doc = memory_printf("%s%s", list_words(row, " (the default)"),
			                          row->argp.doc);
	}
	for (int bit = 1; bit <= TAKES_VIEW; bit *= 2)
		*next++ = (struct argp_option){ .doc = heading_of(bit, commands), .group = bit };
	return list;
}

static const char version_text[] =
	"mapdiff (bootmem) " BOOTMEM_VERSION "\nCopyright (c) 2026, the bootmem authors\n"
	"License: BSD-2-Clause; there is NO WARRANTY, to the extent permitted by law.";

static const char help_behind[] =
	"\nA file is a bootmem capture, a Linux log (dmesg, journal, serial console), /proc/iomem, "
	"/sys/firmware/memmap, the UEFI Shell's memmap (also -sfo), GRUB's lsefimmap or lsmmap, "
	"a log of Xen, or a map of another loader or kernel (the manual lists them); "
	"its contents tell; or a thread with these in it: mails, a page, what diff printed. "
	"FILE@N is the Nth boot in it, FILE@- and FILE@+ are the sides of a diff; - is standard "
	"input.\v"
	"Numbers are decimal or 0x..., with K, M, G or T behind; an ADDRESS may be pfn:NUMBER, "
	"too.\nExit status: 0 the same (nothing found), 1 different (something found), 2 trouble.\n"
	"The manual: man mapdiff.";

static const char *help_text(const struct command *command)
{
	struct bytes text = { 0 };

	memory_append(&text, "Shows what changed in the memory map between two boots, who owns it, "
	                     "and whether Linux would resume from hibernation.\n\n");
	for (; command->name != NULL; command++)
		memory_append(&text, "  %-10s%-14s%s\n", command->name, command->operands,
		              command->summary);
	memory_append(&text, "%s", help_behind);
	return text.text;
}

/* What was asked for is printed: the program ends. Even a help text can meet a full disk. */
static _Noreturn void end_with_text(void)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		err(STATUS_TROUBLE, "standard output");
	exit(STATUS_SAME);
}

/* --- the command line --- */

const char *options_format_name(const struct options *options)
{
	return format_words[options->report.format];
}

/* What argp hands around as `input'. */
struct parse {
	struct options *options;
	const struct command *commands;
	const struct argp_option *help;
	const struct row *given[TAKES_VIEW + 1]; /* the last one, by its group */
};

static unsigned choose(const struct row *row, const char *word, struct argp_state *state)
{
	for (unsigned i = 0; i < row->n_words; i++)
		if (strcmp(row->words[i], word) == 0)
			return i;
	argp_error(state, "--%s is one of %s, not `%s'", row->argp.name, list_words(row, ""), word);
	return 0;
}

static void set(const struct row *row, const char *text, struct argp_state *state)
{
	const struct parse *parse = state->input;
	void *field = (char *)parse->options + row->field;
	const char *wanted = NULL; /* what @text is not */
	unsigned chosen;

	switch (row->kind) {
	case TEXT:
		*(const char **)field = text;
		break;
	case LIST:
		*MEMORY_ADD((struct lint_options *)field, disabled) = text;
		break;
	case FLAG:
		*(bool *)field = true;
		break;
	case CHOICE: /* all enums are as wide */
		*(unsigned *)field = choose(row, text, state);
		break;
	case POLICY: /* it counts that there is one, too */
		((struct view_options *)field)->policy = choose(row, text, state);
		((struct view_options *)field)->has_policy = true;
		break;
	case TARGET:
		chosen = choose(row, text, state);
		for (unsigned i = 0; i < RECORD_TARGETS; i++)
			((bool *)field)[i] = chosen == 0 || chosen == 1 + i;
		break;
	case SIZE:
		if (!parse_size(text, field) || *(uint64_t *)field == 0)
			wanted = "a size, 256M say";
		break;
	case SPAN:
		if (!parse_span(text, field))
			wanted = "START-END, 16M-18M say";
		break;
	case HELP:
		argp_state_help(state, stdout,
		                ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC);
		end_with_text();
	case USAGE:
		argp_state_help(state, stdout, ARGP_HELP_USAGE);
		end_with_text();
	case VERSION:
		puts(version_text);
		end_with_text();
	}
	if (wanted != NULL)
		argp_error(state, "--%s wants %s, not `%s'", row->argp.name, wanted, text);
}

/* Do they differ in one letter, or have two neighbours changed places? */
static bool is_slip(const char *word, const char *meant)
{
	size_t n = strlen(word), n_meant = strlen(meant), head = 0, tail = 0;

	while (head < n && head < n_meant && word[head] == meant[head])
		head++;
	while (tail < n - head && tail < n_meant - head &&
	       word[n - 1 - tail] == meant[n_meant - 1 - tail])
		tail++;
	n -= head + tail;
	n_meant -= head + tail;
	return (n <= 1 && n_meant <= 1) ||
	       (n == 2 && n_meant == 2 && word[head] == meant[head + 1] &&
	        word[head + 1] == meant[head]);
}

/* A word that is nearly a command, and no file. */
static void suggest_command(const struct command *commands, const char *word,
                            struct argp_state *state)
{
	for (; access(word, F_OK) != 0 && commands->name != NULL; commands++)
		if (is_slip(word, commands->name))
			argp_error(state,
			           "there is no command and no file `%s': did you mean `%s'?", word,
			           commands->name);
}

static void take_operands(struct argp_state *state)
{
	const struct parse *parse = state->input;
	struct options *options = parse->options;
	const struct command *command = parse->commands;
	char **operands = &state->argv[state->next];
	int n_standard_inputs = 0;

	while (command->name != NULL && strcmp(command->name, operands[0]) != 0)
		command++;
	if (command->name == NULL)
		suggest_command(parse->commands, operands[0], state);
	options->command = command->name != NULL ? command : parse->commands;
	options->operands = operands + (command->name != NULL);
	options->n_operands = (int)(&state->argv[state->argc] - options->operands);
	for (int i = 0; i < options->n_operands; i++)
		n_standard_inputs += strcmp(options->operands[i], "-") == 0;
	if (n_standard_inputs > 1)
		argp_error(state, "standard input is one file: `-' can stand only once");
	if (options->n_operands < options->command->least_operands ||
	    options->n_operands > options->command->most_operands)
		argp_error(state, "usage: mapdiff %s [OPTION...] %s", options->command->name,
		           options->command->operands);
}

/* An option that would do nothing is a mistake of somebody who expects something of it. */
static void refuse_foreign(struct argp_state *state)
{
	const struct parse *parse = state->input;
	const struct command *command = parse->options->command;

	for (int bit = 1; bit <= TAKES_VIEW; bit *= 2)
		if (parse->given[bit] != NULL && (command->takes & bit) == 0)
			argp_error(state, "--%s means nothing to `mapdiff %s'",
			           parse->given[bit]->argp.name, command->name);
}

static error_t take_key(int key, char *text, struct argp_state *state)
{
	struct parse *parse = state->input;

	for (size_t i = 0; i < COUNT(rows); i++) {
		if (parse->help[i].key == key) {
			set(&rows[i], text, state);
			parse->given[rows[i].argp.group] = &rows[i];
			return 0;
		}
	}
	if (key == ARGP_KEY_NO_ARGS)
		argp_error(state, "what is to be compared is missing");
	if (key != ARGP_KEY_ARGS)
		return ARGP_ERR_UNKNOWN;
	take_operands(state);
	refuse_foreign(state);
	return 0;
}

void options_parse(int argc, char **argv, const struct command *commands,
                   struct options *ret_options)
{
	static char name[] = "mapdiff"; /* whatever the file is called */
	struct parse parse = { .options = ret_options,
		               .commands = commands,
		               .help = make_help(commands) };
	const struct argp argp = { .options = parse.help,
		                   .parser = take_key,
		                   .args_doc = "A B\nTHREAD\nCOMMAND FILE...",
		                   .doc = help_text(commands) };

	*ret_options = (struct options){ .view.has_target = { true, true } };
	argv[0] = program_invocation_short_name = name;
	argp_err_exit_status = STATUS_TROUBLE;
	errno = argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &parse);
	if (errno != 0)
		argp_failure(NULL, STATUS_TROUBLE, errno, "the command line");
}
