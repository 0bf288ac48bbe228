/*
 * fault.h - what a gate was taken for, without regard to the width of the CPU's mode; and its
 * words. Everything is computed from what is here: nothing else may be there any more.
 */
#ifndef HANDOFF_GATES_FAULT_H
#define HANDOFF_GATES_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "handoff/load/gates.h"

#define FAULT_MOST_REGISTERS 18

struct fault_register {
	const char *name;
	uint64_t value;
	bool is_short; /* a register whose upper half has no bits */
};

struct fault {
	const struct gates_known *known;
	unsigned bits; /* of the kernel: 32 or 64 */
	unsigned vector;
	bool is_interrupt;  /* of a device, though the vector is one of an exception */
	bool has_no_memory; /* where the stack is: of all else, only registers[] are known */
	uint32_t error_code;
	bool has_paging; /* CR0.PG */
	uint64_t ip, cr2, cr3;
	uint64_t caller; /* the word at the top of the stack; 0: not known */
	struct fault_register registers[FAULT_MOST_REGISTERS];
	size_t n_registers;
};

/* An exception of the CPU's, or an interrupt? */
bool fault_is_exception(const struct fault *fault);
bool fault_is_of_page(const struct fault *fault);

/* "Page fault in your kernel (vector 14)." */
void fault_say_title(const struct fault *fault, char *text, size_t bytes);

/* "wrote to a page that is not mapped (error code 0x2)" */
void fault_say_did(const struct fault *fault, char *text, size_t bytes);

/* What is mapped, and by whom: "0x0 to 0x100000000", "by the hand-off page tables, to itself". */
void fault_say_mapped(const struct fault *fault, char *text, size_t bytes, const char **ret_by);

/* Is the kernel at @address, where it was loaded or where it was linked to? *ret_linked is what its
 * linker says of it. */
bool fault_find_in_kernel(const struct fault *fault, uint64_t address, uint64_t *ret_linked);

/* Where the kernel begins, as it was linked. */
uint64_t fault_linked_start(const struct fault *fault);

/* Does that register hold the address of a page fault? */
bool fault_is_cause(const struct fault *fault, const struct fault_register *kept);

/* The number @i, from 0, of what there is to do: a sentence. False: there are no more. */
bool fault_say_to_do(const struct fault *fault, size_t i, char *text, size_t bytes);

#endif
