/*
 * fuzz.h - what all fuzzers have: bytes come in, and what must be true of them is required. An
 * input that takes more than FUZZ_CPU_SECONDS of CPU time is a fault; of the wall's, none is, since
 * the machine may be busy.
 *
 * fuzz.c is what libFuzzer calls; replay.c calls it with seeds and random bytes, in `make test'.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define FUZZ_CPU_SECONDS 20

#define REQUIRE(condition)     \
	((condition) ? (void)0 \
	             : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition), abort()))

/* Try one input: abort() if something is wrong with what comes of it. Each fuzzer has its own. */
void fuzz_one(const uint8_t *data, size_t bytes);

/* Bytes as choices. Where there are no more, each choice is the first. */
struct fuzz_dice {
	const uint8_t *at;
	size_t bytes;
};

/* 0 to @n - 1, by one byte, or by two or four where @n needs them. */
uint32_t fuzz_roll(struct fuzz_dice *dice, uint32_t n);

/* One of @n that are equally likely is it. */
static inline int fuzz_is_one_in(struct fuzz_dice *dice, uint32_t n)
{
	return fuzz_roll(dice, n) == n - 1;
}

/* A number of 64 bits. */
uint64_t fuzz_number(struct fuzz_dice *dice);

/* Bytes as they come, and 0 behind them. */
void fuzz_take(struct fuzz_dice *dice, void *to, size_t bytes);

#endif
