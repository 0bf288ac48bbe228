/* print_gate.c - a gate -> text: the answer, and each boot with what is wrong. */
#include "mapdiff/report/print_gate.h"

#include "mapdiff/base/text.h"
#include "mapdiff/gate/gate.h"

void print_gate(const struct output *out, const struct gate *gate)
{
	out_colour(out, BOLD, "mapdiff gate: %s: ", text_count(gate->n_boots, "boot"));
	out_colour(out, gate->is_passed ? GREEN : RED, "%s\n", gate->is_passed ? "PASS" : "FAIL");
	out_text(out, "The e820 maps are %s; bins: %s.\n",
	         gate->is_equal ? "all the same" : "not all the same",
	         gate->bins == BINS_UNKNOWN
	                 ? "not known, as no file has the variable MemoryTypeInformation"
	                 : gate_bins_names[gate->bins]);
	MEMORY_EACH(boot, gate, boots) {
		out_colour(out, boot->n_texts > 0 ? RED : PLAIN, "  %s  0x%08" PRIx32 "\n",
		           boot->name, boot->crc32);
		MEMORY_EACH(text, boot, texts)
			out_paragraph(out, PLAIN, 4, "%s.", *text);
	}
}
