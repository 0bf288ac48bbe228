/*
 * sha256.h - bytes, piece by piece -> their SHA-256 (FIPS 180-4): whether a file is the one that
 * was meant. 46 instructions a byte in the x64 application and 55 in the ia32 one, of which the
 * rounds and the words of the standard, in general registers, are 41: so it runs only where
 * somebody asks.
 */
#ifndef HANDOFF_LOAD_SHA256_H
#define HANDOFF_LOAD_SHA256_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES       32
#define SHA256_TEXT_BYTES  65 /* in hexadecimal, with a 0 byte */
#define SHA256_BLOCK_BYTES 64

struct sha256 {
	uint32_t state[8];
	uint64_t n_bytes;                  /* so far */
	uint8_t block[SHA256_BLOCK_BYTES]; /* what does not fill one yet */
};

/* Start; add any number of bytes, any number of times; and end, which leaves nothing to add to. */
void sha256_begin(struct sha256 *ret_sha256);
void sha256_add(struct sha256 *sha256, const void *bytes, size_t n_bytes);
void sha256_end(struct sha256 *sha256, uint8_t ret_sum[SHA256_BYTES]);

/* All three, of bytes that lie together. */
void sha256_of(const void *bytes, size_t n_bytes, uint8_t ret_sum[SHA256_BYTES]);

bool sha256_is(const uint8_t sum[SHA256_BYTES], const uint8_t other[SHA256_BYTES]);

/* As 64 hexadecimal digits, small letters, in @text, which is returned; and back: false if the
 * @n_chars characters at @text are not 64 such digits, large or small. */
const char *sha256_text(char text[SHA256_TEXT_BYTES], const uint8_t sum[SHA256_BYTES]);
bool sha256_parse(const char *text, size_t n_chars, uint8_t ret_sum[SHA256_BYTES]);

#endif
