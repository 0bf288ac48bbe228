/*
 * start_ia32.S - the entry in flat protected mode: keep the state of the CPU, then own GDT and
 * stack, so that nothing of the firmware's or the loader's is in use; and the stubs of the 32
 * exceptions. Without paging a push cannot fault, so no exception needs a stack of its own.
 */
#include "handoff/device/exception.h"
#include "handoff/stub/entry.h"

#define STACK_BYTES 0x10000

/* An operand relative to where this runs, which EBP has: the same text is linked as a PIE. */
#define AT(symbol) symbol - base(%ebp)

	.section .text.start, "ax"
	.globl	start
start:
	movl	%esp, %ecx
	call	base
base:	popl	%ebp
	movl	%eax, AT(entry_state + ENTRY_MAGIC)
	movl	%ebx, AT(entry_state + ENTRY_BLOCK_PADDR)
	movl	%ecx, AT(entry_state + ENTRY_STACK_PADDR)
	pushfl
	popl	AT(entry_state + ENTRY_FLAGS)
	cli
	cld
	movl	%cr0, %eax
	movl	%eax, AT(entry_state + ENTRY_CR0)
	movl	%cr3, %eax
	movl	%eax, AT(entry_state + ENTRY_CR3)
	movl	%cr4, %eax
	movl	%eax, AT(entry_state + ENTRY_CR4)

	leal	AT(stack_end), %esp
	lgdt	AT(gdt_pointer)
	pushl	$SELECTOR_CODE
	leal	AT(2f), %eax
	pushl	%eax
	lretl
2:	movl	$SELECTOR_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%eax, %fs
	movl	%eax, %gs

	xorl	%ebp, %ebp
	call	stub_main
	ud2

	/*
	 * One stub of 16 bytes for each exception: error code (0 if the CPU pushes none), vector.
	 */
	.text
	.globl	trap_stubs
	.balign	16
trap_stubs:
	.irp	vector, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	.balign	16
	.if	((EXCEPTIONS_WITH_CODE >> \vector) & 1) == 0
	pushl	$0
	.endif
	pushl	$\vector
	jmp	trap_common
	.endr

trap_common:
	pushal
	cld
	movl	%esp, %eax
	andl	$-16, %esp
	subl	$12, %esp
	pushl	%eax
	call	trap_report
	ud2

	/* An interrupt that a runtime service let through: nobody waits for it. */
	.globl	trap_ignore
	.balign	16
trap_ignore:
	iretl

	.data
	.globl	entry_state
	.balign	16
entry_state:
	.fill	ENTRY_BYTES, 1, 0
	.balign	16
gdt:
	.quad	0
	.quad	0x00cf9b000000ffff	/* SELECTOR_CODE: flat, accessed already */
	.quad	0x00cf93000000ffff	/* SELECTOR_DATA */
gdt_end:
	.balign	4
	.skip	2			/* the address below lies on a multiple of 4 */
gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	gdt

	.bss
	.balign	16
	.skip	STACK_BYTES
stack_end:

	.section .note.GNU-stack, "", @progbits
