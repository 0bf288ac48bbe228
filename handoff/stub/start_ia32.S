/*
 * start_ia32.S - the entry in flat protected mode: keep the state of the CPU, then own GDT and
 * stack, so that nothing of the firmware's or the loader's is in use; and the stubs of the 32
 * exceptions. Without paging a push cannot fault, so no exception needs a stack of its own.
 */
#include "handoff/device/exception.h"
#include "handoff/stub/entry.h"

#define STACK_BYTES 0x10000

/* An operand relative to where this runs, which EBP has: the same text is linked as a PIE. It lies
 * in SS, as all that is relative to EBP. */
#define AT(symbol) symbol - base(%ebp)

#define MSR_EFER        0xc0000080
#define CPUID_MOST      0x80000000
#define CPUID_FEATURES  0x80000001
#define CPUID_LONG_MODE 0x20000000	/* else there is no EFER, or nothing in it that is promised */
#define CR0_EM_TS       0x0000000c	/* an instruction of x87 or SSE would fault */
#define CR4_OSFXSR      0x00000200	/* else MXCSR cannot be read */
#define X87_BYTES       28		/* what FNSTENV stores, and where the tags are in it */
#define X87_TAGS        8
#define DATA            0x10		/* the selector that is promised */

#define KEPT(field) AT(entry_state + ENTRY_##field)

	/* What is read through a segment register, if its limit can be trusted. */
	.macro	KEEP_WORD segment, selector, word
	cmpw	$DATA, AT(entry_state + \selector)
	jne	1f
	movl	%\segment:AT(entry_probe), %eax
	movl	%eax, AT(entry_state + \word)
1:
	.endm

	.section .text.start, "ax"
	.globl	start
start:
	pushal
	pushfl
	call	base
base:	popl	%ebp
	popl	KEPT(FLAGS)
	popl	KEPT(DI)
	popl	KEPT(SI)
	popl	KEPT(BP)
	popl	KEPT(SP)		/* as it was before PUSHAL */
	popl	KEPT(BX)
	popl	KEPT(DX)
	popl	KEPT(CX)
	popl	KEPT(AX)
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
	movzwl	KEPT(GDTR_BASE - 2), %eax
	movl	%eax, KEPT(GDTR_LIMIT)
	movl	$0, KEPT(GDTR_LIMIT + 4)
	sidt	KEPT(IDTR_BASE - 2)
	movzwl	KEPT(IDTR_BASE - 2), %eax
	movl	%eax, KEPT(IDTR_LIMIT)
	movl	$0, KEPT(IDTR_LIMIT + 4)
	KEEP_WORD ds, ENTRY_DS, ENTRY_DS_WORD
	KEEP_WORD es, ENTRY_ES, ENTRY_ES_WORD
	KEEP_WORD fs, ENTRY_FS, ENTRY_FS_WORD
	KEEP_WORD gs, ENTRY_GS, ENTRY_GS_WORD
	KEEP_WORD ss, ENTRY_SS, ENTRY_SS_WORD
	movl	%cr0, %esi
	movl	%esi, KEPT(CR0)
	movl	%cr3, %eax
	movl	%eax, KEPT(CR3)
	movl	%cr4, %edi
	movl	%edi, KEPT(CR4)
	movl	%dr7, %eax
	movl	%eax, KEPT(DR7)
	testl	$CR0_EM_TS, %esi
	jnz	2f
	fnstcw	KEPT(FCW)
	fnstsw	KEPT(FSW)
	subl	$X87_BYTES, %esp
	fnstenv	(%esp)
	movw	X87_TAGS(%esp), %ax
	movw	%ax, KEPT(FTW)
	testl	$CR4_OSFXSR, %edi
	jz	2f
	stmxcsr	KEPT(MXCSR)
2:	movl	$1, %eax
	cpuid
	movl	%edx, KEPT(FEATURES)
	movl	$CPUID_MOST, %eax
	cpuid
	cmpl	$CPUID_FEATURES, %eax
	jb	3f
	movl	$CPUID_FEATURES, %eax
	cpuid
	testl	$CPUID_LONG_MODE, %edx
	jz	3f
	movl	$MSR_EFER, %ecx
	rdmsr
	movl	%eax, KEPT(EFER)
3:	leal	AT(entry_probe), %eax
	movl	%eax, %edx
	btcl	$20, %edx
	movl	%ss:(%edx), %ecx
	movl	%ecx, KEPT(A20)
	notl	%ecx
	movl	%ecx, %ss:(%eax)
	movl	%ss:(%edx), %ecx
	xorl	%ecx, KEPT(A20)

	leal	AT(stack_end), %esp
	lgdt	AT(gdt_pointer)
	pushl	$SELECTOR_CODE
	leal	AT(4f), %eax
	pushl	%eax
	lretl
4:	movl	$SELECTOR_DATA, %eax
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
	.globl	entry_state, entry_probe
	.balign	16
entry_state:
	.fill	ENTRY_BYTES, 1, 0
entry_probe:
	.long	ENTRY_PROBE
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
