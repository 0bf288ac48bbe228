/*
 * spoilt_amd64.S - for each row of PROTOCOL.md §2 that is of the CPU, the code that spoils it and
 * enters the stub kernel: see spoilt.c. No flag is changed on the way, and no other register.
 */
#include "tests/kernels/spoilt.h"

#define GOOD(field) good_state + ENTRY_##field(%rip)
#define CODE        0x18
#define DATA        0x10
#define TSS_TYPE    5 /* of the stub's own, whose selector is 0x18 too */

	.data
	.balign	8
spoilt_gdt:	/* the loader's four, then those of spoilt.h */
	.quad	0
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93000000ffff
	.quad	0x00af9b000000ffff
	.quad	0x00af9b000000ffff
	.quad	0x00cf93000000ffff
	.quad	0x000082000000ffff	/* an LDT, at 0 */
	.quad	0
spoilt_gdt_end:
code:	.quad	0
	.skip	6
table_limit:
	.word	0
table_base:
	.quad	0
	.skip	6
spoilt_gdtr:
	.word	spoilt_gdt_end - spoilt_gdt - 1
	.quad	spoilt_gdt
number:	.long	0

	.text

/* The table register of which the good state has limit and base. */
	.macro	LOAD_GOOD instruction, limit, base
	movq	good_state + \limit(%rip), %rax
	movw	%ax, table_limit(%rip)
	movq	good_state + \base(%rip), %rax
	movq	%rax, table_base(%rip)
	\instruction table_limit(%rip)
	.endm

	.globl	spoilt_enter
spoilt_enter:
	movq	%rdi, code(%rip)
	sgdt	table_limit(%rip)
	movq	table_base(%rip), %rax
	andb	$~2, SELECTOR_TSS + TSS_TYPE(%rax)	/* LTR takes none that is busy */
	movq	GOOD(CR4), %rax
	movq	%rax, %cr4
	movq	GOOD(CR0), %rax
	movq	%rax, %cr0
	movq	GOOD(CR3), %rax
	movq	%rax, %cr3
	movq	GOOD(DR7), %rax
	movq	%rax, %dr7
	fninit
	ldmxcsr	GOOD(MXCSR)
	LOAD_GOOD lgdt, ENTRY_GDTR_LIMIT, ENTRY_GDTR_BASE
	LOAD_GOOD lidt, ENTRY_IDTR_LIMIT, ENTRY_IDTR_BASE
	xorl	%eax, %eax
	lldt	%ax
	movl	$DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	movl	%eax, %ss
	movq	GOOD(SP), %rsp
	pushq	$CODE
	leaq	1f(%rip), %rax
	pushq	%rax
	lretq
1:	movq	GOOD(DI), %rdi
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
	jmp	*code(%rip)

	.globl	spoil_memory
spoil_memory:
	jmp	start

/* A row of the table, and the code that comes next. */
	.macro	SPOIL name
	.section .rodata
800:	.asciz	"\name"
	.section .data.rel.ro.spoils, "aw"
	.quad	800b, 801f
	.text
801:
	.endm

	.section .data.rel.ro.spoils, "aw"
	.globl	spoils
	.balign	8
spoils:
	.text

	SPOIL RAX
	movq	$1, %rax
	jmp	start
	SPOIL RBX
	movq	$1, %rbx
	jmp	start
	SPOIL RCX
	movq	$1, %rcx
	jmp	start
	SPOIL RDX
	movq	$1, %rdx
	jmp	start
	SPOIL RSI
	movq	$1, %rsi
	jmp	start
	SPOIL RBP
	movq	$1, %rbp
	jmp	start
	SPOIL R8
	movq	$1, %r8
	jmp	start
	SPOIL R9
	movq	$1, %r9
	jmp	start
	SPOIL R10
	movq	$1, %r10
	jmp	start
	SPOIL R11
	movq	$1, %r11
	jmp	start
	SPOIL R12
	movq	$1, %r12
	jmp	start
	SPOIL R13
	movq	$1, %r13
	jmp	start
	SPOIL R14
	movq	$1, %r14
	jmp	start
	SPOIL R15
	movq	$1, %r15
	jmp	start
	SPOIL RSP
	leaq	-16(%rsp), %rsp
	jmp	start

	.macro	SPOIL_FLAGS flags
	SPOIL RFLAGS
	pushq	$\flags
	popfq
	jmp	start
	.endm
	SPOIL_FLAGS 0x003	/* CF */
	SPOIL_FLAGS 0x202	/* IF */
	SPOIL_FLAGS 0x402	/* DF */
	SPOIL_FLAGS 0x3002	/* IOPL */
	SPOIL_FLAGS 0x4002	/* NT */
	SPOIL_FLAGS 0x40002	/* AC */
	SPOIL_FLAGS 0x200002	/* ID */

	.macro	SPOIL_CONTROL name, register, bit
	SPOIL \name
	movq	%\register, %rax
	leaq	\bit(%rax), %rax
	movq	%rax, %\register
	movl	$0, %eax
	jmp	start
	.endm
	SPOIL_CONTROL CR0, cr0, 0x10000	/* WP */
	SPOIL_CONTROL CR0, cr0, 0x40000	/* AM */
	SPOIL_CONTROL CR0, cr0, 0x8	/* TS */
	SPOIL_CONTROL CR3, cr3, 0x10	/* PCD */
	SPOIL_CONTROL CR4, cr4, 0x8	/* DE */
	SPOIL_CONTROL CR4, cr4, 0x80	/* PGE */
	SPOIL_CONTROL CR4, cr4, -0x400	/* no OSXMMEXCPT */
	SPOIL_CONTROL DR7, dr7, 0x2

	SPOIL CS
	lgdt	spoilt_gdtr(%rip)
	pushq	$SPOILT_CODE
	leaq	1f(%rip), %rax
	pushq	%rax
	lretq
