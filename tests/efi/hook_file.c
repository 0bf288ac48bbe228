/*
 * hook_file.c - volumes whose files are not what they were a moment ago: see hook.h. What the
 * application opens is a file of ours, which asks the driver's.
 */
#include "bootmem/count.h"
#include "bootmem/mem.h"
#include "tests/efi/hook_list.h"
#include "tests/efi/lines.h"

#define MOST_FILES   32
#define MOST_VOLUMES 4
#define MOST_CHARS   32

static EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;

struct file {
	EFI_FILE_PROTOCOL protocol;
	EFI_FILE_PROTOCOL *real; /* NULL: this one is not used */
	UINT64 real_bytes;       /* its length, where is_meant(); else 0 */
};

static struct file files[MOST_FILES];

/* The volumes whose OpenVolume() is ours. */
static struct {
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *file_system;
	EFI_STATUS(EFIAPI *real)(EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *, EFI_FILE_PROTOCOL **);
} volumes[MOST_VOLUMES];

/* What is wrong, and with which files: those whose names end so. */
static struct {
	bool is_on;
	bool has_null_root, has_null_files;
	UINT64 shrinks_bytes, grows_bytes;
	UINTN most_bytes; /* of a Read(); 0: all */
	char end[MOST_CHARS];
} wrong;

static const EFI_FILE_PROTOCOL calls;

static struct file *file_of(EFI_FILE_PROTOCOL *this)
{
	return (struct file *)this;
}

static EFI_STATUS wrap(EFI_FILE_PROTOCOL *real, EFI_FILE_PROTOCOL **ret_file)
{
	for (size_t i = 0; i < MOST_FILES; i++) {
		if (files[i].real != NULL)
			continue;
		files[i] = (struct file){ .protocol = calls, .real = real };
		*ret_file = &files[i].protocol;
		return EFI_SUCCESS;
	}
	real->Close(real);
	return EFI_OUT_OF_RESOURCES;
}

