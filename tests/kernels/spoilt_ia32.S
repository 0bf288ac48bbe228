/*
 * spoilt_ia32.S - for each row of PROTOCOL.md §2 that is of the CPU, the code that spoils it and
 * enters the stub kernel: see spoilt.c. No flag is changed on the way, and no other register.
 */
#include "tests/kernels/spoilt.h"

#define GOOD(field) good_state + ENTRY_##field
#define CODE        0x08
#define DATA        0x10
#define MSR_EFER    0xc0000080
#define EFER_LME    0x100

	.data
	.balign	8
spoilt_gdt:	/* the loader's four, then those of spoilt.h */
	.quad	0
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93000000ffff
	.quad	0x00af9b000000ffff
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93000000ffff
	.quad	0x000082000000ffff	/* an LDT, at 0 */
	.quad	0
spoilt_gdt_end:
based_gdt:	/* the loader's, at another base */
	.quad	0
	.quad	0x00cf9b000000ffff
	.quad	0x00cf93001000ffff
based_gdt_end:
code:	.long	0
	.skip	6
table_limit:
	.word	0
table_base:
	.long	0
	.skip	6
spoilt_gdtr:
	.word	spoilt_gdt_end - spoilt_gdt - 1
	.long	spoilt_gdt
	.skip	2
based_gdtr:
	.word	based_gdt_end - based_gdt - 1
	.long	based_gdt
number:	.long	0

	.text

/* The table register of which the good state has limit and base. */
	.macro	LOAD_GOOD instruction, limit, base, segment
	movl	\segment good_state + \limit, %eax
	movw	%ax, \segment table_limit
	movl	\segment good_state + \base, %eax
	movl	%eax, \segment table_base
	\instruction \segment table_limit
	.endm

	.globl	spoilt_enter
spoilt_enter:
	movl	4(%esp), %eax
	movl	%eax, code
	movl	GOOD(CR4), %eax
	movl	%eax, %cr4
	movl	GOOD(CR0), %eax
	movl	%eax, %cr0
	movl	GOOD(DR7), %eax
	movl	%eax, %dr7
	movl	$MSR_EFER, %ecx
	rdmsr
	andl	$~EFER_LME, %eax
	wrmsr
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
	movl	GOOD(SP), %esp
	ljmp	$CODE, $1f
1:	movl	GOOD(AX), %eax
	movl	GOOD(BX), %ebx
	xorl	%ecx, %ecx
	xorl	%edx, %edx
	xorl	%esi, %esi
	xorl	%edi, %edi
	xorl	%ebp, %ebp
	pushl	$2
	popfl
	jmp	*code

	.globl	spoil_memory
spoil_memory:
	jmp	start

/* A row of the table, and the code that comes next. */
	.macro	SPOIL name
	.section .rodata
800:	.asciz	"\name"
	.section .data.rel.ro.spoils, "aw"
	.long	800b, 801f
	.text
801:
	.endm

	.section .data.rel.ro.spoils, "aw"
	.globl	spoils
	.balign	8
spoils:
	.text

	SPOIL EAX
	movl	$1, %eax
	jmp	start
	SPOIL ECX
	movl	$1, %ecx
	jmp	start
	SPOIL EDX
	movl	$1, %edx
	jmp	start
	SPOIL ESI
	movl	$1, %esi
	jmp	start
	SPOIL EDI
	movl	$1, %edi
	jmp	start
	SPOIL EBP
	movl	$1, %ebp
	jmp	start
	SPOIL ESP
	leal	-16(%esp), %esp
	jmp	start

	.macro	SPOIL_FLAGS flags
	SPOIL EFLAGS
	pushl	$\flags
	popfl
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
	movl	%\register, %eax
	leal	\bit(%eax), %eax
	movl	%eax, %\register
	movl	GOOD(AX), %eax
	jmp	start
	.endm
	SPOIL_CONTROL CR0, cr0, 0x10000	/* WP */
	SPOIL_CONTROL CR0, cr0, 0x40000	/* AM */
	SPOIL_CONTROL CR0, cr0, 0x8	/* TS */
	SPOIL_CONTROL CR4, cr4, 0x8	/* DE */
	SPOIL_CONTROL CR4, cr4, 0x20	/* PAE */
	SPOIL_CONTROL CR4, cr4, -0x200	/* no OSFXSR */
	SPOIL_CONTROL DR7, dr7, 0x2

	SPOIL EFER
	movl	$MSR_EFER, %ecx
	rdmsr
	leal	EFER_LME(%eax), %eax
	wrmsr
	movl	$0, %ecx
	movl	$0, %edx
	movl	GOOD(AX), %eax
	jmp	start

	SPOIL CS
	lgdt	spoilt_gdtr
	ljmp	$SPOILT_CODE, $1f
