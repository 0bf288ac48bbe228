/* mail.c - encodings of a mail: see mail.h. */
#include "mapdiff/read/plain/mail.h"

#include <string.h>
#include <strings.h>

#include "mapdiff/base/text.h"
#include "mapdiff/read/line.h"

/* Does a header say that lines are broken and that = stands for more than itself? */
static bool is_quoted_printable(const struct bytes *bytes)
{
	static const char header[] = "\nContent-Transfer-Encoding: quoted-printable";
	size_t n = strlen(header);
	const char *at = bytes->text, *end = bytes->text + bytes->n_text;

	while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL && (size_t)(end - at) >= n) {
		if (strncasecmp(at, header, n) == 0)
			return true;
		at++;
	}
	return false;
}

/* The = at the end of a line goes; so that lines keep their numbers, line ends are made up for. */
void mail_decode(struct bytes *bytes)
{
	const struct line text = { bytes->text, bytes->n_text, 0 };
	size_t at = 0, n = 0, n_owed = 0;
	uint64_t value;

	if (!is_quoted_printable(bytes))
		return;
	while (at < text.bytes) {
		char c = text.start[at];

		if (line_take(&text, &at, "=\n") || line_take(&text, &at, "=\r\n")) {
			n_owed++;
			continue;
		}
		at++;
		if (c == '=' && text.bytes - at >= 2 &&
		    text_digits(text.start + at, 2, 16, &value) == 2) {
			bytes->text[n++] = (char)value;
			at += 2;
			continue;
		}
		bytes->text[n++] = c;
		for (; c == '\n' && n_owed > 0; n_owed--)
			bytes->text[n++] = '\n';
	}
	bytes->n_text = n;
}