1:	LOAD_GOOD lgdt, ENTRY_GDTR_LIMIT, ENTRY_GDTR_BASE
	movl	$0, %eax
	jmp	start

	.macro	SPOIL_SEGMENT name, segment
	SPOIL \name
	lgdt	spoilt_gdtr(%rip)
	movl	$SPOILT_DATA, %eax
	movl	%eax, %\segment
	LOAD_GOOD lgdt, ENTRY_GDTR_LIMIT, ENTRY_GDTR_BASE
	movl	$0, %eax
	jmp	start
	.endm
	SPOIL_SEGMENT DS, ds
	SPOIL_SEGMENT ES, es
	SPOIL_SEGMENT FS, fs
	SPOIL_SEGMENT GS, gs
	SPOIL_SEGMENT SS, ss

	.macro	SPOIL_BASE name, msr
	SPOIL \name
	movl	$\msr, %ecx
	movl	$0, %edx
	movl	$0x1000, %eax
	wrmsr
	movl	$0, %ecx
	movl	$0, %eax
	jmp	start
	.endm
	SPOIL_BASE FS, 0xc0000100
	SPOIL_BASE GS, 0xc0000101

	.macro	SPOIL_TABLE name, instruction, limit, base
	SPOIL \name
	movw	$\limit, table_limit(%rip)
	movq	\base, %rax
	movq	%rax, table_base(%rip)
	\instruction table_limit(%rip)
	movl	$0, %eax
	jmp	start
	.endm
	SPOIL_TABLE GDTR, lgdt, 0x27, GOOD(GDTR_BASE)
	SPOIL_TABLE GDTR, lgdt, 0x1f, $spoilt_gdt
	.macro	SPOIL_GDT offset, value
	SPOIL GDT
	movq	GOOD(GDTR_BASE), %rax
	movb	$\value, \offset(%rax)
	movl	$0, %eax
	jmp	start
	.endm
	SPOIL_GDT 0x05, 0x93	/* of the null descriptor */
	SPOIL_GDT 0x08 + 6, 0x8f	/* code: 16 bits */
	SPOIL_GDT 0x10 + 7, 1	/* data: another base */
	SPOIL_GDT 0x18 + 5, 0xfb	/* code of 64 bits: ring 3 */
	SPOIL_TABLE IDTR, lidt, 0, GOOD(IDTR_BASE)
	SPOIL_TABLE IDTR, lidt, 0xffe, GOOD(IDTR_BASE)
	SPOIL_TABLE IDTR, lidt, 0xfff, $spoilt_gdt

	SPOIL LDTR
	lgdt	spoilt_gdtr(%rip)
	movl	$SPOILT_LDT, %eax
	lldt	%ax
	LOAD_GOOD lgdt, ENTRY_GDTR_LIMIT, ENTRY_GDTR_BASE
	movl	$0, %eax
	jmp	start

	SPOIL x87	/* its control word */
	movl	$0x27f, number(%rip)
	fldcw	number(%rip)
	jmp	start
	SPOIL x87	/* its status */
	fdecstp
	jmp	start
	SPOIL x87	/* and its tags alone */
	fldz
	fincstp
	jmp	start

	SPOIL MXCSR
	movl	$0x9f80, number(%rip)
	ldmxcsr	number(%rip)
	jmp	start

	.section .data.rel.ro.spoils, "aw"
	.quad	0, 0

	.section .note.GNU-stack, "", @progbits
