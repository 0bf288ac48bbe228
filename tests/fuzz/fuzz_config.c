/*
 * fuzz_config.c - any bytes as a bootmem.conf: an error names a line of it and says what is wrong,
 * and where in it; what holds is within its limits; and printed as a file, it is what it was. For
 * libFuzzer: `make fuzz'.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "efi/config.h"
#include "handoff/handoff.h"
#include "tests/fuzz/fuzz.h"

#define MOST_PRINTED 0x8000

struct printed {
	char text[MOST_PRINTED];
	size_t bytes;
};

static void print(struct printed *to, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void print(struct printed *to, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	to->bytes += (size_t)vsnprintf(to->text + to->bytes, MOST_PRINTED - to->bytes, format,
	                               arguments);
	va_end(arguments);
	REQUIRE(to->bytes < MOST_PRINTED);
}

static void print_sums(struct printed *to, const char *key, const struct config_sums *sums)
{
	char text[SHA256_TEXT_BYTES];

	REQUIRE(sums->n_sums <= CONFIG_SUMS);
	for (size_t i = 0; i < sums->n_sums; i++)
		print(to, "%s = %s %s\n", key, sha256_text(text, sums->sums[i].sha256),
		      sums->sums[i].path);
}

static void print_config(const struct config *config, struct printed *to)
{
	static const char *const targets[] = { "auto", "ia32", "amd64" };
	static const char *const answers[] = { "no", "yes" };

	to->bytes = 0;
	print(to, "kernel-ia32 = %s\nkernel-amd64 = %s\ninitrd = %s\ncmdline = %s\n",
	      config->kernel_ia32, config->kernel_amd64, config->initrd, config->cmdline);
	print(to, "target = %s\npolicy = %s\n", targets[config->target],
	      config->policy == POLICY_SAFE ? "safe" : "linux-2.6.24");
	print(to, "at-end = %s\n",
	      config->at_end == HANDOFF_END_HALT    ? "halt"
	      : config->at_end == HANDOFF_END_RESET ? "reset"
	                                            : "poweroff");
	print(to, "keep-boot-services = %s\n", answers[config->keep_boot_services]);
	if (config->mem_limit_paddr != 0)
		print(to, "mem = 0x%" PRIx64 "\n", config->mem_limit_paddr);
	if (config->timeout_seconds == CONFIG_TIMEOUT_NEVER)
		print(to, "timeout = never\n");
	else
		print(to, "timeout = %" PRIu64 "\n", config->timeout_seconds);
	print(to, "on-error = %s\n", config->waits_on_error ? "wait" : "continue");
	print(to, "exceptions = %s\n", config->paints_exceptions ? "paint" : "none");
	print(to, "capture = %s\nremember = %s\n", answers[config->writes_capture],
	      answers[config->remembers]);
	print(to, "label = %s\nchain = %s\nchain-options = %s\n", config->label, config->chain,
	      config->chain_options);
	if (config->most_captures == CONFIG_CAPTURES_ALL)
		print(to, "captures = all\n");
	else if (config->most_captures != 0)
		print(to, "captures = %" PRIu32 "\n", config->most_captures);
	print(to, "pin = %s\npin-pages = %" PRIu32 "\n", answers[config->pins], config->pin_pages);
	print_sums(to, "kernel-sha256", &config->kernel_sums);
	print_sums(to, "initrd-sha256", &config->initrd_sums);
	REQUIRE(config->n_reserves <= CONFIG_RESERVES);
	for (size_t i = 0; i < config->n_reserves; i++)
		print(to, "reserve = 0x%" PRIx64 "-0x%" PRIx64 " %s\n",
		      config->reserves[i].start_paddr, config->reserves[i].end_paddr,
		      config->reserves[i].reason);
}

static void require_error(const struct config_error *error, const char *text, size_t bytes)
{
	unsigned n_lines = 1;

	for (size_t i = 0; i < bytes; i++)
		n_lines += text[i] == '\n';
	REQUIRE(error->line >= 1 && error->line <= n_lines);
	REQUIRE(error->what != NULL && error->what[0] != '\0');
	REQUIRE(memchr(error->word, 0, sizeof error->word) != NULL);
	REQUIRE(memchr(error->hint, 0, sizeof error->hint) != NULL);
	for (size_t i = 0; i < CONFIG_SHOWN_LINES; i++)
		REQUIRE(memchr(error->shown[i], 0, CONFIG_SHOWN_BYTES) != NULL);
	REQUIRE(error->column <= bytes && error->length <= bytes - error->column);
}

static void require_same(const struct config *config)
{
	static struct printed once, again;
	static struct config back;
	struct config_error error = { 0 };

	print_config(config, &once);
	config_defaults(&back);
	REQUIRE(config_parse(&back, once.text, once.bytes, &error));
	print_config(&back, &again);
	REQUIRE(once.bytes == again.bytes && memcmp(once.text, again.text, once.bytes) == 0);
}

/* The lines that count come in their order, and lie in the text. */
static void walk_lines(const char *text, size_t bytes)
{
	const char *at = config_start(text, bytes), *end = text + bytes;
	struct config_line line;
	unsigned number = 0, last = 0;

	while (config_next_line(&at, end, &number, &line)) {
		REQUIRE(line.number > last && line.number <= number);
		REQUIRE(line.key >= text && line.key + line.key_chars <= end);
		REQUIRE(line.value_chars == 0 ||
		        (line.value >= text && line.value + line.value_chars <= end));
		REQUIRE(at >= text && at <= end);
		last = line.number;
	}
}

void fuzz_one(const uint8_t *data, size_t bytes)
{
	static struct config config;
	struct config_error error = { 0 };
	char *text = malloc(bytes + 1); /* one more: of a size of 0 */

	REQUIRE(text != NULL);
	text = realloc(text, bytes == 0 ? 1 : bytes);
	if (bytes > 0)
		memcpy(text, data, bytes);
	config_defaults(&config);
	if (!config_parse(&config, text, bytes, &error))
		require_error(&error, text, bytes);
	require_same(&config);
	walk_lines(text, bytes);
	free(text);
}
