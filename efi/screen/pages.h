/*
 * pages.h - the screens of the application, each drawn and said as a whole (view.h). None waits,
 * and none changes what it shows.
 */
#ifndef EFI_SCREEN_PAGES_H
#define EFI_SCREEN_PAGES_H

#include "efi/screen/page.h"

/* What it is at, before there is an answer. */
void page_working(struct boot *boot, const char *text);

/* The answer: what it is, why, what to do; what changed; what is saved, and where; and what the
 * keys do, if any are read. */
enum answer_keys {
	ANSWER_NO_KEYS,
	ANSWER_KEYS,
	ANSWER_KEYS_OF_LOADER, /* which is what Enter starts */
	ANSWER_KEYS_WITHOUT_START
};
void page_answer(struct boot *boot, enum answer_keys keys);

/* Of a file on the stick: "the stick is full". */
const char *page_why_not_saved(EFI_STATUS status);

/* The pages behind it. Each tab has one or more, of as many lines as fit. */
#define DETAILS_TABS 6
unsigned page_details_count(const struct boot *boot, unsigned tab);
void page_details(struct boot *boot, unsigned tab, unsigned page);

/* Words for this boot, chosen from a list or typed. */
#define LABEL_WORDS 8
struct label_choice {
	bool is_on[LABEL_WORDS];
	bool is_typing;
	char typed[COMPARISON_LABEL_BYTES];
};
void page_label(struct boot *boot, const struct label_choice *choice);
/* Both together, as they go into a capture. */
void page_label_text(const struct label_choice *choice, char text[COMPARISON_LABEL_BYTES]);

/* What went wrong, what it cost, and what to do. The keys are those of both pages. */
void page_error(struct boot *boot);
void page_error_keys(const struct boot *boot, struct view *view);

/* The same of a file that was not taken (boot->trust.refusal). The answer needs no kernel: where it
 * is on this page, the keys of the answer are, too. */
void page_refused(struct boot *boot);
bool page_refused_has_answer(const struct boot *boot);

#endif
