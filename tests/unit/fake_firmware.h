/*
 * fake_firmware.h - a made-up UEFI firmware for tests: a system table, physical memory, volumes, a
 * console. Every call can be made to fail, and each way in which firmware is known to be odd can be
 * switched on.
 *
 * There is one machine, as there is one below a real loader. Its memory is identity-mapped, as
 * firmware's is: the pages that a loader can claim are host memory at those very addresses.
 *
 *     0x00000000 to 0x00010000  in use: a host maps nothing there
 *     0x00010000 to 0x000a0000  free
 *     0x000f0000 to 0x00100000  firmware
 *     0x00100000 to 0x10000000  in use by boot services: RAM, without memory of the host behind it
 *     0x10000000 to 0x14000000  free
 *
 * Pages that are not claimed are poisoned for AddressSanitizer, and claimed ones are full of
 * garbage. Those that were claimed at an address have to be, still, when the firmware is left. What
 * a loader does that it must not do is noted in .violation, the first one, and holds nothing up.
 */
#ifndef TESTS_UNIT_FAKE_FIRMWARE_H
#define TESTS_UNIT_FAKE_FIRMWARE_H

#include <setjmp.h>

#include "efi/cpu.h"
#include "efi/uefi.h"
#include "handoff/launch/launch.h"
#include "x86/uefi_map.h"

#define FAKE_LOW_PADDR     UINT64_C(0x10000)
#define FAKE_LOW_END_PADDR UINT64_C(0x100000)
#define FAKE_RAM_PADDR     UINT64_C(0x10000000)
#define FAKE_RAM_END_PADDR UINT64_C(0x14000000)
#define FAKE_PAGES         0x14000

#define FAKE_HOLE             0xff /* a page that no descriptor is about */
#define FAKE_MOST_FILES       1100
#define FAKE_MOST_NEW_FILES   32 /* at a time */
#define FAKE_MOST_VARIABLES   4
#define FAKE_MOST_HANDLES     8
#define FAKE_MOST_RUN_ON      96 /* pages */
#define FAKE_MOST_TABLES      4
#define FAKE_MOST_GOPS        2
#define FAKE_MOST_PARTITIONS  4
#define FAKE_MOST_DESCRIPTORS 8300
#define FAKE_MOST_CALLS       0x20000
#define FAKE_CONSOLE_BYTES    (256 * 1024)
#define FAKE_MOST_FAULTS      8

enum fake_service {
	FAKE_ALLOCATE_PAGES,
	FAKE_FREE_PAGES, /* this one never fails: it does so only for what was never allocated */
	FAKE_GET_MEMORY_MAP,
	FAKE_EXIT_BOOT_SERVICES,
	FAKE_HANDLE_PROTOCOL,
	FAKE_LOCATE_PROTOCOL,
	FAKE_LOCATE_HANDLES,
	FAKE_FREE_POOL, /* nor does this one fail */
	FAKE_CONNECT,
	FAKE_CLEAR_ATTRIBUTES,
	FAKE_STALL,
	FAKE_OPEN_VOLUME,
	FAKE_OPEN,
	FAKE_CLOSE, /* "always succeeds" (UEFI 2.10 §13.5.3) */
	FAKE_READ,
	FAKE_SET_POSITION,
	FAKE_GET_POSITION,
	FAKE_GET_INFO,
	FAKE_SET_INFO,
	FAKE_WRITE,
	FAKE_FLUSH,
	FAKE_CLOSE_WRITTEN, /* of a file that can be written: what is still to be written may fail
	                     */
	FAKE_DELETE,
	FAKE_GET_TIME,
	FAKE_GET_VARIABLE,
	FAKE_SET_VARIABLE,
	FAKE_OUTPUT_STRING,
	FAKE_SET_ATTRIBUTE,
	FAKE_READ_KEY,
	FAKE_RESET_KEYS,
	FAKE_RESET,
	FAKE_ALLOCATE_POOL,
	FAKE_LOAD_IMAGE,
	FAKE_START_IMAGE,
	FAKE_UNLOAD_IMAGE, /* nor does this one fail */
	FAKE_SERVICES
};

