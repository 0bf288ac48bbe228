/*
 * page.S - the page of HTML reports, for html.c: the parts in page/ one behind the other. They are
 * one HTML file, and the script's parts one script.
 */
	.section .rodata
	.globl	page_start, page_end
page_start:
	.incbin	"mapdiff/page/head.html"
	.incbin	"mapdiff/page/page.css"
	.incbin	"mapdiff/page/body.html"
	.incbin	"mapdiff/page/memory.js"
	.incbin	"mapdiff/page/elements.js"
	.incbin	"mapdiff/page/scale.js"
	.incbin	"mapdiff/page/drawing.js"
	.incbin	"mapdiff/page/picture.js"
	.incbin	"mapdiff/page/details.js"
	.incbin	"mapdiff/page/parts.js"
	.incbin	"mapdiff/page/diff.js"
	.incbin	"mapdiff/page/boot.js"
	.incbin	"mapdiff/page/series.js"
	.incbin	"mapdiff/page/main.js"
	.incbin	"mapdiff/page/end.html"
page_end:

	.section .note.GNU-stack, "", @progbits
