/* page.S - the page of HTML reports, page.html, for html.c. */
	.section .rodata
	.globl	page_start, page_end
page_start:
	.incbin	"mapdiff/page.html"
page_end:

	.section .note.GNU-stack, "", @progbits
