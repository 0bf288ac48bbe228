/*
 * options.h - the command line of mapdiff -> what is to be done.
 */
#ifndef MAPDIFF_OPTIONS_H
#define MAPDIFF_OPTIONS_H

#include "mapdiff/diff/diff.h"
#include "mapdiff/lint/result.h"
#include "mapdiff/map/rules.h"
#include "mapdiff/report/report.h"

struct command;

struct options {
	const struct command *command;
	struct report_options report;
	bool is_private;   /* nothing is left out of what the files say */
	bool uses_damaged; /* go on with what could be read */
	struct diff_options diff;
	bool exits_with_verdict; /* of a diff: would Linux resume? */
	struct lint_options lint;
	const char *baseline; /* a report of lint; NULL: none */
	struct view_options view;
	char **operands; /* files, and for `explain' an address */
	int n_operands;
};

/* Which options a command takes beside those that all do: see its help. */
enum { TAKES_FORMAT = 1, TAKES_FOOTPRINT = 2, TAKES_LINT = 4, TAKES_VIEW = 8 };

/* What can be done: name, operands, and the function that does it and returns the exit status. */
struct command {
	const char *name;
	const char *operands; /* "A B" */
	const char *summary;  /* a line of the help has 52 columns for it */
	int least_operands, most_operands;
	int takes; /* TAKES_... */
	int (*run)(struct options *options);
};

/* The exit statuses, those of diff. */
enum { STATUS_SAME, STATUS_DIFFERENT, STATUS_TROUBLE };

/*
 * Read the command line. The first operand is a command of @commands, which end in a NULL name, or
 * the first command is meant. Does not return on --help, --usage and --version (status 0) and on a
 * mistake, which it names (status 2).
 */
void options_parse(int argc, char **argv, const struct command *commands,
                   struct options *ret_options);

/* As the user calls it: "sarif". */
const char *options_format_name(const struct options *options);

/* "4096", "0x1000", "16M", "16m" or "pfn:0x1f", a page frame number -> an address. False for
 * anything else, and for more than 64 bits. */
bool options_address(const char *text, uint64_t *ret_paddr);

#endif
