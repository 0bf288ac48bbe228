/*
 * count.c - a plugin of QEMU's: how many instructions a guest runs from one piece of code to
 * another.
 *
 *     -plugin libcount.so,from=48895c24,to=fafc0f20c0,out=FILE
 *
 * @from and @to are the bytes, in hexadecimal, that blocks of code begin with; the first block that
 * does counts. What was run in between, firmware and all, is written to @out as a decimal number,
 * and QEMU ends. An iteration of `rep movsq' is an instruction. A block that is left in its middle,
 * by an interrupt say, counts as a whole.
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
static uint64_t n_all, n_before; /* n_before: what had been run at @from; 0: not there yet */

static void start(unsigned cpu, void *context)
{
	(void)cpu, (void)context;
	if (n_before == 0)
		n_before = n_all;
}

static void end(unsigned cpu, void *context)
{
	FILE *file;

	(void)cpu, (void)context;
	if (n_before == 0)
		return;
	file = fopen(out, "w");
	if (file == NULL || fprintf(file, "%llu\n", (unsigned long long)(n_all - n_before)) < 0 ||
	    fclose(file) != 0)
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

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
	(void)id;
	if (begins_with(block, &from))
		qemu_plugin_register_vcpu_tb_exec_cb(block, start, NO_REGISTERS, NULL);
	if (begins_with(block, &to))
		qemu_plugin_register_vcpu_tb_exec_cb(block, end, NO_REGISTERS, NULL);
	qemu_plugin_register_vcpu_tb_exec_inline(block, ADD_U64, &n_all,
	                                         qemu_plugin_tb_n_insns(block));
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
		else
			is_good = false;
	}
	if (!is_good || from.n == 0 || to.n == 0 || out == NULL) {
		fprintf(stderr, "count: from=HEX,to=HEX,out=FILE\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
