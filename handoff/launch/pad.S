/*
 * pad.S - the code on the launch pad: leave the firmware's CPU mode, make the moves, enter the
 * kernel. See launch.h for the way that the four pairs take. Position-independent: %ebx holds the
 * pad throughout, %ebp the EFER.LME that the firmware leaves, and the pad lies below 4 GiB. From
 * leave_paging on nothing of the firmware's is in use any more: not its stack, GDT, IDT or page
 * tables. The moves may end there.
 *
 * Manual references are to the Intel SDM, volume 3A.
 */
#include "handoff/handoff.h"
#include "handoff/launch/launch.h"

#define CR0_PE  0x00000001
#define CR0_MP  0x00000002
#define CR0_ET  0x00000010
#define CR0_NE  0x00000020
#define CR0_PG  0x80000000
#define CR4_OSFXSR 0x00000200
#define CR4_PCIDE_CET 0x00820000
#define DR7_NONE 0x00000400 /* no breakpoint; bit 10 is always 1 */
#define EFER     0xc0000080
#define EFER_LME 0x100

/* The address of a label on the pad, relative to %ebx. */
#define ON_PAD(label) (label - launch_code_start + LAUNCH_CODE_OFFSET)(%ebx)

	.section .rodata.launch, "a"
	.balign	16
	.globl	launch_code_start, launch_code_end, launch_x64_offset, launch_ia32_offset
	.globl	launch_moves_amd64_offset, launch_moves_ia32_offset
launch_code_start:

/* From x64 firmware: %rdi is the pad. Down through compatibility mode (§9.8.5.4). */
	.code64
from_x64:
	cli
	movl	%edi, %ebx
	movl	$EFER_LME, %ebp
	/* Paging cannot be left with PCIDE set, nor WP be cleared with CET set (§2.5). */
	movq	%cr4, %rax
	andq	$~CR4_PCIDE_CET, %rax
	movq	%rax, %cr4
	leaq	LAUNCH_CODE_OFFSET(%rbx), %rsp
	lgdt	LAUNCH_PAD_GDTR(%rbx)
	leaq	leave_paging(%rip), %rax
	pushq	$LAUNCH_CODE32
	pushq	%rax
	lretq

/* From ia32 firmware: the pad is the argument, on the stack. */
	.code32
from_ia32:
	cli
	movl	4(%esp), %ebx
	xorl	%ebp, %ebp
	leal	LAUNCH_CODE_OFFSET(%ebx), %esp
	lgdt	LAUNCH_PAD_GDTR(%ebx)
	leal	ON_PAD(leave_paging), %eax
	pushl	$LAUNCH_CODE32
	pushl	%eax
	lretl

/* Both: protected or compatibility mode, identity-mapped or not paged at all. */
leave_paging:
	movl	$LAUNCH_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%eax, %ss
	movl	$(CR0_PE | CR0_MP | CR0_ET | CR0_NE), %eax
	movl	%eax, %cr0
	movl	LAUNCH_CR4(%ebx), %eax
	movl	%eax, %cr4
	lidt	ON_PAD(no_idt) /* a move may end where the firmware has its IDT */
	cld
	xorl	%eax, %eax
	lldt	%ax
	movl	$DR7_NONE, %eax
	movl	%eax, %dr7
	fninit
	testl	$CR4_OSFXSR, LAUNCH_CR4(%ebx)
	jz	0f
	ldmxcsr	ON_PAD(mxcsr)
0:	cmpl	$0, LAUNCH_PAGE_TABLE(%ebx)
	jne	to_amd64

/* An IA-32 kernel. Only x64 firmware leaves EFER.LME set; a CPU without it has no EFER. */
	testl	%ebp, %ebp
	jz	1f
	movl	$EFER, %ecx
	rdmsr
	andl	$~EFER_LME, %eax
	wrmsr
1:	call	moves_ia32
	lgdt	LAUNCH_GDTR(%ebx)
	lidt	LAUNCH_IDTR(%ebx)
	movl	LAUNCH_STACK(%ebx), %esp
	pushl	LAUNCH_ENTRY(%ebx)
	movl	LAUNCH_BLOCK(%ebx), %ebx
	movl	$HANDOFF_ENTRY_MAGIC, %eax
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%esi, %esi
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	pushl	$2
	popfl
	ret