extern const char *const fake_service_names[FAKE_SERVICES];

/*
 * What calls of a service answer when it is their turn: an error, or a success (or a warning) that
 * does nothing: what it should give is 0 and NULL. What never fails has none.
 */
struct fake_fault {
	enum fake_service service;
	unsigned n_before; /* calls that are as they should be */
	unsigned n_calls;  /* and then so many are not; 0: all of them */
	EFI_STATUS status;
};

/* A handle with blocks, and with the volume of the same number. The loader came from the first. */
struct fake_partition {
	const void *device_path; /* NULL: none */
	EFI_BLOCK_IO *blocks;    /* NULL: none that can be read */
	bool has_file_system;
	bool is_asleep;  /* has it from ConnectController() on */
	bool gives_null; /* what it does not have is a success, and NULL */
	bool is_system;  /* an EFI system partition */
};

/* A file in a volume, by its whole path. */
struct fake_file {
	size_t volume;
	const char *path; /* "\\a\\b" */
	const void *bytes;
	uint64_t n_bytes;
	uint64_t n_readable_bytes; /* fewer: the file ends before its length */
	bool is_directory;
	bool is_deleted;
	bool may_go; /* no violation, though it was there */
	EFI_STATUS open_error;
	const void *later_bytes; /* what it has once a byte was read twice; NULL: the same */
	uint64_t first_unread;   /* bytes from here on were not read yet */
	EFI_TIME modified;
	struct fake_room *room; /* a file that was made; NULL: it was there */
	uint64_t flushed_bytes; /* of one that was made: what a power cut leaves at least */
};
#define FAKE_NEW_FILE_BYTES 0x20000

struct fake_handle {
	EFI_FILE_PROTOCOL protocol;
	struct fake_file *file; /* NULL: the root */
	size_t volume;
	uint64_t position; /* in a directory: entries that have been listed */
	bool is_open;
	bool is_writable;
};

struct fake_variable {
	const CHAR16 *name;
	const void *bytes;
	UINTN n_bytes;
};

/* There is room for one, which lasts. */
#define FAKE_KEPT_BYTES 1024
struct fake_kept {
	CHAR16 name[32];
	EFI_GUID guid;
	UINT32 attributes;
	UINTN n_bytes; /* 0: none */
	uint8_t bytes[FAKE_KEPT_BYTES];
};

/* An image that LoadImage() has loaded, of a file of a volume. */
#define FAKE_POOLS      8
#define FAKE_POOL_BYTES 0x4000
struct fake_image {
	EFI_LOADED_IMAGE loaded;
	uint8_t file_path[1024]; /* the part of its path behind the device */
	bool is_loaded;
	uint8_t image[64];
};

enum fake_end { FAKE_RUNNING, FAKE_LAUNCHED, FAKE_WAS_RESET, FAKE_POWER_CUT };

struct fake_firmware {
	struct firmware firmware; /* what the code under test gets */

	/* Memory: a type for each page, and whether the loader has it. */
	uint8_t types[FAKE_PAGES];
	bool is_claimed[FAKE_PAGES];
	bool is_at_address[FAKE_PAGES]; /* and where the page lies was the loader's choice */
	uint64_t n_claimed_pages;
	struct {
		paddr_t paddr;
		uint8_t contents[4096]; /* when it was claimed */
	} run_on[FAKE_MOST_RUN_ON];
	size_t n_run_on;
	struct uefi_descriptor extras[16]; /* descriptors of anything, after those of the pages */
	size_t n_extras;
	bool is_bottom_up;   /* allocate the lowest pages, not the highest */
	bool ignores_limit;  /* gives pages above the limit that it was given */
	paddr_t moves_given; /* says that they are so many bytes higher than they are */
	bool gives_null;     /* protocols that it does not have are a success, and NULL */
	bool gives_null_handles, gives_null_root, gives_null_files; /* as are these */
	bool is_nx; /* pages of whatever type are not executable until it is asked for */
	paddr_t executable_paddr; /* the page that it was asked for */

