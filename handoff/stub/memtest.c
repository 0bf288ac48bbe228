/* memtest.c - see memtest.h. */
#include "handoff/stub/memtest.h"

#include <stddef.h>

#define WORDS_A_PAGE (PAGE_BYTES / sizeof(uint64_t))
#define BURST_PAGES  UINT64_C(512)
#define SALT         UINT64_C(0x5a3c96e1b4d278f0) /* so that no word looks like an address */

static const char *after_prefix(const char *text, const char *prefix)
{
	for (; *prefix != '\0'; text++, prefix++)
		if (*text != *prefix)
			return NULL;
	return text;
}

/* Decimal digits and a unit, in pages, rounded up; what is too large is the largest. */
static uint64_t pages_in_text(const char *text)
{
	uint64_t number = 0;
	unsigned shift;

	for (; *text >= '0' && *text <= '9'; text++)
		if (number < UINT64_MAX / 16)
			number = number * 10 + (uint64_t)(*text - '0');
	shift = *text == 'G' ? 30 : *text == 'M' ? 20 : *text == 'K' ? 10 : 0;
	return number > UINT64_MAX >> shift ? UINT64_MAX : pages_of(number << shift);
}

uint64_t memtest_budget_pages(const char *cmdline)
{
	bool at_word = true;

	for (; *cmdline != '\0'; cmdline++) {
		const char *value = at_word ? after_prefix(cmdline, "stub.memory=") : NULL;

		if (value != NULL)
			return pages_in_text(value);
		at_word = *cmdline == ' ';
	}
	return UINT64_MAX;
}

static void fill_page(pfn_t pfn)
{
	volatile uint64_t *word = (volatile uint64_t *)(uintptr_t)pfn_paddr(pfn);
	uint64_t value = pfn_paddr(pfn) ^ SALT;

	for (size_t i = 0; i < WORDS_A_PAGE; i += 8) { /* unrolled: an emulator runs this, too */
		word[i] = value;
		word[i + 1] = value + 1;
		word[i + 2] = value + 2;
		word[i + 3] = value + 3;
		word[i + 4] = value + 4;
		word[i + 5] = value + 5;
		word[i + 6] = value + 6;
		word[i + 7] = value + 7;
		value += 8;
	}
}

/* The first word of the page that is not what fill_page() made it, or WORDS_A_PAGE. */
static size_t first_wrong(pfn_t pfn)
{
	const volatile uint64_t *word = (const volatile uint64_t *)(uintptr_t)pfn_paddr(pfn);
	uint64_t value = pfn_paddr(pfn) ^ SALT;
	size_t i;

	for (i = 0; i < WORDS_A_PAGE; i += 8, value += 8) {
		uint64_t differences = word[i] ^ value;

		differences |= word[i + 1] ^ (value + 1);
		differences |= word[i + 2] ^ (value + 2);
		differences |= word[i + 3] ^ (value + 3);
		differences |= word[i + 4] ^ (value + 4);
		differences |= word[i + 5] ^ (value + 5);
		differences |= word[i + 6] ^ (value + 6);
		differences |= word[i + 7] ^ (value + 7);
		if (differences != 0)
			break;
	}
	while (i < WORDS_A_PAGE && word[i] == (pfn_paddr(pfn) ^ SALT) + i)
		i++;
	return i;
}

/* What is being done, and what came of it so far. */
struct memtest {
	struct memtest_result result;
	struct progress progress;
	progress_fn *tell;
};

/* Does something to a page; false to stop. */
typedef bool page_fn(pfn_t pfn, struct memtest *test);

static void tell_after(pfn_t pfn, struct memtest *test)
{
	test->progress.n_done++;
	if ((test->progress.n_done & (BURST_PAGES - 1)) != 0)
		return;
	test->progress.pfn = pfn + 1;
	test->tell(&test->progress);
}

static bool fill(pfn_t pfn, struct memtest *test)
{
	fill_page(pfn);
	test->result.n_pages++;
	tell_after(pfn, test);
	return true;
}

