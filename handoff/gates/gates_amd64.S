/*
 * gates_amd64.S - the head of the program (gates.h), a stub for each vector, and the way from there
 * to C, in long mode. The stubs run on the kernel's stack, whose rest may be small, and all else on
 * one of our own. That, and all that is ours to write to, may be read-only in page tables of the
 * kernel's: CR0.WP is off from here on, and so is CR4.CET, which needs it (Intel SDM 3A §2.5).
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
	.quad	stubs
	.quad	idt
	.quad	GATES_VECTORS * 16
	.skip	GATES_KNOWN_BYTES

	.text
	.balign	16
stubs:
	.set	vector, 0
	.rept	GATES_VECTORS
	.balign	GATES_STUB_BYTES
	.if	vector >= EXCEPTIONS
	pushq	$0
	.elseif	((EXCEPTIONS_WITH_CODE >> vector) & 1) == 0
	pushq	$0
	.endif
	pushq	$vector
	jmp	common
	.set	vector, vector + 1
	.endr

	.balign	16
common:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	pushq	%rbx
	pushq	%rbp
	pushq	%rsi
	pushq	%rdi
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	cld
	movq	%rsp, %rdi
	movq	%cr0, %rax
	btrq	$CR0_WP, %rax
	jnc	0f
	movq	%cr4, %rcx
	btrq	$CR4_CET, %rcx
	movq	%rcx, %cr4
	movq	%rax, %cr0
0:	incl	depth(%rip)
	movl	depth(%rip), %esi
	cmpl	$1, %esi
	jne	1f
	leaq	stack_end(%rip), %rsp
1:	andq	$-16, %rsp
	xorl	%ebp, %ebp
	call	gates_report
	ud2

	.bss
	.balign	16
idt:
	.skip	GATES_VECTORS * 16
	.skip	STACK_BYTES
stack_end:
depth:	.skip	4

	.section .note.GNU-stack, "", @progbits
