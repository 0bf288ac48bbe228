/*
 * start_amd64.S - the entry in long mode: keep the state of the CPU, then own GDT, TSS and stack,
 * so that nothing of the firmware's or the loader's is in use; and the stubs of the 32 exceptions.
 */
#include "handoff/device/exception.h"
#include "handoff/stub/entry.h"

#define STACK_BYTES      0x10000
#define TRAP_STACK_BYTES 0x4000
#define TSS_BYTES        104

	.section .text.start, "ax"
	.globl	start
start:
	movq	%rdi, entry_state + ENTRY_BLOCK_PADDR(%rip)
	movq	%rsp, entry_state + ENTRY_STACK_PADDR(%rip)
	pushfq
	popq	entry_state + ENTRY_FLAGS(%rip)
	cli
	cld
	movq	%cr0, %rax
	movq	%rax, entry_state + ENTRY_CR0(%rip)
	movq	%cr3, %rax
	movq	%rax, entry_state + ENTRY_CR3(%rip)
	movq	%cr4, %rax
	movq	%rax, entry_state + ENTRY_CR4(%rip)

	leaq	stack_end(%rip), %rsp
	lgdt	gdt_pointer(%rip)
	pushq	$SELECTOR_CODE
	leaq	1f(%rip), %rax
	pushq	%rax
	lretq
1:	movl	$SELECTOR_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs

	/* The address of the TSS, in pieces, into its descriptor (AMD64 manual 2, §4.8.3). */
	leaq	tss(%rip), %rax
	movw	%ax, gdt + SELECTOR_TSS + 2(%rip)
	shrq	$16, %rax
	movb	%al, gdt + SELECTOR_TSS + 4(%rip)
	movb	%ah, gdt + SELECTOR_TSS + 7(%rip)
	shrq	$16, %rax
	movl	%eax, gdt + SELECTOR_TSS + 8(%rip)
	leaq	trap_stack_end(%rip), %rax
	movq	%rax, tss + 36(%rip)	/* IST1: a trap gets a good stack whatever RSP is */
	movl	$SELECTOR_TSS, %eax
	ltr	%ax

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
	pushq	$0
	.endif
	pushq	$\vector
	jmp	trap_common
	.endr

trap_common:
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
	andq	$-16, %rsp
	call	trap_report
	ud2

	/* An interrupt that a runtime service let through: nobody waits for it. */
	.globl	trap_ignore
	.balign	16
trap_ignore:
	iretq

	.data
	.globl	entry_state
	.balign	16
entry_state:
	.fill	ENTRY_BYTES, 1, 0
	.balign	16
gdt:
	.quad	0
	.quad	0x00af9b000000ffff	/* SELECTOR_CODE: 64-bit, accessed already */
	.quad	0x00cf93000000ffff	/* SELECTOR_DATA */
	.quad	0x0000890000000000 + TSS_BYTES - 1
	.quad	0
gdt_end:
	.balign	8
	.skip	6			/* the address below lies on a multiple of 8 */
gdt_pointer:
	.word	gdt_end - gdt - 1
	.quad	gdt

	.bss
	.balign	16
tss:
	.skip	TSS_BYTES
	.balign	16
	.skip	TRAP_STACK_BYTES
trap_stack_end:
	.skip	STACK_BYTES
stack_end:

	.section .note.GNU-stack, "", @progbits