static bool read_back(pfn_t pfn, struct memtest *test)
{
	struct memtest_result *result = &test->result;
	size_t i = first_wrong(pfn);

	if (i == WORDS_A_PAGE) {
		tell_after(pfn, test);
		return true;
	}
	result->is_wrong = true;
	result->paddr = pfn_paddr(pfn) + i * sizeof(uint64_t);
	result->expected = (pfn_paddr(pfn) ^ SALT) + i;
	result->found = *(const volatile uint64_t *)(uintptr_t)result->paddr;
	return false;
}

/* How the bursts are spread: the pixels of a line. */
struct spread {
	uint64_t budget;
	uint64_t due, burst_due; /* a page looked at makes @budget due, a burst takes @burst_due */
	uint64_t skipped, left;  /* pages, from here on: before the next burst, and then in it */
};

/* Look for the next burst: pages until one is due, without a division and without a step for each.
 */
static void find_burst(struct spread *spread)
{
	unsigned shift = 0;

	spread->skipped = 0;
	while (spread->due + (spread->budget << shift) < spread->burst_due)
		shift++;
	while (shift-- > 0) {
		uint64_t due = spread->due + (spread->budget << shift);

		if (due >= spread->burst_due)
			continue;
		spread->due = due;
		spread->skipped += UINT64_C(1) << shift;
	}
	spread->due -= spread->burst_due;
	/* The page that makes it due, and those behind it that are visited anyway. */
	spread->due += BURST_PAGES * spread->budget;
	spread->left = BURST_PAGES;
}

/* Visit what of [pfn, end_pfn) is in a burst. False if that was to stop. */
static bool visit_run(struct spread *spread, pfn_t pfn, pfn_t end_pfn, page_fn *page,
                      struct memtest *test)
{
	while (pfn < end_pfn) {
		uint64_t n_skipped = min_u64(spread->skipped, end_pfn - pfn);

		spread->skipped -= n_skipped;
		pfn += n_skipped;
		for (; pfn < end_pfn && spread->left > 0; pfn++, spread->left--)
			if (!page(pfn, test))
				return false;
		if (spread->left == 0)
			find_burst(spread);
	}
	return true;
}

/*
 * Visit about @budget of the @free_pages free pages, in ascending order, in bursts that are spread
 * evenly, as the pixels of a line are: of n pages looked at, n * budget / free_pages are visited,
 * rounded up to a burst. Bursts, as the host of a virtual machine may give it 2 MiB for each page
 * that is touched; and what lies between two of them costs nothing.
 */
static void visit(const bootmem_data_t *bdata, uint64_t budget, uint64_t free_pages, page_fn *page,
                  struct memtest *test)
{
	struct spread spread = { .budget = budget, .burst_due = BURST_PAGES * free_pages };
	pfn_t end_pfn;

	if (budget == 0)
		return;
	spread.due = spread.burst_due - budget;
	find_burst(&spread);
	for (pfn_t pfn = bootmem_next_free_run(bdata, 0, &end_pfn); pfn < bdata->node_low_pfn;
	     pfn = bootmem_next_free_run(bdata, end_pfn, &end_pfn))
		if (!visit_run(&spread, pfn, end_pfn, page, test))
			return;
}

/* One pass; and that it is over. */
static void pass(const bootmem_data_t *bdata, uint64_t budget, uint64_t free_pages, page_fn *page,
                 struct memtest *test)
{
	visit(bdata, budget, free_pages, page, test);
	if (test->result.is_wrong)
		return;
	test->progress.pfn = bdata->node_low_pfn;
	test->tell(&test->progress);
}

struct memtest_result memtest_run(const bootmem_data_t *bdata, uint64_t budget_pages,
                                  progress_fn *progress)
{
	uint64_t free_pages = bootmem_free_pages(bdata);
	uint64_t budget = min_u64(budget_pages, free_pages);
	struct memtest test = { .progress = { .n_whole = 2 * budget }, .tell = progress };

	test.progress.what = PROGRESS_WRITES;
	pass(bdata, budget, free_pages, fill, &test);
	test.progress.what = PROGRESS_READS_BACK;
	pass(bdata, budget, free_pages, read_back, &test);
	return test.result;
}