	/* The map that it gives out. */
	UINTN key;
	UINTN stride;           /* 48 as edk2's */
	bool query_sets_stride; /* also when the buffer is too small */
	bool is_reversed;
	unsigned growth;            /* pages that the firmware takes with each map, all apart */
	unsigned growth_when_stale; /* with each exit that fails */
	uint8_t growth_type;        /* of these pages: EfiBootServicesData, at first */
	UINTN unreported;           /* descriptors that are written and not counted */
	UINTN overrun_bytes;        /* written behind the buffer */

	/* What is started. */
	EFI_STATUS (*loader)(void); /* runs in StartImage(); NULL: it returns at once */
	struct fake_image loaded;
	bool is_loader_running;
	bool gives_no_types;    /* as shim: an image's types of memory are left 0 */
	bool refuses_signature; /* loads it, and says EFI_SECURITY_VIOLATION */
	CHAR16 *exit_data;      /* that comes back with it; a pool */
	struct {
		uint8_t bytes[FAKE_POOL_BYTES];
		bool is_taken;
	} pools[FAKE_POOLS];
	EFI_TPL tpl;

	/* The exit. */
	unsigned stale_exits;     /* how many fail, as the map has changed again */
	void (*when_stale)(void); /* what else happens then; NULL: nothing */
	EFI_STATUS exit_error;
	unsigned n_exits;
	bool is_left;

	/* The volumes. */
	struct fake_partition partitions[FAKE_MOST_PARTITIONS];
	size_t n_partitions; /* 1, at first */
	struct fake_file files[FAKE_MOST_FILES];
	size_t n_files;
	struct fake_handle handles[FAKE_MOST_HANDLES];
	UINTN read_most_bytes; /* at a time; 0: all */
	UINTN overread_bytes;  /* more than were asked for are said to have been read */
	bool is_read_only;
	EFI_STATUS read_only_error; /* EFI_WRITE_PROTECTED, at first */
	bool writes_short;          /* a full volume: fewer bytes are written, without an error */
	uint64_t capacity_bytes;    /* of all that is written */
	EFI_STATUS flush_error;
	bool stays; /* what is deleted stays, which is a warning only */
	bool cannot_rename;
	bool renames_nothing; /* and says that it has */
	enum { FAKE_ENDS, FAKE_BEGINS_AGAIN, FAKE_REPEATS, FAKE_ONE_NAME } listing;
	uint64_t free_bytes, all_bytes; /* of a volume, as it says; 0: it does not */
	size_t n_new_files;
	size_t n_changes;   /* to the volume: files made, written, deleted, renamed */
	size_t cut_change;  /* the n-th is done by half, and the power is gone; 0: none */
	bool is_lazy;       /* what was not flushed is gone with it */
	bool is_pulled_out; /* when .fail_call fails, all calls about files do from then on */
	void (*when_opened)(void); /* what the firmware does besides; NULL: nothing */
	void (*when_closed)(void);

	/* Everything else. */
	struct fake_variable variables[FAKE_MOST_VARIABLES];
	size_t n_variables;
	struct fake_kept kept;                             /* a variable that was set */
	EFI_STATUS set_variable_error, get_variable_error; /* of each call */
	void (*when_set)(void); /* what the firmware does besides; NULL: nothing */
	EFI_TIME time;          /* 2026-01-02 03:04:05, at first */
	struct cpu cpu;
	uint64_t (*read_msr)(void *context, uint32_t number); /* NULL: the CPU has no MTRRs */
	struct cpu_state cpu_state; /* no paging, and a stack where the firmware is, at first */
	const void *page_zero;      /* 4096 bytes, or NULL */
	EFI_INPUT_KEY keys[32];     /* come one a poll, after polls_before_keys */
	bool has_stale_escape;      /* typed before, until the keyboard is reset */
	unsigned n_keys, n_keys_read, n_polls, polls_before_keys;
	EFI_GRAPHICS_OUTPUT_PROTOCOL *gops[FAKE_MOST_GOPS];
	EFI_PCI_ROOT_BRIDGE_IO_PROTOCOL *bridge; /* NULL: no driver has one */
	unsigned n_gops, n_pools;                /* pools that were not given back */
	uint64_t event_log_bytes;                /* up to its last event; 0: there is no TPM */
	UINT32 event_log_format;                 /* the only one that it has: 2, at first */
	EFI_CONFIGURATION_TABLE tables[FAKE_MOST_TABLES];
	char console[FAKE_CONSOLE_BYTES];
	size_t console_bytes;

