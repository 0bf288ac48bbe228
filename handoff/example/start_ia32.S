/* start_ia32.S - EAX is the magic number, EBX the block, ESP a stack of 16 KiB. */
#include "handoff/handoff.h"

	.text
	.globl	start
start:
	cmpl	$HANDOFF_ENTRY_MAGIC, %eax
	jne	1f
	subl	$12, %esp		/* ESP is a multiple of 16 where the call is made */
	pushl	%ebx
	call	example
1:	hlt
	jmp	1b

	.section .note.GNU-stack, "", @progbits