/* Each move by words, and by bytes what is left of them; what is cleared after it, the same. Any
 * alignment will do. Of what other registers hold, %ebx alone stays. */
moves_ia32:
	movl	LAUNCH_N_MOVES(%ebx), %ebp
	leal	LAUNCH_MOVE(%ebx), %edx
2:	subl	$1, %ebp
	jc	3f
	movl	0x00(%edx), %esi
	movl	0x08(%edx), %edi
	movl	0x10(%edx), %ecx
	shrl	$2, %ecx
	rep movsl
	movl	0x10(%edx), %ecx
	andl	$3, %ecx
	rep movsb
	xorl	%eax, %eax
	movl	0x18(%edx), %ecx
	shrl	$2, %ecx
	rep stosl
	movl	0x18(%edx), %ecx
	andl	$3, %ecx
	rep stosb
	addl	$LAUNCH_MOVE_BYTES, %edx
	jmp	2b
3:	ret

/* An AMD64 kernel: long mode on our own tables (§9.8.5), which must lie in their place already, as
 * the moves above 4 GiB need them. */
to_amd64:
	movl	LAUNCH_PAGE_TABLE(%ebx), %eax
	movl	%eax, %cr3
	movl	$EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	wrmsr
	movl	$(CR0_PE | CR0_MP | CR0_ET | CR0_NE | CR0_PG), %eax
	movl	%eax, %cr0
	leal	ON_PAD(in_long_mode), %eax
	pushl	$LAUNCH_CODE64
	pushl	%eax
	lretl

	.code64
in_long_mode:
	movl	%esp, %esp /* all of it: what is above 32 bits is not known */
	call	moves_amd64
	lgdt	LAUNCH_GDTR(%rbx)
	lidt	LAUNCH_IDTR(%rbx)
	movq	LAUNCH_STACK(%rbx), %rsp
	pushq	LAUNCH_ENTRY(%rbx)
	movq	LAUNCH_BLOCK(%rbx), %rdi
	xorl	%eax, %eax
	xorl	%ebx, %ebx
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%esi, %esi
	xorl	%ebp, %ebp
	xorl	%r8d, %r8d
	xorl	%r9d, %r9d
	xorl	%r10d, %r10d
	xorl	%r11d, %r11d
	xorl	%r12d, %r12d
	xorl	%r13d, %r13d
	xorl	%r14d, %r14d
	xorl	%r15d, %r15d
	pushq	$2
	popfq
	ret

/* As moves_ia32. */
moves_amd64:
	movl	LAUNCH_N_MOVES(%rbx), %ebp
	leaq	LAUNCH_MOVE(%rbx), %rdx
4:	subl	$1, %ebp
	jc	5f
	movq	0x00(%rdx), %rsi
	movq	0x08(%rdx), %rdi
	movq	0x10(%rdx), %rcx
	shrq	$3, %rcx
	rep movsq
	movl	0x10(%rdx), %ecx
	andl	$7, %ecx
	rep movsb
	xorl	%eax, %eax
	movq	0x18(%rdx), %rcx
	shrq	$3, %rcx
	rep stosq
	movl	0x18(%rdx), %ecx
	andl	$7, %ecx
	rep stosb
	addq	$LAUNCH_MOVE_BYTES, %rdx
	jmp	4b
5:	ret

/* A limit of 0, while moves are made: a fault resets the machine, and does not run on. */
	.balign	8
no_idt:
	.fill	16, 1, 0
mxcsr:	.long	0x1f80 /* all exceptions masked, as after a reset (volume 1, §10.2.3) */
launch_code_end:

	.balign	4
launch_x64_offset:
	.long	from_x64 - launch_code_start
launch_ia32_offset:
	.long	from_ia32 - launch_code_start
launch_moves_amd64_offset:
	.long	moves_amd64 - launch_code_start
launch_moves_ia32_offset:
	.long	moves_ia32 - launch_code_start

	.section .note.GNU-stack, "", @progbits
