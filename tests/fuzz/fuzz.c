/* fuzz.c - see fuzz.h. */
#define _GNU_SOURCE /* ITIMER_PROF, SIGPROF */
#include "tests/fuzz/fuzz.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>

#include "bootmem/bootmem.h"

_Noreturn void bootmem_assert_fail(const char *what)
{
	fprintf(stderr, "bootmem: %s\n", what);
	abort();
}

static void time_is_up(int number)
{
	static const char text[] = "more CPU time than an input may take\n";

	(void)number;
	fwrite(text, 1, sizeof text - 1, stderr);
	abort();
}

static void limit_cpu_time(void)
{
	const struct itimerval limit = { .it_value = { .tv_sec = FUZZ_CPU_SECONDS } };

	signal(SIGPROF, time_is_up);
	setitimer(ITIMER_PROF, &limit, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	limit_cpu_time();
	fuzz_one(data, bytes);
	return 0;
}

static uint32_t take_number(struct fuzz_dice *dice, size_t bytes)
{
	uint8_t taken[4] = { 0 };

	fuzz_take(dice, taken, bytes);
	return taken[0] | (uint32_t)taken[1] << 8 | (uint32_t)taken[2] << 16 |
	       (uint32_t)taken[3] << 24;
}

uint32_t fuzz_roll(struct fuzz_dice *dice, uint32_t n)
{
	return take_number(dice, n <= 0x100 ? 1 : n <= 0x10000 ? 2 : 4) % n;
}

uint64_t fuzz_number(struct fuzz_dice *dice)
{
	uint64_t low = take_number(dice, 4);

	return low | (uint64_t)take_number(dice, 4) << 32;
}

void fuzz_take(struct fuzz_dice *dice, void *to, size_t bytes)
{
	size_t n = bytes < dice->bytes ? bytes : dice->bytes;

	memset(to, 0, bytes);
	if (n > 0)
		memcpy(to, dice->at, n);
	dice->at += n;
	dice->bytes -= n;
}