static char lower(CHAR16 c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static bool is_meant(const CHAR16 *path)
{
	size_t length = 0, end_length = 0;

	while (path[length] != 0)
		length++;
	while (wrong.end[end_length] != '\0')
		end_length++;
	if (end_length == 0 || end_length > length)
		return false;
	for (size_t i = 0; i < end_length; i++)
		if (lower(path[length - end_length + i]) != wrong.end[i])
			return false;
	return true;
}

/* Its length as it is; 0 for a directory, which has none. */
static UINT64 length_of(EFI_FILE_PROTOCOL *real)
{
	UINT64 bytes = 0;

	if (EFI_ERROR(real->SetPosition(real, UINT64_MAX)) ||
	    EFI_ERROR(real->GetPosition(real, &bytes)))
		return 0;
	real->SetPosition(real, 0);
	return bytes;
}

static EFI_STATUS EFIAPI open_file(EFI_FILE_PROTOCOL *this, EFI_FILE_PROTOCOL **ret_file,
                                   CHAR16 *path, UINT64 mode, UINT64 attributes)
{
	EFI_FILE_PROTOCOL *parent = file_of(this)->real, *real;
	EFI_STATUS status;

	if (wrong.has_null_files && is_meant(path)) {
		*ret_file = NULL;
		return EFI_SUCCESS;
	}
	status = parent->Open(parent, &real, path, mode, attributes);
	if (!EFI_ERROR(status))
		status = wrap(real, ret_file);
	if (!EFI_ERROR(status) && is_meant(path) && mode == EFI_FILE_MODE_READ)
		file_of(*ret_file)->real_bytes = length_of(real);
	return status;
}

static EFI_STATUS EFIAPI close_file(EFI_FILE_PROTOCOL *this)
{
	EFI_FILE_PROTOCOL *real = file_of(this)->real;

	file_of(this)->real = NULL;
	return real->Close(real);
}

static EFI_STATUS EFIAPI delete_file(EFI_FILE_PROTOCOL *this)
{
	EFI_FILE_PROTOCOL *real = file_of(this)->real;

	file_of(this)->real = NULL;
	return real->Delete(real);
}

/* Of a file that has shrunk, what is left. */
static UINTN cut(const struct file *file, UINTN bytes)
{
	UINT64 position, end;

	if (file->real_bytes == 0)
		return bytes;
	if (wrong.most_bytes > 0 && bytes > wrong.most_bytes)
		bytes = wrong.most_bytes;
	if (wrong.shrinks_bytes == 0 || EFI_ERROR(file->real->GetPosition(file->real, &position)))
		return bytes;
	end = file->real_bytes - min_u64(file->real_bytes, wrong.shrinks_bytes);
	return (UINTN)min_u64(bytes, end - min_u64(end, position));
}

static EFI_STATUS EFIAPI read_file(EFI_FILE_PROTOCOL *this, UINTN *bytes, VOID *to)
{
	const struct file *file = file_of(this);

	*bytes = cut(file, *bytes);
	return file->real->Read(file->real, bytes, to);
}

static EFI_STATUS EFIAPI write_file(EFI_FILE_PROTOCOL *this, UINTN *bytes, VOID *from)
{
	return file_of(this)->real->Write(file_of(this)->real, bytes, from);
}

static EFI_STATUS EFIAPI set_position(EFI_FILE_PROTOCOL *this, UINT64 position)
{
	return file_of(this)->real->SetPosition(file_of(this)->real, position);
}

/* The end of a file that has grown since was where its length is asked for. */
static EFI_STATUS EFIAPI get_position(EFI_FILE_PROTOCOL *this, UINT64 *position)
{
	const struct file *file = file_of(this);
	EFI_STATUS status = file->real->GetPosition(file->real, position);

	if (!EFI_ERROR(status) && file->real_bytes != 0 && *position == file->real_bytes)
		*position -= min_u64(*position, wrong.grows_bytes);
	return status;
}

static EFI_STATUS EFIAPI get_info(EFI_FILE_PROTOCOL *this, EFI_GUID *guid, UINTN *bytes, VOID *to)
{
	return file_of(this)->real->GetInfo(file_of(this)->real, guid, bytes, to);
}

static EFI_STATUS EFIAPI set_info(EFI_FILE_PROTOCOL *this, EFI_GUID *guid, UINTN bytes, VOID *from)
{
	return file_of(this)->real->SetInfo(file_of(this)->real, guid, bytes, from);
}

static EFI_STATUS EFIAPI flush_file(EFI_FILE_PROTOCOL *this)
{
	return file_of(this)->real->Flush(file_of(this)->real);
}

static const EFI_FILE_PROTOCOL calls = {
	.Revision = EFI_FILE_PROTOCOL_REVISION,
	.Open = open_file,
	.Close = close_file,
	.Delete = delete_file,
	.Read = read_file,
	.Write = write_file,
	.GetPosition = get_position,
	.SetPosition = set_position,
	.GetInfo = get_info,
	.SetInfo = set_info,
	.Flush = flush_file,
};

static EFI_STATUS EFIAPI open_volume(EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *this,
                                     EFI_FILE_PROTOCOL **ret_root)
{
	EFI_FILE_PROTOCOL *real;
	EFI_STATUS status = EFI_DEVICE_ERROR;

	if (wrong.has_null_root) {
		*ret_root = NULL;
		return EFI_SUCCESS;
	}
	for (size_t i = 0; i < MOST_VOLUMES; i++)
		if (volumes[i].file_system == this)
			status = volumes[i].real(this, &real);
	return EFI_ERROR(status) ? status : wrap(real, ret_root);
}

/* A driver may have more in front of and behind its protocol: it is changed where it lies. */
EFI_STATUS hook_file_change(const EFI_GUID *guid, EFI_STATUS status, VOID **interface)
{
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *file_system;

	if (!wrong.is_on || EFI_ERROR(status) || !hook_is_guid(guid, &file_system_guid))
		return status;
	file_system = *interface;
	for (size_t i = 0; i < MOST_VOLUMES && file_system->OpenVolume != open_volume; i++) {
		if (volumes[i].file_system != NULL)
			continue;
		volumes[i].file_system = file_system;
		volumes[i].real = file_system->OpenVolume;
		file_system->OpenVolume = open_volume;
	}
	return status;
}

/* The rest of the line: how the names end. */
static bool begin(const char *at)
{
	size_t n = 0;

	while (*at == ' ')
		at++;
	for (; at[n] > ' ' && n < MOST_CHARS - 1; n++)
		wrong.end[n] = lower((CHAR16)at[n]);
	wrong.end[n] = '\0';
	wrong.is_on = true;
	hook_protocols();
	return true;
}

static bool file_shrinks(const char *at)
{
	wrong.shrinks_bytes = lines_number(&at);
	return begin(at);
}

static bool file_grows(const char *at)
{
	wrong.grows_bytes = lines_number(&at);
	return begin(at);
}

static bool file_pieces(const char *at)
{
	wrong.most_bytes = (UINTN)lines_number(&at);
	return begin(at);
}

static bool null_root(const char *at)
{
	wrong.has_null_root = true;
	return begin(at);
}

static bool null_file(const char *at)
{
	wrong.has_null_files = true;
	return begin(at);
}

bool hook_file_install(const char *line)
{
	static const struct hook hooks[] = {
		{ "file-shrinks", file_shrinks }, { "file-grows", file_grows },
		{ "file-pieces", file_pieces },   { "null-root", null_root },
		{ "null-file", null_file },
	};

	return hook_take(hooks, COUNT(hooks), line);
}

void hook_file_reset(void)
{
	for (size_t i = 0; i < MOST_VOLUMES; i++)
		if (volumes[i].file_system != NULL)
			volumes[i].file_system->OpenVolume = volumes[i].real;
	memset(volumes, 0, sizeof volumes);
	memset(files, 0, sizeof files);
	memset(&wrong, 0, sizeof wrong);
}
