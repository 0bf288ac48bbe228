/*
 * machine.h - choices -> a machine on the made-up firmware (tests/unit/fake_firmware.h): its memory
 * and its map, files and captures, blocks of a FAT, tables, screen and keys, its CPU; and what its
 * firmware does wrong: which calls fail and how, which say that they succeeded, and which answers
 * are odd.
 *
 * All addresses that a loader may read at are such that this host has memory there.
 */
#ifndef TESTS_FUZZ_MACHINE_H
#define TESTS_FUZZ_MACHINE_H

#include "tests/fuzz/fuzz.h"
#include "tests/unit/fake_firmware.h"

#define MACHINE_TEXT_BYTES 4096

struct machine {
	char conf[MACHINE_TEXT_BYTES];
	bool is_sound;  /* kernels and initrd are as fake_kernel.h makes them, and are read so */
	bool is_named;  /* each status that comes up has a name */
	bool is_silent; /* some of what is said gets lost */
	paddr_t rsdp_paddr; /* of an RSDP that is there; 0: of none */
};

/* Switch the machine on, with its files. False if this host has no memory at the addresses that it
 * needs. */
bool machine_make(struct fuzz_dice *dice, struct machine *ret_machine);

/* Once more, with the captures that there are, damaged as the dice say, and another firmware. */
void machine_start_again(struct fuzz_dice *dice, struct machine *machine);

/* The initrd that all machines have. */
extern uint8_t machine_initrd[];
#define MACHINE_INITRD_BYTES 10000

#endif
