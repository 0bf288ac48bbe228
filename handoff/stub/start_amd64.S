/*
 * start_amd64.S - the entry in long mode: keep the state of the CPU, then own GDT, TSS and stack,
 * so that nothing of the firmware's or the loader's is in use; and the stubs of the 32 exceptions.
 */
#include "handoff/device/exception.h"
#include "handoff/stub/entry.h"

#define STACK_BYTES      0x10000
#define TRAP_STACK_BYTES 0x4000
#define TSS_BYTES        104

#define MSR_EFER    0xc0000080
#define MSR_FS_BASE 0xc0000100
#define MSR_GS_BASE 0xc0000101
#define CR0_EM_TS   0x0000000c	/* an instruction of x87 or SSE would fault */
#define CR4_OSFXSR  0x00000200	/* else MXCSR cannot be read */
#define X87_BYTES   28		/* what FNSTENV stores, and where the tags are in it */
#define X87_TAGS    8

#define KEPT(field) entry_state + ENTRY_##field(%rip)

	.macro	KEEP_MSR offset, msr
	movl	$\msr, %ecx
	rdmsr
	movl	%eax, entry_state + \offset(%rip)
	movl	%edx, entry_state + \offset + 4(%rip)
	.endm

	.section .text.start, "ax"
	.globl	start
start:
	movq	%rax, KEPT(AX)
	movq	%rcx, KEPT(CX)
	movq	%rdx, KEPT(DX)
	movq	%rbx, KEPT(BX)
	movq	%rsp, KEPT(SP)
	movq	%rbp, KEPT(BP)
	movq	%rsi, KEPT(SI)
	movq	%rdi, KEPT(DI)
	movq	%r8, KEPT(R8)
	movq	%r9, KEPT(R9)
	movq	%r10, KEPT(R10)
	movq	%r11, KEPT(R11)
	movq	%r12, KEPT(R12)
	movq	%r13, KEPT(R13)
	movq	%r14, KEPT(R14)
	movq	%r15, KEPT(R15)
	pushfq
	popq	KEPT(FLAGS)
	cli
	cld
	movw	%cs, KEPT(CS)
	movw	%ds, KEPT(DS)
	movw	%es, KEPT(ES)
	movw	%fs, KEPT(FS)
	movw	%gs, KEPT(GS)
	movw	%ss, KEPT(SS)
	sldt	KEPT(LDTR)
	sgdt	KEPT(GDTR_BASE - 2)	/* a limit of 2 bytes, then the base */
	shrq	$48, KEPT(GDTR_LIMIT)
	sidt	KEPT(IDTR_BASE - 2)
	shrq	$48, KEPT(IDTR_LIMIT)
	movq	%cr0, %rbx
	movq	%rbx, KEPT(CR0)
	movq	%cr3, %rax
	movq	%rax, KEPT(CR3)
	movq	%cr4, %rbp
	movq	%rbp, KEPT(CR4)
	movq	%dr7, %rax
	movq	%rax, KEPT(DR7)
	KEEP_MSR ENTRY_EFER, MSR_EFER
	KEEP_MSR ENTRY_FS_BASE, MSR_FS_BASE
	KEEP_MSR ENTRY_GS_BASE, MSR_GS_BASE
	testl	$CR0_EM_TS, %ebx
	jnz	2f
	fnstcw	KEPT(FCW)
	fnstsw	KEPT(FSW)
	subq	$X87_BYTES, %rsp
	fnstenv	(%rsp)
	movw	X87_TAGS(%rsp), %ax
	movw	%ax, KEPT(FTW)
	testl	$CR4_OSFXSR, %ebp
	jz	2f
	stmxcsr	KEPT(MXCSR)
2:	leaq	entry_probe(%rip), %rax
	movq	%rax, %rdx
	btcq	$20, %rdx
	movl	(%rdx), %ecx
	movl	%ecx, KEPT(A20)
	notl	%ecx
	movl	%ecx, (%rax)
	movl	(%rdx), %ecx
	xorl	%ecx, KEPT(A20)

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
	.globl	entry_state, entry_probe
	.balign	16
entry_state:
	.fill	ENTRY_BYTES, 1, 0
entry_probe:
	.long	ENTRY_PROBE
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
