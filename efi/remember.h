/*
 * remember.h - the stage that a boot has reached, in a variable of the firmware's, so that the next
 * boot can say how far the last one got: `remember = yes'.
 *
 * A boot that hangs is ended by the watchdog or by a hand on the switch, and says nothing then. The
 * variable (UEFI 2.10 §8.2.3) is non-volatile, and read by boot services only. It is written once
 * for each stage, eight times a boot, as the flash behind it wears out. After the exit nothing is
 * written: firmware exists whose SetVariable() does not work there. So the exit is the last stage,
 * and a boot that reached it has ended as it should; so has one that showed its answer, where the
 * machine may be switched off, and one that went back to the firmware, which deletes the variable.
 */
#ifndef EFI_REMEMBER_H
#define EFI_REMEMBER_H

#include "efi/uefi.h"

#define REMEMBER_STAGE_BYTES 48

/* What has no stage of its own goes on with the one before it. */
struct remember_stage {
	const char *name; /* for people: "reading the clock"; up to 47 characters, "": none */
	bool may_end;     /* a boot that gets no further has not failed */
};

struct remember {
	bool is_on;
	char now[REMEMBER_STAGE_BYTES];
	char last[REMEMBER_STAGE_BYTES]; /* what the last boot reached; "": it is not known */
	bool last_may_end;
};

/* Begin: *ret_remember knows of the last boot, and what is reached from here on is kept. */
void remember_begin(const struct firmware *firmware, struct remember *ret_remember);

/*
 * This stage begins. Nothing happens if it is that of before, or if nothing is kept. Firmware that
 * refuses costs a note, and is not asked again.
 */
void remember_reach(const struct firmware *firmware, struct remember *remember,
                    const struct remember_stage *stage);

/* This boot ends in order: the next one has nothing to say about it. */
void remember_end(const struct firmware *firmware, struct remember *remember);

#endif
