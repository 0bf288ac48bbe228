/*
 * gates_ia32.S - the head of the program (gates.h), a stub for each vector, and the way from there to
 * C, in protected mode. The stubs run on the kernel's stack, whose rest may be small, and all else
 * on one of our own. A push has just worked, so SS is a good segment for data as well. What is ours
 * to write to may be read-only in page tables of the kernel's: CR0.WP is off from here on, and so is
 * CR4.CET, which needs it (Intel SDM 3A §2.5).
 *
 * Nothing is popped: where no memory is, that would be anything. So what is ours is found by its
 * address, which is put in when this is loaded, and not by a call to the next instruction.
 */
#include "handoff/device/exception.h"
#include "handoff/load/gates.h"

#define STACK_BYTES 0x1000
#define CR0_WP      16 /* bits */
#define CR4_CET     23

	.section .head, "aw"
	.globl	gates_head
	.hidden	gates_head
	.balign	16
gates_head:
	.long	stubs, 0
	.long	idt, 0
	.long	GATES_VECTORS * 8, 0
	.skip	GATES_KNOWN_BYTES

	.section .stubs, "awx" /* written to as it is loaded */
	.balign	16
stubs:
	.set	vector, 0
	.rept	GATES_VECTORS
	.balign	GATES_STUB_BYTES
	.if	vector >= EXCEPTIONS
	pushl	$0
	.elseif	((EXCEPTIONS_WITH_CODE >> vector) & 1) == 0
	pushl	$0
	.endif
	pushl	$vector
	jmp	common
	.set	vector, vector + 1
	.endr

	.balign	16
common:
	pushal
	cld
	movl	%ss, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%esp, %edi
	movl	%cr0, %eax
	btrl	$CR0_WP, %eax
	jnc	0f
	movl	%cr4, %ecx
	btrl	$CR4_CET, %ecx
	movl	%ecx, %cr4
	movl	%eax, %cr0
0:	incl	depth
	movl	depth, %esi
	cmpl	$1, %esi
	jne	1f
	movl	$stack_end, %esp
1:	andl	$-16, %esp
	subl	$8, %esp
	pushl	%esi
	pushl	%edi
	xorl	%ebp, %ebp
	call	gates_report
	ud2

	.bss
	.balign	16
idt:
	.skip	GATES_VECTORS * 8
	.skip	STACK_BYTES
stack_end:
depth:	.skip	4

	.section .note.GNU-stack, "", @progbits
