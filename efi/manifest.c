/* manifest.c - see manifest.h. */
#include "efi/manifest.h"

#include "bootmem/mem.h"
#include "handoff/capture/text.h"

/* A piece of a text. */
struct piece {
	const char *start;
	size_t n_chars;
};

static bool starts_with(struct piece piece, const char *word)
{
	size_t n = 0;

	while (n < piece.n_chars && word[n] != '\0' && piece.start[n] == word[n])
		n++;
	return word[n] == '\0';
}

/* Cut @n characters off. */
static struct piece behind(struct piece piece, size_t n)
{
	return (struct piece){ piece.start + n, piece.n_chars - n };
}

/* The next line of the list, without its end. */
static bool next_row(struct piece *rest, struct piece *ret_row)
{
	size_t n = 0;

	if (rest->n_chars == 0)
		return false;
	while (n < rest->n_chars && rest->start[n] != '\n')
		n++;
	*ret_row = (struct piece){ rest->start, n };
	*rest = behind(*rest, n < rest->n_chars ? n + 1 : n);
	return true;
}

/* The next row of that name: what stands behind it. */
static bool next_of(struct piece *rest, const char *name, struct piece *ret_value)
{
	size_t n = 0;

	while (name[n] != '\0')
		n++;
	while (next_row(rest, ret_value)) {
		if (starts_with(*ret_value, name) && ret_value->n_chars > n &&
		    ret_value->start[n] == ' ') {
			*ret_value = behind(*ret_value, n + 1);
			return true;
		}
	}
	return false;
}

bool manifest_is_there(const struct manifest *manifest)
{
	return starts_with((struct piece){ manifest->text, manifest->bytes },
	                   MANIFEST_FIRST_LINE "\n");
}

bool manifest_sum(const struct manifest *manifest, const char *name, uint8_t ret_sum[SHA256_BYTES])
{
	struct piece rest = { manifest->text, manifest->bytes }, value;

	return manifest_is_there(manifest) && next_of(&rest, name, &value) &&
	       sha256_parse(value.start, value.n_chars, ret_sum);
}

/* --- lines of the configuration --- */

/* All that count, one after the other. */
struct walk {
	const char *at, *end;
	unsigned number;
	struct config_line line;
	bool has_line;
};

static void step(struct walk *walk)
{
	walk->has_line = config_next_line(&walk->at, walk->end, &walk->number, &walk->line);
}

static struct walk walk_from(const char *text, size_t bytes)
{
	struct walk walk = { .at = config_start(text, bytes), .end = text + bytes };

	step(&walk);
	return walk;
}

static const char between[] = " = ";

void manifest_sum_config(const char *text, size_t bytes, uint8_t ret_sum[SHA256_BYTES])
{
	struct sha256 sha256;

	sha256_begin(&sha256);
	for (struct walk walk = walk_from(text, bytes); walk.has_line; step(&walk)) {
		sha256_add(&sha256, walk.line.key, walk.line.key_chars);
		sha256_add(&sha256, between, sizeof between - 1);
		sha256_add(&sha256, walk.line.value, walk.line.value_chars);
		sha256_add(&sha256, "\n", 1);
	}
	sha256_end(&sha256, ret_sum);
}

static bool has_key(struct piece wanted, const struct config_line *line)
{
	return wanted.n_chars >= line->key_chars &&
	       memcmp(wanted.start, line->key, line->key_chars) == 0 &&
	       starts_with(behind(wanted, line->key_chars), between);
}

static bool is_line(struct piece wanted, const struct config_line *line)
{
	struct piece value;

	if (!has_key(wanted, line))
		return false;
	value = behind(wanted, line->key_chars + sizeof between - 1);
	return value.n_chars == line->value_chars &&
	       memcmp(value.start, line->value, value.n_chars) == 0;
}

static bool is_wanted_in(struct piece rest, const struct config_line *line)
{
	struct piece wanted;

	while (next_of(&rest, MANIFEST_LINE, &wanted))
		if (is_line(wanted, line))
			return true;
	return false;
}

static bool is_found_in(struct walk walk, struct piece wanted)
{
	for (; walk.has_line; step(&walk))
		if (is_line(wanted, &walk.line))
			return true;
	return false;
}

/* They differ where @walk is; @rest of the list follows @wanted. */
static enum manifest_change change_at(const struct walk *walk, struct piece wanted,
                                      struct piece rest)
{
	if (has_key(wanted, &walk->line))
		return MANIFEST_CHANGED;
	if (!is_found_in(*walk, wanted))
		return MANIFEST_REMOVED;
	return is_wanted_in(rest, &walk->line) ? MANIFEST_MOVED : MANIFEST_ADDED;
}

/* Cut to fit, printable, and without blanks at its end. */
static void show(char text[MANIFEST_SHOWN_BYTES], const char *format, struct piece a,
                 struct piece b)
{
	size_t n = 0;

	text_format(text, MANIFEST_SHOWN_BYTES, format, (int)a.n_chars, a.start, (int)b.n_chars,
	            b.start);
	for (; text[n] != '\0'; n++)
		if (text[n] < ' ' || text[n] > '~')
			text[n] = text[n] == '\t' ? ' ' : '?';
	while (n > 0 && text[n - 1] == ' ')
		text[--n] = '\0';
}

static void show_found(const struct config_line *line, struct manifest_difference *difference)
{
	difference->number = line->number;
	show(difference->found, "%.*s = %.*s", (struct piece){ line->key, line->key_chars },
	     (struct piece){ line->value, line->value_chars });
}

void manifest_compare(const struct manifest *manifest, const char *text, size_t bytes,
                      struct manifest_difference *ret_difference)
{
	struct piece rest = { manifest->text, manifest->bytes }, wanted = { "", 0 };
	struct walk walk = walk_from(text, bytes);
	bool is_wanted = next_of(&rest, MANIFEST_LINE, &wanted);

	*ret_difference = (struct manifest_difference){ .change = MANIFEST_SAME };
	while (is_wanted && walk.has_line && is_line(wanted, &walk.line)) {
		step(&walk);
		is_wanted = next_of(&rest, MANIFEST_LINE, &wanted);
	}
	if (is_wanted && walk.has_line)
		ret_difference->change = change_at(&walk, wanted, rest);
	else if (is_wanted)
		ret_difference->change = MANIFEST_REMOVED;
	else if (walk.has_line)
		ret_difference->change = MANIFEST_ADDED;
	if (ret_difference->change == MANIFEST_CHANGED ||
	    ret_difference->change == MANIFEST_REMOVED)
		show(ret_difference->wanted, "%.*s%.*s", wanted, (struct piece){ "", 0 });
	if (ret_difference->change != MANIFEST_SAME && ret_difference->change != MANIFEST_REMOVED)
		show_found(&walk.line, ret_difference);
}
