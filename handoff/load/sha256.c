/* sha256.c - FIPS 180-4 §4.1.2, §5, §6.2: see sha256.h. Names of variables are those of §6.2.2. */
#include "handoff/load/sha256.h"

#include "bootmem/mem.h"
#include "bootmem/pfn.h"

#define LENGTH_BYTES 8 /* of the message, in bits, at the end of the last block: §5.1.1 */

/* §4.2.2: the first 32 bits of the fractions of the cube roots of the first 64 primes. */
static const uint32_t k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
	0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
	0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
	0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
	0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
	0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
	0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
	0xc67178f2
};

static inline uint32_t rotr(uint32_t x, unsigned n)
{
	return x >> n | x << (32 - n);
}

/* §6.2.2 step 1: the next 16 words in the place of the last 16, which is all that it looks back to.
 * By itself, so that they stay in memory: the rounds need the registers. */
#define EXTEND(t)                                                                                  \
	(w[t] +=                                                                                   \
	 (rotr(rotr(w[((t) + 1) & 15], 11) ^ w[((t) + 1) & 15], 7) ^ w[((t) + 1) & 15] >> 3) +     \
	 (rotr(rotr(w[((t) + 14) & 15], 2) ^ w[((t) + 14) & 15], 17) ^ w[((t) + 14) & 15] >> 10) + \
	 w[((t) + 9) & 15])

static __attribute__((noinline)) void extend(uint32_t w[16])
{
	EXTEND(0), EXTEND(1), EXTEND(2), EXTEND(3);
	EXTEND(4), EXTEND(5), EXTEND(6), EXTEND(7);
	EXTEND(8), EXTEND(9), EXTEND(10), EXTEND(11);
	EXTEND(12), EXTEND(13), EXTEND(14), EXTEND(15);
}

/*
 * Round @t of 16; the eight variables take turns instead of being copied. The sums of rotations
 * are nested, which needs fewer copies; Maj(a, b, c) is b where a and b are the same, else c: what
 * a ^ b was is b ^ c in the next round. Each line adds a term: so gcc has the least to keep.
 */
#define ROUND(a, b, c, d, e, f, g, h, t)                          \
	do {                                                      \
		(h) += k16[t] + w[t];                             \
		(h) += (g) ^ ((e) & ((f) ^ (g)));                 \
		(h) += rotr(rotr(rotr(e, 14) ^ (e), 5) ^ (e), 6); \
		(d) += (h);                                       \
		(h) += rotr(rotr(rotr(a, 9) ^ (a), 11) ^ (a), 2); \
		a_b = (a) ^ (b);                                  \
		(h) += (b_c & a_b) ^ (b);                         \
		b_c = a_b;                                        \
	} while (0)

#define FOUR_ROUNDS(a, b, c, d, e, f, g, h, t)          \
	do {                                            \
		ROUND(a, b, c, d, e, f, g, h, t);       \
		ROUND(h, a, b, c, d, e, f, g, (t) + 1); \
		ROUND(g, h, a, b, c, d, e, f, (t) + 2); \
		ROUND(f, g, h, a, b, c, d, e, (t) + 3); \
	} while (0)

/* §6.2.2 steps 2 to 4: 64 rounds, 16 of them on the same words. */
static void add_words(uint32_t state[8], uint32_t w[16])
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
	uint32_t a_b, b_c = b ^ c;

	for (const uint32_t *k16 = k;; k16 += 16) {
		FOUR_ROUNDS(a, b, c, d, e, f, g, h, 0);
		FOUR_ROUNDS(e, f, g, h, a, b, c, d, 4);
		FOUR_ROUNDS(a, b, c, d, e, f, g, h, 8);
		FOUR_ROUNDS(e, f, g, h, a, b, c, d, 12);
		if (k16 == k + 48)
			break;
		extend(w);
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

static void add_block(uint32_t state[8], const uint8_t *block)
{
	uint32_t w[16];

	for (unsigned t = 0; t < 16; t++, block += 4)
		w[t] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 |
		       (uint32_t)block[2] << 8 | block[3];
	add_words(state, w);
}

void sha256_begin(struct sha256 *ret_sha256)
{
	/* §5.3.3 */
	static const uint32_t initial[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
		                             0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };

	memcpy(ret_sha256->state, initial, sizeof initial);
	ret_sha256->n_bytes = 0;
}

void sha256_add(struct sha256 *sha256, const void *bytes, size_t n_bytes)
{
	const uint8_t *from = bytes;
	size_t held = (size_t)(sha256->n_bytes & (SHA256_BLOCK_BYTES - 1));

	sha256->n_bytes += n_bytes;
	while (n_bytes > 0) {
		size_t piece = (size_t)min_u64(n_bytes, SHA256_BLOCK_BYTES - held);
		const uint8_t *block = from;

		if (piece < SHA256_BLOCK_BYTES) {
			memcpy(sha256->block + held, from, piece);
			block = sha256->block;
		}
		if (held + piece == SHA256_BLOCK_BYTES)
			add_block(sha256->state, block);
		from += piece;
		n_bytes -= piece;
		held = 0;
	}
}

void sha256_end(struct sha256 *sha256, uint8_t ret_sum[SHA256_BYTES])
{
	static const uint8_t padding[SHA256_BLOCK_BYTES] = { 0x80 };
	uint64_t n_bits = sha256->n_bytes << 3;
	size_t held = (size_t)(sha256->n_bytes & (SHA256_BLOCK_BYTES - 1));
	size_t room = SHA256_BLOCK_BYTES - LENGTH_BYTES;
	uint8_t length[LENGTH_BYTES];

	for (unsigned i = 0; i < LENGTH_BYTES; i++)
		length[i] = (uint8_t)(n_bits >> (56 - 8 * i));
	sha256_add(sha256, padding, held < room ? room - held : room + SHA256_BLOCK_BYTES - held);
	sha256_add(sha256, length, sizeof length);
	for (unsigned i = 0; i < SHA256_BYTES; i++)
		ret_sum[i] = (uint8_t)(sha256->state[i >> 2] >> (24 - 8 * (i & 3)));
}

void sha256_of(const void *bytes, size_t n_bytes, uint8_t ret_sum[SHA256_BYTES])
{
	struct sha256 sha256;

	sha256_begin(&sha256);
	sha256_add(&sha256, bytes, n_bytes);
	sha256_end(&sha256, ret_sum);
}

bool sha256_is(const uint8_t sum[SHA256_BYTES], const uint8_t other[SHA256_BYTES])
{
	return memcmp(sum, other, SHA256_BYTES) == 0;
}

const char *sha256_text(char text[SHA256_TEXT_BYTES], const uint8_t sum[SHA256_BYTES])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < SHA256_BYTES; i++) {
		text[2 * i] = digits[sum[i] >> 4];
		text[2 * i + 1] = digits[sum[i] & 15];
	}
	text[SHA256_TEXT_BYTES - 1] = '\0';
	return text;
}

/* 16 for what is no digit. */
static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
}

bool sha256_parse(const char *text, size_t n_chars, uint8_t ret_sum[SHA256_BYTES])
{
	if (n_chars != SHA256_TEXT_BYTES - 1)
		return false;
	for (size_t i = 0; i < SHA256_BYTES; i++) {
		unsigned high = digit_of(text[2 * i]), low = digit_of(text[2 * i + 1]);

		if (high > 15 || low > 15)
			return false;
		ret_sum[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}
