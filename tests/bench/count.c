/*
 * count.c - a plugin of QEMU's: how many instructions a guest runs from one piece of code to
 * another; on demand, how many of them in a program, and how many each of its calls costs.
 *
 *     -plugin libcount.so,from=48895c24,to=fafc0f20c0,out=FILE
 *     -plugin libcount.so,from=48895c24,to=fafc0f20c0,entry=1234,size=98304,out=FILE
 *
 * @from and @to are the bytes, in hexadecimal, that blocks of code begin with; the first block that
 * does counts. What was run in between, firmware and all, is written to @out as a decimal number,
 * and QEMU ends. An iteration of `rep movsq' is an instruction. A block that is left in its middle,
 * by an interrupt say, counts as a whole.
 *
 * With @entry and @size, @from is the entry point of an image of so many bytes, so many bytes
 * behind its start. Behind the number come lines: `own N', of the image; and for each place from
 * which it was left `call OFFSET TIMES N': where it goes on, from the start of the image, how often
 * it was left there, and what was run until it went on. An interrupt leaves it, too. Then, for each
 * block of its code, `block OFFSET N': what was run of that.
 *
 * Debian has no header for plugins: what is used of it is declared here, as QEMU's manual has it
 * (TCG Plugins, API version 1).
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLUGIN_EXPORT __attribute__((visibility("default")))
#define NO_REGISTERS  0 /* QEMU_PLUGIN_CB_NO_REGS */
#define ADD_U64       0 /* QEMU_PLUGIN_INLINE_ADD_U64 */

struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef uint64_t qemu_plugin_id_t;
typedef void translated_fn(qemu_plugin_id_t id, struct qemu_plugin_tb *block);
typedef void executed_fn(unsigned cpu, void *context);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, translated_fn *translated);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *block, executed_fn *executed,
                                          int flags, void *context);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *block, int operation,
                                              void *counter, uint64_t value);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *block);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *instruction);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);

PLUGIN_EXPORT int qemu_plugin_version = 1;
PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

#define MOST_BYTES 64

struct pattern {
	uint8_t bytes[MOST_BYTES];
	size_t n;
};

static struct pattern from, to;
static const char *out;
static uint64_t entry, image_bytes;
static uint64_t image; /* where it starts; 0: not known yet, or never */

static uint64_t n_others, n_own; /* instructions that were run, outside of the image and in it */
static uint64_t n_before;        /* what had been run at @from */
static bool is_counting;

/* A block of the image: it is left where it ends. */
struct own_block {
	uint64_t n_instructions, start_offset, end_offset;
	uint64_t n_times;
	struct own_block *next;
};
static struct own_block *own_blocks;

/* Where the image was left. */
#define MOST_PLACES 8192
static struct place {
	uint64_t offset, n_times, n_instructions;
} places[MOST_PLACES];
static size_t n_places;
static struct own_block *last_block;
static uint64_t n_others_at_last;

static struct place *place_of(uint64_t offset)
{
	for (size_t i = 0; i < n_places; i++)
		if (places[i].offset == offset)
			return &places[i];
	if (n_places == MOST_PLACES) {
		fprintf(stderr, "count: more than %d places\n", MOST_PLACES);
		_exit(2);
	}
	places[n_places].offset = offset;
	return &places[n_places++];
}

/* What was run since the last block of the image was called from there. */
static void note_call(void)
{
	struct place *place;

	if (last_block == NULL || n_others == n_others_at_last)
		return;
	place = place_of(last_block->end_offset);
	place->n_times++;
	place->n_instructions += n_others - n_others_at_last;
}

static void own_block_runs(unsigned cpu, void *context)
{
	(void)cpu;
	if (is_counting)
		note_call();
	last_block = context;
	n_others_at_last = n_others;
	n_own += last_block->n_instructions;
	last_block->n_times++;
}

static void start(unsigned cpu, void *context)
{
	const struct own_block *block = context;

	(void)cpu;
	if (is_counting)
		return;
	is_counting = true;
	n_before = n_others;
	/* This block is counted before or behind this call, in whichever order QEMU likes. */
	n_own = block != NULL && last_block == block ? block->n_instructions : 0;
}

