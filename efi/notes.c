/* notes.c - one function a note, which may have nothing to say: see notes.h. */
#include "efi/notes.h"

#include "bootmem/count.h"
#include "handoff/capture/text.h"

#define IA32_END_PADDR (UINT64_C(1) << 32) /* it has no paging at its entry */

/* Where there is no kernel, nobody misses a screen. */
static bool has_no_screen(const struct boot *boot, char text[NOTE_BYTES])
{
	const struct facts *facts = &boot->facts;
	const struct handoff_framebuffer *fb = &facts->framebuffer;
	bool is_high = boot->plan.booted == &boot->plan.ia32 &&
	               facts->framebuffer_err == FRAMEBUFFER_OK &&
	               fb->paddr + fb->bytes > IA32_END_PADDR;

	if (boot->plan.booted == NULL)
		return false;
	if (is_high)
		text_format(text, NOTE_BYTES,
		            "the kernel will have no screen: it is above 4 GiB, at 0x%llx",
		            (ull)fb->paddr);
	else if (facts->framebuffer_err != FRAMEBUFFER_OK)
		text_format(text, NOTE_BYTES, "the kernel will have no screen: %s",
		            framebuffer_err_text(facts->framebuffer_err));
	return is_high || facts->framebuffer_err != FRAMEBUFFER_OK;
}

static bool has_repaired_screen(const struct boot *boot, char text[NOTE_BYTES])
{
	const struct facts *facts = &boot->facts;
	bool is_repaired = facts->framebuffer.bytes > facts->framebuffer_said_bytes;

	if (is_repaired)
		text_format(text, NOTE_BYTES,
		            "the framebuffer is said to be 0x%llx bytes, and is 0x%llx",
		            (ull)facts->framebuffer_said_bytes, (ull)facts->framebuffer.bytes);
	return is_repaired;
}

/* The stage at which the last one hung, or was switched off. */
static bool has_hung_before(const struct boot *boot, char text[NOTE_BYTES])
{
	bool is_known = boot->remember.last[0] != '\0' && !boot->remember.last_may_end;

	if (is_known)
		text_format(text, NOTE_BYTES, "the last boot got as far as %s",
		            boot->remember.last);
	return is_known;
}

/* Sound, or the tail of another file: only who compares all chains of the volume knows. */
static bool has_long_file(const struct boot *boot, char text[NOTE_BYTES])
{
	unsigned i = 0;

	while (i < boot->n_followed && boot->followed[i].chain.fault != FAT_LONG)
		i++;
	if (i < boot->n_followed)
		text_format(text, NOTE_BYTES, "%s%s: %s, may be another file's: run chkdsk or fsck",
		            boot->followed[i].noun, boot->followed[i].path,
		            fat_fault_text(FAT_LONG));
	return i < boot->n_followed;
}

/* Firmware that has no Secure Boot says that there is no such variable; this one fails. */
static bool has_doubt_about_secure_boot(const struct boot *boot, char text[NOTE_BYTES])
{
	text_format(text, NOTE_BYTES,
	            "whether Secure Boot is on cannot be read: no file is checked for it");
	return trust_is_in_doubt(&boot->trust);
}

bool notes_get(const struct boot *boot, unsigned i, char text[NOTE_BYTES])
{
	static bool (*const notes[])(const struct boot *boot, char text[NOTE_BYTES]) = {
		has_hung_before,
		has_no_screen,
		has_repaired_screen,
		has_long_file,
		has_doubt_about_secure_boot,
	};

	for (size_t note = 0; note < COUNT(notes); note++)
		if (notes[note](boot, text) && i-- == 0)
			return true;
	return false;
}
