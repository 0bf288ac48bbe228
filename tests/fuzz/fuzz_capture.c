/*
 * fuzz_capture.c - any bytes as a capture: each line is read without a look beyond it, what is read
 * is written and read back as it was; and as an earlier capture on a volume of the made-up
 * firmware, it is what the index says of it afterwards. For libFuzzer: `make fuzz'.
 */
#include <string.h>

#include "efi/history.h"
#include "efi/volume.h"
#include "handoff/capture/capture.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/fake_firmware.h"

#define MOST_BYTES  0x8000
#define MOST_RANGES 1024

struct text {
	char bytes[MOST_BYTES];
	size_t n;
};

static void emit(void *context, const char *line, size_t bytes)
{
	struct text *text = context;

	REQUIRE(bytes <= CAPTURE_LINE_BYTES + 1 && bytes > 0 && line[bytes - 1] == '\n');
	if (bytes <= MOST_BYTES - text->n) {
		memcpy(text->bytes + text->n, line, bytes);
		text->n += bytes;
	}
}

/* --- lines --- */

static void require_inside(struct capture_words words, const char *line, size_t bytes)
{
	REQUIRE(words.bytes == 0 ||
	        (words.start >= line && words.start + words.bytes <= line + bytes));
}

/* In memory of its own, at the end of which AddressSanitizer watches. */
static void parse_line(struct capture_words line)
{
	struct capture_parsed parsed;
	char *copy = malloc(line.bytes > 0 ? line.bytes : 1);

	REQUIRE(copy != NULL);
	memcpy(copy, line.start, line.bytes);
	capture_parse_line(copy, line.bytes, &parsed);
	require_inside(parsed.key, copy, line.bytes);
	if (parsed.kind == CAPTURE_OTHER)
		require_inside(parsed.text, copy, line.bytes);
	free(copy);
}

/* All lines but that of the checksum; then one that is right. */
static void mend_checksum(struct capture_words rest, struct text *to)
{
	uint32_t crc = 0;
	char last[32];

	to->n = 0;
	while (rest.bytes > 0) {
		struct capture_words line = capture_take_line(&rest), words = line;

		parse_line(line);
		if (capture_words_are(capture_take_word(&words), "checksum") ||
		    line.bytes > MOST_BYTES - 64 - to->n)
			continue;
		crc = capture_crc_line(crc, line.start, line.bytes);
		memcpy(to->bytes + to->n, line.start, line.bytes);
		to->n += line.bytes;
		to->bytes[to->n++] = '\n';
	}
	snprintf(last, sizeof last, "checksum 0x%08x\n", (unsigned)crc);
	memcpy(to->bytes + to->n, last, strlen(last));
	to->n += strlen(last);
}

/* --- what is read is what is written --- */

static void round_trip(const struct text *text)
{
	static struct e820_range ranges[MOST_RANGES], ranges_back[MOST_RANGES];
	static struct uefi_descriptor uefi[MOST_RANGES], uefi_back[MOST_RANGES];
	static struct text written;
	struct e820_map map = { ranges, 0, MOST_RANGES }, back = { ranges_back, 0, MOST_RANGES };
	struct capture_writer writer;
	size_t n;

	if (!capture_read_e820(text->bytes, text->n, &map)) {
		REQUIRE(map.n_ranges == 0);
		return;
	}
	n = capture_read_uefi(text->bytes, text->n, uefi, MOST_RANGES);
	written.n = 0;
	capture_begin(&writer, emit, &written);
	capture_uefi_map(&writer, &(struct uefi_map){ uefi, n * sizeof uefi[0], sizeof uefi[0] },
	                 1);
	capture_e820(&writer, &map);
	capture_end(&writer);
	if (written.n > MOST_BYTES - CAPTURE_LINE_BYTES)
		return;
	REQUIRE(capture_read_e820(written.bytes, written.n, &back));
	REQUIRE(back.n_ranges == map.n_ranges &&
	        memcmp(ranges, ranges_back, map.n_ranges * sizeof ranges[0]) == 0);
	REQUIRE(capture_read_uefi(written.bytes, written.n, uefi_back, MOST_RANGES) == n);
	for (size_t i = 0; i < n; i++)
		REQUIRE(uefi[i].type == uefi_back[i].type &&
		        uefi[i].n_pages == uefi_back[i].n_pages &&
		        uefi[i].start_paddr == uefi_back[i].start_paddr &&
		        uefi[i].attribute == uefi_back[i].attribute);
}

/* --- and as an earlier boot's --- */

static struct boot boot;

static bool start(void)
{
	memset(&boot, 0, sizeof boot);
	boot.firmware = fake.firmware;
	boot.firmware.error = &boot.error;
	boot.memory.firmware = &boot.firmware;
	return !EFI_ERROR(
		volume_open(&boot.firmware, fake.firmware.loaded_image->DeviceHandle, &boot.root));
}

static void read_history(struct history *history)
{
	REQUIRE(history_list(&boot, history) == EFI_SUCCESS);
	history_tidy(&boot, history);
	history_read(&boot, history);
}

static void require_same(const struct history_entry *read, const struct history_entry *indexed)
{
	REQUIRE(read->is_read && indexed->is_read && read->status == indexed->status);
	if (read->status != EFI_SUCCESS)
		return;
	REQUIRE(read->machine == indexed->machine && read->boot.crc32 == indexed->boot.crc32 &&
	        read->boot.ram_bytes == indexed->boot.ram_bytes);
	REQUIRE(strcmp(read->boot.time, indexed->boot.time) == 0 &&
	        strcmp(read->boot.label, indexed->boot.label) == 0);
}

static void end(void)
{
	memory_give_back(&boot.memory, 0);
	boot.root->Close(boot.root);
	if (fake.violation != NULL)
		fprintf(stderr, "%s\n", fake.violation);
	REQUIRE(fake.violation == NULL && fake.n_claimed_pages == 0 && fake_open_files() == 0);
}

static void remember(const struct text *text)
{
	static struct history_entry read;
	struct history history;

	if (!fake_firmware_init())
		return;
	fake_add_file(FAKE_CAPTURES, NULL, 0)->is_directory = true;
	fake_add_file(FAKE_CAPTURES "\\0001.map", text->bytes, text->n);
	REQUIRE(start());
	read_history(&history);
	REQUIRE(history.last_number == 1);
	read = history.entries[1];
	history_write_index(&boot, &history);
	end();
	REQUIRE(fake_firmware_start_again() && start());
	read_history(&history);
	require_same(&read, &history.entries[1]);
	REQUIRE(!history.is_index_old);
	end();
}

void fuzz_one(const uint8_t *data, size_t bytes)
{
	static struct text text;
	struct capture_words all = { (const char *)data, bytes };

	if (bytes == 0 || bytes > MOST_BYTES / 2)
		return;
	capture_version(all.start, bytes);
	mend_checksum(all, &text);
	round_trip(&text);
	remember(&text);
}
