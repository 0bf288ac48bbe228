/* refusals.c - what people have in place of a map, and what they can do: see refusals.h. */
#include "mapdiff/read/refusals.h"

#include <string.h>

#include "bootmem/count.h"
#include "mapdiff/read/linux/linux_message.h"

#define KERNEL_LOG                                                                            \
	"sudo dmesg has it, and sudo journalctl -k -b, unless they are too late; the map of " \
	"the boot that runs now is in /sys/firmware/memmap, too (mapdiff show "               \
	"/sys/firmware/memmap)"

/* What programs print that were not allowed to read, or had nothing to. */
static const struct {
	const char *text, *what;
} messages[] = {
	{ "-- No entries --",
	  "journalctl found no entries: those of the kernel are for root, and for members of the "
	  "groups adm and systemd-journal (sudo journalctl -k -b); those of an earlier boot are "
	  "kept where /var/log/journal is" },
	{ "no persistent journal was found",
	  "journalctl has this boot alone: earlier ones are kept where /var/log/journal is "
	  "(Storage=persistent in journald.conf)" },
	{ "No journal files were",
	  "journalctl may read none of the journal: sudo journalctl -k -b, or the group "
	  "systemd-journal" },
	{ "not seeing messages from other users",
	  "journalctl may not show what the kernel wrote: sudo journalctl -k -b, or the group "
	  "systemd-journal" },
	{ "read kernel buffer failed",
	  "dmesg may not read the log of the kernel (kernel.dmesg_restrict): sudo dmesg" },
	{ "klogctl: Operation not permitted",
	  "dmesg may not read the log of the kernel (kernel.dmesg_restrict): sudo dmesg" },
	{ "Permission denied", "a program was not allowed to read what it should print: sudo" },
	{ "Operation not permitted",
	  "a program was not allowed to read what it should print: sudo" },
};

static bool has_log_line(const struct input *input)
{
	struct line line = { 0 };
	struct linux_message message;

	while (line_next(input, &line)) {
		linux_message_find(&line, &message);
		if (message.has_head)
			return true;
	}
	return false;
}

const char *refusals_explain_log(const char *version)
{
	bool is_arm = version != NULL &&
	              (strstr(version, "arm64") != NULL || strstr(version, "aarch64") != NULL);

	if (is_arm)
		return "it is a log of an arm64 kernel, and there is no BIOS-e820 line there: it "
		       "prints the UEFI map if it is booted with efi=debug";
	return version == NULL
	               ? "it is a Linux log without its beginning, where the memory map is: there "
	                 "is no BIOS-e820 line in it, and no efi: mem line. " KERNEL_LOG
	               : "it is a Linux log, but there is no BIOS-e820 line in it, and no efi: mem "
	                 "line: they are lost, or left out. " KERNEL_LOG
	                 "; log_buf_len=4M keeps more";
}

const char *refusals_explain(const struct input *input)
{
	if (input->bytes == 0)
		return "it is empty: where a program should have written a log into it, it may have "
		       "had to be root (sudo dmesg, sudo journalctl -k -b)";
	for (size_t i = 0; i < COUNT(messages); i++)
		if (memmem(input->text, input->bytes, messages[i].text, strlen(messages[i].text)) !=
		    NULL)
			return messages[i].what;
	if (has_log_line(input))
		return refusals_explain_log(NULL);
	return "no memory map found. mapdiff reads captures, Linux logs (sudo journalctl -k -b), "
	       "/proc/iomem, /sys/firmware/memmap, the UEFI Shell's memmap, GRUB's lsefimmap and "
	       "lsmmap, and the other maps that its manual lists";
}
