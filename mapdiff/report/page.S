/*
 * page.S - the page of HTML reports, for html.c: the parts in page/ one behind the other. They are
 * one HTML file, and the script's parts one script.
 */
	.section .rodata
	.globl	page_start, page_end
page_start:
	.incbin	"mapdiff/report/page/head.html"
	.incbin	"mapdiff/report/page/page.css"
	.incbin	"mapdiff/report/page/steps.css"
	.incbin	"mapdiff/report/page/body.html"
	.incbin	"mapdiff/report/page/memory.js"
	.incbin	"mapdiff/report/page/elements.js"
	.incbin	"mapdiff/report/page/scale.js"
	.incbin	"mapdiff/report/page/drawing.js"
	.incbin	"mapdiff/report/page/picture.js"
	.incbin	"mapdiff/report/page/details.js"
	.incbin	"mapdiff/report/page/parts.js"
	.incbin	"mapdiff/report/page/ram.js"
	.incbin	"mapdiff/report/page/changes.js"
	.incbin	"mapdiff/report/page/diff.js"
	.incbin	"mapdiff/report/page/boot.js"
	.incbin	"mapdiff/report/page/series.js"
	.incbin	"mapdiff/report/page/steps.js"
	.incbin	"mapdiff/report/page/main.js"
	.incbin	"mapdiff/report/page/end.html"
page_end:

	.section .note.GNU-stack, "", @progbits
