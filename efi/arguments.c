/* arguments.c - see arguments.h. */
#include "efi/arguments.h"

#include "bootmem/mem.h"
#include "bootmem/pfn.h"
#include "efi/protocol.h"
#include "handoff/capture/text.h"

#define MOST_WORDS 16
#define TEXT_BYTES 512

const char arguments_help[] =
	"bootmem.efi [-c] [-l LABEL] [-f FILE]\n"
	"  -c        write a capture of this boot, compare it with the last one, and return:\n"
	"            0 the map is the same (or it is the first boot), 1 it differs, 2 trouble\n"
	"  -l LABEL  what is special about this boot: -l \"docked, on battery\"\n"
	"  -f FILE   another configuration than \\bootmem.conf\n"
	"  -h        this help\n"
	"Without -c it goes on to start the kernel that the configuration names.\n";

static bool is_word(const char *word, const char *text)
{
	while (*word != '\0' && *word == *text)
		word++, text++;
	return *word == *text;
}

static bool copy(char *to, size_t bytes, const char *text)
{
	return text_format(to, bytes, "%s", text) < bytes;
}

/* What follows -l or -f; what is wrong with it, or NULL. */
static const char *take_value(struct arguments *arguments, bool is_label, const char *value)
{
	if (value == NULL)
		return is_label ? "a label is missing behind it" : "a file is missing behind it";
	if (!is_label)
		return copy(arguments->config, sizeof arguments->config, value)
		               ? NULL
		               : "the path is too long";
	arguments->has_label = copy(arguments->label, sizeof arguments->label, value);
	return arguments->has_label ? NULL : "a label of more than 127 characters";
}

void arguments_parse(const char *const *words, size_t n_words, struct arguments *ret_arguments)
{
	struct arguments *arguments = ret_arguments;
	const char *wrong = NULL;

	memset(arguments, 0, sizeof *arguments);
	for (size_t i = 0; i < n_words && wrong == NULL; i++) {
		const char *word = words[i];
		bool is_label = is_word(word, "-l");

		if (is_word(word, "-h") || is_word(word, "-?") || is_word(word, "--help"))
			arguments->asks_for_help = true;
		else if (is_word(word, "-c"))
			arguments->captures_only = true;
		else if (is_label || is_word(word, "-f"))
			wrong = take_value(arguments, is_label, ++i < n_words ? words[i] : NULL);
		else
			wrong = "not an option that bootmem knows";
		if (wrong != NULL)
			text_format(arguments->wrong, sizeof arguments->wrong, "%.16s: %s", word,
			            wrong);
	}
}

/* --- where they are --- */

/* UEFI Shell 2.2 §2.2, EFI_SHELL_PARAMETERS_PROTOCOL. */
struct shell_parameters {
	CHAR16 **argv;
	UINTN argc;
	VOID *std_in, *std_out, *std_err;
};

static EFI_GUID shell_parameters_guid = {
	0x752f3136, 0x4e16, 0x4fdc, { 0xa2, 0x2a, 0xe5, 0xf4, 0x68, 0x12, 0xf4, 0xca }
};

static size_t words_of_shell(const struct shell_parameters *shell, char *text,
                             const char *words[MOST_WORDS])
{
	size_t n = 0, at = 0;

	for (UINTN i = 1; i < shell->argc && n < MOST_WORDS && at + 1 < TEXT_BYTES; i++) {
		words[n++] = text + at;
		uefi_narrow(shell->argv[i], text + at, TEXT_BYTES - at);
		while (text[at] != '\0')
			at++;
		at++;
	}
	return n;
}

/* Load options as text: printable characters, of which the first word ends in .efi, or is an
 * option. 0 words, if they are anything else. */
static size_t words_of_options(const EFI_LOADED_IMAGE *image, char *text,
                               const char *words[MOST_WORDS])
{
	const CHAR16 *wide = image->LoadOptions;
	size_t n_chars = wide == NULL ? 0 : image->LoadOptionsSize / sizeof *wide, n = 0, at = 0;
	bool is_quoted = false, is_in_word = false;

	for (size_t i = 0; i < n_chars && wide[i] != 0 && at + 1 < TEXT_BYTES; i++) {
		if (wide[i] < ' ' || wide[i] > '~')
			return 0;
		if (wide[i] == '"') {
			is_quoted = !is_quoted;
		} else if (wide[i] == ' ' && !is_quoted) {
			if (is_in_word)
				text[at++] = '\0';
			is_in_word = false;
		} else {
			if (!is_in_word && n < MOST_WORDS)
				words[n++] = text + at;
			is_in_word = true;
			text[at++] = (char)wide[i];
		}
	}
	text[at] = '\0';
	return n;
}

static bool is_program(const char *word)
{
	size_t n = 0;

	while (word[n] != '\0')
		n++;
	return n >= 4 && word[n - 4] == '.' && (word[n - 3] | 0x20) == 'e' &&
	       (word[n - 2] | 0x20) == 'f' && (word[n - 1] | 0x20) == 'i';
}

void arguments_read(const struct firmware *firmware, struct arguments *ret_arguments)
{
	const struct shell_parameters *shell =
		protocol_of(firmware, firmware->image, &shell_parameters_guid);
	const char *words[MOST_WORDS] = { NULL };
	char text[TEXT_BYTES] = "";
	size_t n, first = 0;

	if (shell != NULL) {
		n = words_of_shell(shell, text, words);
	} else {
		n = words_of_options(firmware->loaded_image, text, words);
		first = n > 0 && is_program(words[0]);
		if (n > 0 && first == 0 && words[0][0] != '-')
			n = 0;
	}
	arguments_parse(words + first, n - first, ret_arguments);
	if (shell == NULL && ret_arguments->wrong[0] != '\0') /* nobody's words for us */
		memset(ret_arguments, 0, sizeof *ret_arguments);
}