static void print_places(FILE *file)
{
	if (image == 0)
		return;
	fprintf(file, "own %llu\n", (unsigned long long)n_own);
	for (size_t i = 0; i < n_places; i++)
		fprintf(file, "call %llu %llu %llu\n", (unsigned long long)places[i].offset,
		        (unsigned long long)places[i].n_times,
		        (unsigned long long)places[i].n_instructions);
	for (const struct own_block *block = own_blocks; block != NULL; block = block->next)
		fprintf(file, "block %llu %llu\n", (unsigned long long)block->start_offset,
		        (unsigned long long)(block->n_times * block->n_instructions));
}

static void end(unsigned cpu, void *context)
{
	FILE *file;

	(void)cpu, (void)context;
	if (!is_counting)
		return;
	note_call();
	file = fopen(out, "w");
	if (file == NULL) {
		perror(out);
		_exit(2);
	}
	fprintf(file, "%llu\n", (unsigned long long)(n_others - n_before + n_own));
	print_places(file);
	if (fclose(file) != 0)
		perror(out);
	_exit(0);
}

/* A block may be shorter than the pattern: it ends at the first jump. */
static bool begins_with(const struct qemu_plugin_tb *block, const struct pattern *pattern)
{
	size_t n_instructions = qemu_plugin_tb_n_insns(block), n = 0;

	for (size_t i = 0; i < n_instructions && n < pattern->n; i++) {
		const struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
		size_t bytes = qemu_plugin_insn_size(instruction);

		if (bytes > pattern->n - n)
			bytes = pattern->n - n;
		if (memcmp(qemu_plugin_insn_data(instruction), pattern->bytes + n, bytes) != 0)
			return false;
		n += bytes;
	}
	return n == pattern->n;
}

static struct own_block *own_block_of(const struct qemu_plugin_tb *block)
{
	uint64_t vaddr = qemu_plugin_tb_vaddr(block);
	size_t n = qemu_plugin_tb_n_insns(block);
	uint64_t bytes = 0;
	struct own_block *own;

	if (image == 0 || vaddr < image || vaddr - image >= image_bytes)
		return NULL;
	own = malloc(sizeof *own); /* as long as QEMU runs */
	if (own == NULL)
		abort();
	for (size_t i = 0; i < n; i++)
		bytes += qemu_plugin_insn_size(qemu_plugin_tb_get_insn(block, i));
	*own = (struct own_block){ n, vaddr - image, vaddr - image + bytes, 0, own_blocks };
	own_blocks = own;
	return own;
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
	struct own_block *own;
	bool is_from = begins_with(block, &from);

	(void)id;
	if (is_from && image == 0 && image_bytes > 0)
		image = qemu_plugin_tb_vaddr(block) - entry;
	own = own_block_of(block);
	if (own != NULL)
		qemu_plugin_register_vcpu_tb_exec_cb(block, own_block_runs, NO_REGISTERS, own);
	else
		qemu_plugin_register_vcpu_tb_exec_inline(block, ADD_U64, &n_others,
		                                         qemu_plugin_tb_n_insns(block));
	if (is_from)
		qemu_plugin_register_vcpu_tb_exec_cb(block, start, NO_REGISTERS, own);
	if (begins_with(block, &to))
		qemu_plugin_register_vcpu_tb_exec_cb(block, end, NO_REGISTERS, NULL);
}

static bool read_pattern(const char *text, struct pattern *ret_pattern)
{
	unsigned byte;

	for (ret_pattern->n = 0; ret_pattern->n < MOST_BYTES && sscanf(text, "%2x", &byte) == 1;
	     text += 2)
		ret_pattern->bytes[ret_pattern->n++] = (uint8_t)byte;
	return ret_pattern->n > 0 && *text == '\0';
}

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	bool is_good = true;

	(void)info;
	for (int i = 0; i < argc && is_good; i++) {
		if (strncmp(argv[i], "from=", 5) == 0)
			is_good = read_pattern(argv[i] + 5, &from);
		else if (strncmp(argv[i], "to=", 3) == 0)
			is_good = read_pattern(argv[i] + 3, &to);
		else if (strncmp(argv[i], "out=", 4) == 0)
			out = argv[i] + 4;
		else if (strncmp(argv[i], "entry=", 6) == 0)
			entry = strtoull(argv[i] + 6, NULL, 10);
		else if (strncmp(argv[i], "size=", 5) == 0)
			image_bytes = strtoull(argv[i] + 5, NULL, 10);
		else
			is_good = false;
	}
	if (!is_good || from.n == 0 || to.n == 0 || out == NULL) {
		fprintf(stderr, "count: from=HEX,to=HEX[,entry=OFFSET,size=BYTES],out=FILE\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
