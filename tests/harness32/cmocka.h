/*
 * cmocka.h - a stand-in for cmocka where there is none: 32-bit builds of the unit tests. It is the
 * part of cmocka's interface that our tests use, and nothing else, in one header.
 *
 * A failed assertion prints one line and leaves its test by longjmp(), as cmocka does; the last
 * line counts, and the number of failures is the exit status.
 */
#ifndef HARNESS32_CMOCKA_H
#define HARNESS32_CMOCKA_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct CMUnitTest {
	const char *name;
	void (*test_func)(void **state);
};

#define cmocka_unit_test(f) \
	{                   \
#f, f       \
	}

#define cmocka_run_group_tests(tests, group_setup, group_teardown) \
	harness_run_group(tests, sizeof(tests) / sizeof((tests)[0]), group_setup, group_teardown)

enum harness_end { HARNESS_PASSED, HARNESS_FAILED, HARNESS_SKIPPED };

/* One jump buffer: tests do not nest. */
static jmp_buf harness_jump;

__attribute__((format(printf, 1, 2), unused)) static void print_message(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
}

__attribute__((format(printf, 3, 4), unused)) _Noreturn static void harness_fail(const char *file,
                                                                                 int line,
                                                                                 const char *format,
                                                                                 ...)
{
	va_list arguments;

	printf("%s:%d: error: ", file, line);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	printf("\n");
	longjmp(harness_jump, HARNESS_FAILED);
}

static inline enum harness_end harness_run(const struct CMUnitTest *test)
{
	void *state = NULL;
	int end = setjmp(harness_jump);

	if (end == HARNESS_PASSED)
		test->test_func(&state);
	return (enum harness_end)end;
}

static inline int harness_run_group(const struct CMUnitTest *tests, size_t n_tests,
                                    int (*group_setup)(void **), int (*group_teardown)(void **))
{
	static const char *const end_names[] = { "      OK", " FAILED ", "SKIPPED " };
	int n_ended[3] = { 0 };
	void *state = NULL;

	setvbuf(stdout, NULL, _IOLBF, 0); /* a test that crashes has said what came before */
	if (group_setup != NULL && group_setup(&state) != 0)
		return 1;
	for (size_t i = 0; i < n_tests; i++) {
		enum harness_end end = harness_run(&tests[i]);

		n_ended[end]++;
		printf("[ %s ] %s\n", end_names[end], tests[i].name);
	}
	if (group_teardown != NULL && group_teardown(&state) != 0)
		n_ended[HARNESS_FAILED]++;
	if (n_ended[HARNESS_SKIPPED] != 0)
		printf("[  SKIPPED ] %d test(s).\n", n_ended[HARNESS_SKIPPED]);
	if (n_ended[HARNESS_FAILED] == 0)
		printf("[  PASSED  ] %d test(s).\n", n_ended[HARNESS_PASSED]);
	else
		printf("[  FAILED  ] %d test(s)\n", n_ended[HARNESS_FAILED]);
	return n_ended[HARNESS_FAILED];
}

#define skip()        longjmp(harness_jump, HARNESS_SKIPPED)
#define fail()        harness_fail(__FILE__, __LINE__, "failed")
#define fail_msg(...) harness_fail(__FILE__, __LINE__, __VA_ARGS__)

#define assert_true(condition) \
	((condition) ? (void)0 : harness_fail(__FILE__, __LINE__, "not true: %s", #condition))
#define assert_false(condition) \
	((condition) ? harness_fail(__FILE__, __LINE__, "not false: %s", #condition) : (void)0)

#define assert_int_equal(a, b) \
	harness_int_equal((uint64_t)(a), (uint64_t)(b), #a " == " #b, __FILE__, __LINE__)
#define assert_int_not_equal(a, b) \
	harness_int_not_equal((uint64_t)(a), (uint64_t)(b), #a " != " #b, __FILE__, __LINE__)
#define assert_in_range(value, minimum, maximum)                                              \
	harness_in_range((uint64_t)(value), (uint64_t)(minimum), (uint64_t)(maximum), #value, \
	                 __FILE__, __LINE__)

#define assert_null(pointer)     harness_pointer(pointer, NULL, #pointer, __FILE__, __LINE__)
#define assert_ptr_equal(a, b)   harness_pointer(a, b, #a " == " #b, __FILE__, __LINE__)
#define assert_non_null(pointer) assert_true((pointer) != NULL)

#define assert_string_equal(a, b)        harness_string_equal(a, b, __FILE__, __LINE__)
#define assert_memory_equal(a, b, bytes) harness_memory_equal(a, b, bytes, __FILE__, __LINE__)

static inline void harness_int_equal(uint64_t a, uint64_t b, const char *text, const char *file,
                                     int line)
{
	if (a != b)
		harness_fail(file, line, "%s: %#" PRIx64 " != %#" PRIx64, text, a, b);
}

static inline void harness_int_not_equal(uint64_t a, uint64_t b, const char *text, const char *file,
                                         int line)
{
	if (a == b)
		harness_fail(file, line, "%s: both are %#" PRIx64, text, a);
}

static inline void harness_in_range(uint64_t value, uint64_t minimum, uint64_t maximum,
                                    const char *text, const char *file, int line)
{
	if (value < minimum || value > maximum)
		harness_fail(file, line, "%s: %#" PRIx64 " is not in %#" PRIx64 " to %#" PRIx64,
		             text, value, minimum, maximum);
}

static inline void harness_pointer(const void *a, const void *b, const char *text, const char *file,
                                   int line)
{
	if (a != b)
		harness_fail(file, line, "%s: %p != %p", text, a, b);
}

static inline void harness_string_equal(const char *a, const char *b, const char *file, int line)
{
	if (strcmp(a, b) != 0)
		harness_fail(file, line, "\"%s\" != \"%s\"", a, b);
}

static inline void harness_memory_equal(const void *a, const void *b, size_t bytes,
                                        const char *file, int line)
{
	const unsigned char *p = a, *q = b;

	for (size_t i = 0; i < bytes; i++) {
		if (p[i] != q[i])
			harness_fail(file, line, "byte %zu: 0x%02x != 0x%02x", i, p[i], q[i]);
	}
}

#endif