	/* What happened. */
	uint8_t calls[FAKE_MOST_CALLS]; /* enum fake_service, all of them */
	size_t n_calls;
	size_t fail_call; /* the n-th call of those that can fail does; from 1, 0: none */
	EFI_STATUS fail_status;
	size_t n_failable;
	struct fake_fault faults[FAKE_MOST_FAULTS];
	size_t n_faults;
	bool gives_nothing;         /* the call: as struct fake_fault says */
	uint64_t n_nothing_pages;   /* that were "allocated" at address 0 */
	enum fake_service hangs_at; /* somebody resets the machine then; 0: nowhere */
	unsigned n_before_hang;     /* calls of it that return */
	enum fake_service failed;   /* FAKE_SERVICES: none */
	bool is_about_capture; /* the call, and the one that failed: about the captures' folder */
	bool failed_about_capture;
	const char *violation;
	const struct launch *pad;
	char said[4096];             /* on ports, when the firmware is gone */
	uint64_t now_ticks;          /* of the time stamp counter */
	uint64_t ticks_per_stall_us; /* that go by: 0: it stands still, or Stall() does not wait */
	uint64_t waited_ticks_per_10ms;
	unsigned n_seconds_waited;
	EFI_RESET_TYPE reset_type;
	bool minds_watchdog;    /* armed for files and off for keys; else it is a violation */
	UINTN watchdog_seconds; /* 0: off */
	unsigned n_arms;        /* how often it was armed */
	unsigned stall_limit;   /* so many more, then somebody resets the machine; 0: nobody */
	jmp_buf end;            /* where a reset and a launch go, with an enum fake_end */
};

extern struct fake_firmware fake;

/* The machine as described above, with no files. False if this host cannot have memory at those
 * addresses. */
bool fake_firmware_init(void);

/* The same machine, switched on again: with the files and the variable that are there. */
bool fake_firmware_start_again(void);

/* Make the pages [start, end) of @type; free ones are backed by host memory only. */
void fake_set_pages(paddr_t start_paddr, paddr_t end_paddr, uint8_t type);

/* Whether a loader may touch them; what it does all the same, AddressSanitizer sees. */
void fake_guard(paddr_t start_paddr, paddr_t end_paddr, bool is_allowed);

/*
 * Let the CPU run on the @n_pages free pages from @start_paddr, whose contents are the test's from
 * here on. They are given to whoever asks, as they are, and have to be so still when the kernel is
 * launched.
 */
void fake_run_on(paddr_t start_paddr, uint64_t n_pages);

/* A descriptor of anything. */
void fake_add_descriptor(uint32_t type, paddr_t start_paddr, uint64_t n_pages, uint64_t attribute);

/* The folder for captures, which can be written. It need not be there. */
#define FAKE_CAPTURES "\\bootmem\\captures"

/* Put a file into the first volume; the bytes stay the caller's. The folder \bootmem is there. */
struct fake_file *fake_add_file(const char *path, const void *bytes, uint64_t n_bytes);

/* Into another one, where no folder is. */
struct fake_file *fake_add_file_to(size_t volume, const char *path, const void *bytes,
                                   uint64_t n_bytes);

/* Add a configuration table. */
void fake_add_table(EFI_GUID guid, paddr_t paddr);

struct fake_file *fake_find_file(const char *path);
struct fake_file *fake_find_file_on(size_t volume, const char *path);

size_t fake_open_files(void);

/* Is a checksum right that the boot services table has (UEFI 2.10 §4.2.1)? */
bool fake_has_right_sum(void);

/* How often a service was called. */
size_t fake_count(enum fake_service service);

/* After a launch: has this host memory wherever a move ends? */
bool fake_has_room_for_moves(void);

/* Make the moves that are on the pad, as pad.S does, in memory that is nobody's
 * now. */
void fake_make_moves(void);

#endif
