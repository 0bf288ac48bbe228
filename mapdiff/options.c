/* options.c - the command line -> what is to be done: see options.h. */
#include "mapdiff/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handoff/version.h"
#include "mapdiff/base/memory.h"
#include "mapdiff/base/text.h"

enum { OPT_COLOUR = 256, OPT_DAMAGED, OPT_FOOTPRINT, OPT_INITRD, OPT_KEEP, OPT_KERNEL, OPT_MEM };

static const char short_options[] = "f:o:t:p:r:hV";

static const struct option long_options[] = {
	{ "format", required_argument, NULL, 'f' },
	{ "output", required_argument, NULL, 'o' },
	{ "color", required_argument, NULL, OPT_COLOUR },
	{ "damaged", no_argument, NULL, OPT_DAMAGED },
	{ "subtract-footprint", no_argument, NULL, OPT_FOOTPRINT },
	{ "target", required_argument, NULL, 't' },
	{ "policy", required_argument, NULL, 'p' },
	{ "rules", required_argument, NULL, 'r' },
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "initrd", required_argument, NULL, OPT_INITRD },
	{ "mem", required_argument, NULL, OPT_MEM },
	{ "keep-boot-services", no_argument, NULL, OPT_KEEP },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char help_options[] =
	"\n"
	"A file is a bootmem capture, a Linux log (dmesg, journal, serial console), /proc/iomem,\n"
	"/sys/firmware/memmap, the UEFI Shell's memmap (also -sfo), GRUB's lsefimmap or lsmmap; its\n"
	"contents tell. FILE@N is the Nth boot in it; - is standard input.\n"
	"\n"
	"  -f, --format=FORMAT     text (the default), json, or html: one page with pictures\n"
	"  -o, --output=FILE       write the report there\n"
	"      --color=WHEN        auto (the default), always, never; NO_COLOR is respected\n"
	"      --damaged           go on with what could be read of a damaged map\n"
	"      --subtract-footprint  leave out what is bootmem's own (diff)\n"
	"\n"
	"For show, explain and translate, where bitmaps are computed:\n"
	"\n"
	"  -t, --target=TARGET     ia32, amd64, or both (the default)\n"
	"  -p, --policy=POLICY     safe (the default) or linux-2.6.24\n"
	"  -r, --rules=RULES       whose translation of UEFI types: bootmem (the default)";
static const char help_translate[] =
	"\n"
	"      --kernel=START-END, --initrd=START-END  where they are taken to be\n"
	"      --mem=SIZE          no RAM at or above\n"
	"      --keep-boot-services  boot services memory stays reserved\n"
	"\n"
	"  -h, --help              this text\n"
	"  -V, --version           the version\n"
	"\n"
	"Numbers are decimal or 0x..., with K, M, G or T behind; an ADDRESS may be pfn:NUMBER, too.\n"
	"Exit status: 0 the same (nothing found), 1 different (something found), 2 trouble.\n"
	"The manual: man mapdiff.\n";

/* What was asked for is printed: the program ends. Even a help text can meet a full disk. */
static void __attribute__((noreturn)) end_with_text(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		exit(STATUS_SAME);
	fprintf(stderr, "mapdiff: standard output: %s\n", strerror(errno));
	exit(STATUS_TROUBLE);
}

static void print_help(const struct command *commands)
{
	puts("Usage: mapdiff [OPTION]... A B\n       mapdiff COMMAND [OPTION]... FILE...\n\n"
	     "Which range of the memory map moved between two boots, whose it is, and whether Linux\n"
	     "would resume from hibernation.\n");
	for (const struct command *command = commands; command->name != NULL; command++)
		printf("  %-10s%-14s%s\n", command->name, command->operands, command->summary);
	fputs(help_options, stdout);
	for (enum rules rules = 1; rules < RULES_COUNT; rules++)
		printf("%s %s", rules == 1 ? ",\n                         " : ",",
		       rules_names[rules]);
	fputs(help_translate, stdout);
	end_with_text();
}

