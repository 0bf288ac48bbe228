/*
 * manifest.c - the files that go on a stick, and its bootmem.conf -> what that says about them: a
 * program of the host's, with the code of the application, so that both mean the same.
 *
 *     manifest --sums CONF FILE=PATH...   lines for bootmem.conf: kernel-sha256, initrd-sha256
 *     manifest --list CONF FILE=PATH...   the list for the image that will be signed (manifest.h)
 *
 * FILE is where a file is now, and PATH where it will be on the stick. What CONF names and is not
 * among them has no sum: a note says so. A CONF with an error has no sums, and no list: status 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bootmem/bootmem.h"
#include "efi/manifest.h"

#define PIECE_BYTES 65536

static char conf_text[CONFIG_FILE_BYTES + 1];
static size_t conf_bytes;
static struct config config;

_Noreturn void bootmem_assert_fail(const char *what)
{
	fprintf(stderr, "manifest: %s\n", what);
	abort();
}

static _Noreturn void fail(const char *path, const char *why)
{
	fprintf(stderr, "manifest: %s: %s\n", path, why);
	exit(1);
}

/* False, and a message, if it has an error. */
static bool read_conf(const char *path)
{
	struct config_error error;
	FILE *file = fopen(path, "rb");

	if (file == NULL)
		fail(path, "cannot be opened");
	conf_bytes = fread(conf_text, 1, sizeof conf_text, file);
	if (ferror(file))
		fail(path, "cannot be read");
	fclose(file);
	if (conf_bytes > CONFIG_FILE_BYTES)
		fail(path, "larger than 64 KiB");
	config_defaults(&config);
	if (config_parse(&config, conf_text, conf_bytes, &error))
		return true;
	fprintf(stderr, "manifest: %s:%u: %s: %s\n", path, error.line, error.word, error.what);
	return false;
}

static void sum_file(const char *path, uint8_t sum[SHA256_BYTES])
{
	static char piece[PIECE_BYTES];
	FILE *file = fopen(path, "rb");
	struct sha256 sha256;
	size_t bytes;

	if (file == NULL)
		fail(path, "cannot be opened");
	sha256_begin(&sha256);
	while ((bytes = fread(piece, 1, sizeof piece, file)) > 0)
		sha256_add(&sha256, piece, bytes);
	if (ferror(file))
		fail(path, "cannot be read");
	fclose(file);
	sha256_end(&sha256, sum);
}

/* Of FILE=PATH, ... the file that will be at @path; NULL: none. */
static const char *file_at(char *const *files, const char *path)
{
	static char file[4096];

	for (; *files != NULL; files++) {
		const char *sign = strchr(*files, '=');

		if (sign == NULL || sign == *files || !config_is_same_path(sign + 1, path))
			continue;
		snprintf(file, sizeof file, "%.*s", (int)(sign - *files), *files);
		return file;
	}
	return NULL;
}

/* Its sum, if the configuration names it and it is there. */
static bool text_of(char *const *files, const char *path, char text[SHA256_TEXT_BYTES])
{
	const char *file = file_at(files, path);
	uint8_t sum[SHA256_BYTES];

	if (path[0] == '\0')
		return false;
	if (file == NULL) {
		fprintf(stderr, "manifest: note: %s is not on the stick: it has no sum\n", path);
		return false;
	}
	sum_file(file, sum);
	sha256_text(text, sum);
	return true;
}

static bool has_key(const char *key)
{
	const char *at = config_start(conf_text, conf_bytes), *end = conf_text + conf_bytes;
	struct config_line line;
	unsigned number = 0;

	while (config_next_line(&at, end, &number, &line))
		if (line.key_chars == strlen(key) && memcmp(line.key, key, line.key_chars) == 0)
			return true;
	return false;
}

static void print_sum(char *const *files, const char *key, const char *path)
{
	char text[SHA256_TEXT_BYTES];

	if (!has_key(key) && text_of(files, path, text))
		printf("%s = %s %s\n", key, text, path);
}

static void print_sums(char *const *files)
{
	print_sum(files, "kernel-sha256", config.kernel_ia32);
	print_sum(files, "kernel-sha256", config.kernel_amd64);
	print_sum(files, "initrd-sha256", config.initrd);
}

static void print_row(char *const *files, const char *name, const char *path)
{
	char text[SHA256_TEXT_BYTES];

	if (text_of(files, path, text))
		printf("%s %s\n", name, text);
}

static void print_list(char *const *files)
{
	const char *at = config_start(conf_text, conf_bytes), *end = conf_text + conf_bytes;
	char text[SHA256_TEXT_BYTES];
	uint8_t sum[SHA256_BYTES];
	struct config_line line;
	unsigned number = 0;

	printf(MANIFEST_FIRST_LINE "\n");
	print_row(files, MANIFEST_KERNEL_IA32, config.kernel_ia32);
	print_row(files, MANIFEST_KERNEL_AMD64, config.kernel_amd64);
	print_row(files, MANIFEST_INITRD, config.initrd);
	manifest_sum_config(conf_text, conf_bytes, sum);
	printf("%s %s\n", MANIFEST_CONFIG, sha256_text(text, sum));
	while (config_next_line(&at, end, &number, &line))
		printf("%s %.*s = %.*s\n", MANIFEST_LINE, (int)line.key_chars, line.key,
		       (int)line.value_chars, line.value);
}

int main(int argc, char **argv)
{
	bool is_list = argc >= 3 && strcmp(argv[1], "--list") == 0;

	if (!is_list && (argc < 3 || strcmp(argv[1], "--sums") != 0)) {
		fprintf(stderr, "Usage: manifest --sums|--list CONF FILE=PATH...\n");
		return 2;
	}
	if (!read_conf(argv[2]))
		return is_list;
	if (is_list)
		print_list(argv + 3);
	else
		print_sums(argv + 3);
	return fflush(stdout) != 0;
}
