/*
 * replay.c - a fuzzer without libFuzzer: seeds, and then random bytes that are the same each time.
 * So that each fuzzer is built and run in `make test', by the compiler that builds the rest.
 * Usage: fuzz_NAME N BYTES [FILE ...]
 */
#include <errno.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define MOST_BYTES 0x10000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv);

static void replay_file(const char *path)
{
	static uint8_t bytes[MOST_BYTES];
	FILE *file = fopen(path, "rb");

	if (file == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(1);
	}
	fprintf(stderr, "%s\n", path);
	LLVMFuzzerTestOneInput(bytes, fread(bytes, 1, sizeof bytes, file));
	fclose(file);
}

/* A generator that every machine has the same of: the input is a function of its number. */
static void replay_random(uint64_t number, size_t n_bytes)
{
	static uint8_t bytes[MOST_BYTES];
	uint64_t random = number * UINT64_C(0x9e3779b97f4a7c15);

	for (size_t i = 0; i < n_bytes; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		bytes[i] = (uint8_t)(random >> 11);
	}
	LLVMFuzzerTestOneInput(bytes, n_bytes);
}

/* What fails is printed before it is tried: an abort() leaves its number, or its file. */
int main(int argc, char **argv)
{
	uint64_t n = argc > 2 ? strtoull(argv[1], NULL, 10) : 0;
	size_t bytes = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;

	if (argc < 3 || bytes > MOST_BYTES) {
		fprintf(stderr, "usage: fuzz_NAME N BYTES [FILE ...]\n");
		return 2;
	}
	if (LLVMFuzzerInitialize != NULL)
		LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 3; i < argc; i++)
		replay_file(argv[i]);
	for (uint64_t i = 1; i <= n; i++) {
		fprintf(stderr, "input %llu of %zu bytes\n", (unsigned long long)i, bytes);
		replay_random(i, bytes);
	}
	return 0;
}