static void print_version(void)
{
	puts("mapdiff (bootmem) " BOOTMEM_VERSION "\n"
	     "Copyright (c) 2026, the bootmem authors\n"
	     "License: BSD-2-Clause; there is NO WARRANTY, to the extent permitted by law.");
	end_with_text();
}

static void __attribute__((format(printf, 1, 2), noreturn)) fail(const char *format, ...)
{
	va_list args;

	fputs("mapdiff: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs("\nTry `mapdiff --help'.\n", stderr);
	exit(STATUS_TROUBLE);
}

/* The index of @value among @words, a list that ends in NULL. */
static int choose(const char *option, const char *value, const char *const *words)
{
	struct bytes all = { 0 };

	for (int i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], value) == 0)
			return i;
		memory_append(&all, "%s%s", i > 0 ? ", " : "", words[i]);
	}
	fail("--%s is one of %s, not `%s'", option, all.text, value);
}

bool options_size(const char *text, uint64_t *ret_value)
{
	static const char units[] = "KMGT";
	const char *unit;
	unsigned shift = 0;
	const char *end;

	if (!text_number(text, ret_value, &end))
		return false;
	if (*end != '\0' && (unit = strchr(units, toupper((unsigned char)*end))) != NULL) {
		shift = 10 * (unsigned)(unit - units + 1);
		end++;
	}
	if (*end != '\0' || *ret_value > UINT64_MAX >> shift)
		return false;
	*ret_value <<= shift;
	return true;
}

bool options_address(const char *text, uint64_t *ret_paddr)
{
	static const char prefix[] = "pfn:";
	const char *end;

	if (strncmp(text, prefix, sizeof prefix - 1) != 0)
		return options_size(text, ret_paddr);
	if (!text_number(text + sizeof prefix - 1, ret_paddr, &end) || *end != '\0' ||
	    *ret_paddr > pfn_down(UINT64_MAX))
		return false;
	*ret_paddr = pfn_paddr(*ret_paddr);
	return true;
}

static struct span parse_span(const char *option, const char *text)
{
	const char *dash = strchr(text, '-');
	struct span span = { 0, 0 };
	char start[40];

	if (dash != NULL && (size_t)(dash - text) < sizeof start) {
		memcpy(start, text, (size_t)(dash - text));
		start[dash - text] = '\0';
		if (options_size(start, &span.start_paddr) &&
		    options_size(dash + 1, &span.end_paddr) && span.start_paddr < span.end_paddr)
			return span;
	}
	fail("--%s wants START-END, two addresses, 16M-18M say, not `%s'", option, text);
}

static const char *const format_names[] = { "text", "json", "html", NULL };
static const char *const colour_names[] = { "auto", "always", "never", NULL };
static const char *const policy_names[] = { "safe", "linux-2.6.24", NULL };
static const char *const target_names[] = { "ia32", "amd64", "both", NULL };

static int choose_rules(const char *value)
{
	const char *words[RULES_COUNT + 1] = { NULL };

	memcpy(words, rules_names, sizeof rules_names);
	return choose("rules", value, words);
}

static void take_option(int option, struct options *options)
{
	int target;

	switch (option) {
	case 'f':
		options->format = (enum format)choose("format", optarg, format_names);
		break;
	case 'o':
		options->output = optarg;
		break;
	case 'p':
		options->view.policy = (enum boot_policy)choose("policy", optarg, policy_names);
		break;
	case 'r':
		options->view.rules = (enum rules)choose_rules(optarg);
		break;
	case 't':
		target = choose("target", optarg, target_names);
		options->view.has_target[RECORD_IA32] = target != RECORD_AMD64;
		options->view.has_target[RECORD_AMD64] = target != RECORD_IA32;
		break;
	case OPT_COLOUR:
		options->colour = colour_names[choose("color", optarg, colour_names)];
		break;
	case OPT_DAMAGED:
		options->uses_damaged = true;
		break;
	case OPT_FOOTPRINT:
		options->diff.subtracts_footprint = true;
		break;
	case OPT_KEEP:
		options->view.keep_boot_services = true;
		break;
	case OPT_KERNEL:
		options->view.kernel = parse_span("kernel", optarg);
		break;
	case OPT_INITRD:
		options->view.initrd = parse_span("initrd", optarg);
		break;
	case OPT_MEM:
		if (!options_size(optarg, &options->view.mem_limit_paddr) ||
		    options->view.mem_limit_paddr == 0)
			fail("--mem wants a size, 256M say, not `%s'", optarg);
		break;
	default: /* getopt has said what is wrong */
		fputs("Try `mapdiff --help'.\n", stderr);
		exit(STATUS_TROUBLE);
	}
}

/* --- which options are for which command --- */

enum group { GROUP_ALL, GROUP_FORMAT, GROUP_FOOTPRINT, GROUP_VIEW, N_GROUPS };

static enum group group_of(int option)
{
	switch (option) {
	case 'f':
		return GROUP_FORMAT;
	case OPT_FOOTPRINT:
		return GROUP_FOOTPRINT;
	case 'p':
	case 'r':
	case 't':
	case OPT_KEEP:
	case OPT_KERNEL:
	case OPT_INITRD:
	case OPT_MEM:
		return GROUP_VIEW;
	default:
		return GROUP_ALL;
	}
}

static const char *option_name(int option)
{
	const struct option *row = long_options;

	while (row->val != option)
		row++;
	return row->name;
}

/* An option that would do nothing is a mistake of somebody who expects something of it. @given: of
 * each group, one that was given; 0: none was. */
static void refuse_foreign(const int given[N_GROUPS], const struct command *command)
{
	static const unsigned takes[N_GROUPS] = {
		[GROUP_FORMAT] = TAKES_FORMAT,
		[GROUP_FOOTPRINT] = TAKES_FOOTPRINT,
		[GROUP_VIEW] = TAKES_VIEW,
	};

	for (size_t group = GROUP_ALL + 1; group < N_GROUPS; group++)
		if (given[group] != 0 && (command->takes & takes[group]) == 0)
			fail("--%s means nothing to `mapdiff %s'", option_name(given[group]),
			     command->name);
}

static const struct command *command_named(const struct command *commands, const char *name)
{
	for (; commands->name != NULL; commands++)
		if (strcmp(commands->name, name) == 0)
			return commands;
	return NULL;
}

static void take_operands(int argc, char **argv, const struct command *commands,
                          struct options *options)
{
	const struct command *command = argc > 0 ? command_named(commands, argv[0]) : NULL;
	bool is_named = command != NULL;
	int n_standard_inputs = 0;

	options->command = is_named ? command : &commands[0];
	options->operands = argv + is_named;
	options->n_operands = argc - is_named;
	for (int i = 0; i < options->n_operands; i++)
		n_standard_inputs += strcmp(options->operands[i], "-") == 0;
	if (n_standard_inputs > 1)
		fail("standard input is one file: `-' can stand only once");
	if (options->n_operands < options->command->least_operands ||
	    options->n_operands > options->command->most_operands)
		fail(argc == 0 ? "what is to be compared is missing"
		               : "usage: mapdiff %s [OPTION]... %s",
		     options->command->name, options->command->operands);
}

void options_parse(int argc, char **argv, const struct command *commands,
                   struct options *ret_options)
{
	int given[N_GROUPS] = { 0 };
	int option;

	*ret_options = (struct options){
		.colour = "auto",
		.view.has_target = { true, true },
	};
	while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1) {
		if (option == 'h')
			print_help(commands);
		if (option == 'V')
			print_version();
		take_option(option, ret_options);
		given[group_of(option)] = option;
	}
	take_operands(argc - optind, argv + optind, commands, ret_options);
	refuse_foreign(given, ret_options->command);
}
