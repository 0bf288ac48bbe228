/* unpack.c - gzip files: see unpack.h. */
#include "mapdiff/read/plain/unpack.h"

#include <stdint.h>
#include <string.h>
#include <zlib.h>

#define MOST_UNPACKED (UINT64_C(4) << 30) /* a bound on what a hostile file costs */
#define GZIP_WINDOW   (15 + 16)           /* inflateInit2(): the largest window, gzip's header */

/* Inflate all of @stream's input: a gzip file may be several, one behind the other. NULL, or what
 * is wrong. */
static const char *inflate_all(z_stream *stream, const char *end, struct bytes *unpacked)
{
	int status = Z_OK;

	while (status != Z_STREAM_END || (const char *)stream->next_in < end) {
		if (status == Z_STREAM_END && inflateReset(stream) != Z_OK)
			return "it cannot be unpacked";
		unpacked->text =
			memory_grow(unpacked->text, unpacked->n_text, &unpacked->text_capacity, 1);
		if (unpacked->n_text > MOST_UNPACKED)
			return "it is a gzip file of more than 4 GiB";
		stream->next_out = (unsigned char *)unpacked->text + unpacked->n_text;
		stream->avail_out = (uInt)(unpacked->text_capacity - unpacked->n_text < 1 << 30
		                                   ? unpacked->text_capacity - unpacked->n_text
		                                   : 1 << 30);
		stream->avail_in = (uInt)(end - (const char *)stream->next_in < 1 << 30
		                                  ? end - (const char *)stream->next_in
		                                  : 1 << 30);
		status = inflate(stream, Z_NO_FLUSH);
		unpacked->n_text = (size_t)((char *)stream->next_out - unpacked->text);
		if (status != Z_OK && status != Z_STREAM_END)
			return "it is a gzip file that is damaged, or cut off";
	}
	return NULL;
}

bool unpack(struct bytes *bytes, const char **ret_error)
{
	struct bytes unpacked = { 0 };
	z_stream stream = { .next_in = (unsigned char *)bytes->text };
	const char *wrong = "it cannot be unpacked";

	if (bytes->n_text < 3 || memcmp(bytes->text, "\x1f\x8b\x08", 3) != 0)
		return true;
	if (inflateInit2(&stream, GZIP_WINDOW) == Z_OK)
		wrong = inflate_all(&stream, bytes->text + bytes->n_text, &unpacked);
	inflateEnd(&stream);
	if (wrong != NULL) {
		*ret_error = wrong;
		return false;
	}
	memory_give_back(bytes->text);
	*bytes = unpacked;
	return true;
}
