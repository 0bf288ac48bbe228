/* start_amd64.S - RDI is the block, RSP a stack of 16 KiB: all that C needs. */
	.text
	.globl	start
start:
	call	example
1:	hlt
	jmp	1b

	.section .note.GNU-stack, "", @progbits