1:	LOAD_GOOD lgdt, ENTRY_GDTR_LIMIT, ENTRY_GDTR_BASE
	movl	GOOD(AX), %eax
	jmp	start

	.macro	SPOIL_SEGMENT name, segment
	SPOIL \name
	lgdt	spoilt_gdtr
	movl	$SPOILT_DATA, %eax
	movl	%eax, %\segment
	LOAD_GOOD lgdt, ENTRY_GDTR_LIMIT, ENTRY_GDTR_BASE
	movl	GOOD(AX), %eax
	jmp	start
	.endm
	SPOIL_SEGMENT DS, ds
	SPOIL_SEGMENT ES, es
	SPOIL_SEGMENT FS, fs
	SPOIL_SEGMENT GS, gs
	SPOIL_SEGMENT SS, ss

	.macro	SPOIL_BASE name, segment
	SPOIL \name
	lgdt	based_gdtr
	movl	$DATA, %eax
	movl	%eax, %\segment
	LOAD_GOOD lgdt, ENTRY_GDTR_LIMIT, ENTRY_GDTR_BASE, %ss:
	movl	%ss:GOOD(AX), %eax
	jmp	start
	.endm
	SPOIL_BASE DS, ds
	SPOIL_BASE ES, es
	SPOIL_BASE FS, fs
	SPOIL_BASE GS, gs

	.macro	SPOIL_TABLE name, instruction, limit, base
	SPOIL \name
	movw	$\limit, table_limit
	movl	\base, %eax
	movl	%eax, table_base
	\instruction table_limit
	movl	GOOD(AX), %eax
	jmp	start
	.endm
	SPOIL_TABLE GDTR, lgdt, 0x27, GOOD(GDTR_BASE)
	SPOIL_TABLE GDTR, lgdt, 0x1f, $spoilt_gdt
	.macro	SPOIL_GDT offset, value
	SPOIL GDT
	movl	GOOD(GDTR_BASE), %eax
	movb	$\value, \offset(%eax)
	movl	GOOD(AX), %eax
	jmp	start
	.endm
	SPOIL_GDT 0x05, 0x93	/* of the null descriptor */
	SPOIL_GDT 0x08 + 6, 0x8f	/* code: 16 bits */
	SPOIL_GDT 0x10 + 7, 1	/* data: another base */
	SPOIL_GDT 0x18 + 5, 0xfb	/* code of 64 bits: ring 3 */
	SPOIL_TABLE IDTR, lidt, 0, GOOD(IDTR_BASE)
	SPOIL_TABLE IDTR, lidt, 0x7fe, GOOD(IDTR_BASE)
	SPOIL_TABLE IDTR, lidt, 0x7ff, $spoilt_gdt

	SPOIL LDTR
	lgdt	spoilt_gdtr
	movl	$SPOILT_LDT, %eax
	lldt	%ax
	LOAD_GOOD lgdt, ENTRY_GDTR_LIMIT, ENTRY_GDTR_BASE
	movl	GOOD(AX), %eax
	jmp	start

	SPOIL x87	/* its control word */
	movl	$0x27f, number
	fldcw	number
	jmp	start
	SPOIL x87	/* its status */
	fdecstp
	jmp	start
	SPOIL x87	/* and its tags alone */
	fldz
	fincstp
	jmp	start

	SPOIL MXCSR
	movl	$0x9f80, number
	ldmxcsr	number
	jmp	start

	.section .data.rel.ro.spoils, "aw"
	.long	0, 0

	.section .note.GNU-stack, "", @progbits
