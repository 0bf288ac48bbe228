/*
 * font_data.S - the font of all screens: Spleen 8x16 by Frederic Cambus, as the Debian package
 * fonts-spleen has it; the Makefile unpacks it into a directory that the assembler searches.
 */
	.section .rodata
	.globl	font_start, font_end
	.hidden	font_start, font_end
	.balign	16
font_start:
	.incbin	"spleen.psf"
font_end:

	.section .note.GNU-stack, "", @progbits
