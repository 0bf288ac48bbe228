/*
 * gates_images.S - the programs of the gates (handoff/gates), one for each target; the Makefile has
 * linked them in a directory that the assembler searches.
 */
	.section .rodata
	.globl	gates_amd64_start, gates_amd64_end, gates_ia32_start, gates_ia32_end
	.hidden	gates_amd64_start, gates_amd64_end, gates_ia32_start, gates_ia32_end
	.balign	16
gates_amd64_start:
	.incbin	"gates-amd64/gates-amd64.elf"
gates_amd64_end:
	.balign	16
gates_ia32_start:
	.incbin	"gates-ia32/gates-ia32.elf"
gates_ia32_end:

	.section .note.GNU-stack, "", @progbits
