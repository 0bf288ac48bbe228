/* volume.c - EFI_SIMPLE_FILE_SYSTEM_PROTOCOL and EFI_FILE_PROTOCOL (UEFI 2.10 §13.4, §13.5). */
#include "efi/volume.h"

#include "bootmem/mem.h"
#include "efi/protocol.h"

#define PATH_CHARS  256
#define PIECE_BYTES (UINT64_C(4) << 20)
#define MODE_CREATE (EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE | EFI_FILE_MODE_CREATE)

static EFI_GUID file_system_guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
static EFI_GUID file_info_guid = EFI_FILE_INFO_ID;

EFI_STATUS volume_open(const struct firmware *firmware, EFI_HANDLE device,
                       EFI_FILE_HANDLE *ret_root)
{
	EFI_SIMPLE_FILE_SYSTEM_PROTOCOL *file_system = NULL;
	EFI_STATUS status;

	status = firmware->boot_services->HandleProtocol(device, &file_system_guid,
	                                                 (VOID **)&file_system);
	if (EFI_ERROR(status))
		return status;
	if (file_system == NULL) /* firmware exists that calls this a success */
		return EFI_UNSUPPORTED;
	*ret_root = NULL;
	status = file_system->OpenVolume(file_system, ret_root);
	return !EFI_ERROR(status) && *ret_root == NULL ? EFI_UNSUPPORTED : status;
}

void volume_follow(const struct firmware *firmware, EFI_HANDLE device, const char *path,
                   struct fat_chain *ret_chain)
{
	static EFI_GUID block_io_guid = EFI_BLOCK_IO_PROTOCOL_GUID;
	struct memory memory = { .firmware = firmware };
	EFI_BLOCK_IO *io = protocol_of(firmware, device, &block_io_guid);
	void *room;

	*ret_chain = (struct fat_chain){ .fault = FAT_SOUND };
	if (io == NULL || io->Media == NULL)
		return;
	room = memory_claim_bytes(&memory, FAT_ROOM_BYTES);
	if (room != NULL)
		fat_follow(io, room, path, ret_chain);
	memory_give_back(&memory, 0);
}

size_t volume_circle(const struct firmware *firmware, EFI_HANDLE device, const char *path)
{
	struct fat_chain chain;

	volume_follow(firmware, device, path, &chain);
	return chain.fault == FAT_CIRCLE ? chain.path_bytes : 0;
}

/* The end of the file, by going there: EFI_FILE_INFO has a name of any length in it. In a directory
 * one may go to 0 only, else it is EFI_UNSUPPORTED (UEFI 2.10 §13.5.8). */
static EFI_STATUS file_length(EFI_FILE_HANDLE file, uint64_t *ret_bytes)
{
	EFI_STATUS status = file->SetPosition(file, UINT64_MAX);

	return EFI_ERROR(status) ? status : file->GetPosition(file, ret_bytes);
}

static EFI_STATUS open_path(EFI_FILE_HANDLE root, const char *path, uint64_t mode,
                            uint64_t attributes, EFI_FILE_HANDLE *ret_file)
{
	CHAR16 wide[PATH_CHARS];
	EFI_STATUS status;
	size_t n = 0;

	for (; path[n] != '\0'; n++) {
		if (n == PATH_CHARS - 1)
			return EFI_INVALID_PARAMETER;
		wide[n] = path[n] == '/' ? '\\' : (unsigned char)path[n];
	}
	wide[n] = 0;
	*ret_file = NULL;
	status = root->Open(root, ret_file, wide, mode, attributes);
	return !EFI_ERROR(status) && *ret_file == NULL ? EFI_PROTOCOL_ERROR : status;
}

bool volume_has(EFI_FILE_HANDLE root, const char *path)
{
	EFI_FILE_HANDLE file;
	EFI_STATUS status = open_path(root, path, EFI_FILE_MODE_READ, 0, &file);

	if (!EFI_ERROR(status))
		file->Close(file);
	return status != EFI_NOT_FOUND;
}

EFI_STATUS volume_open_file(EFI_FILE_HANDLE root, const char *path, EFI_FILE_HANDLE *ret_file,
                            uint64_t *ret_file_bytes)
{
	EFI_STATUS status = open_path(root, path, EFI_FILE_MODE_READ, 0, ret_file);

	if (EFI_ERROR(status))
		return status;
	status = file_length(*ret_file, ret_file_bytes);
	if (EFI_ERROR(status))
		(*ret_file)->Close(*ret_file);
	return status;
}

bool volume_is_file(EFI_FILE_HANDLE root, const char *path)
{
	EFI_FILE_HANDLE file;
	uint64_t bytes;

	if (EFI_ERROR(volume_open_file(root, path, &file, &bytes)))
		return false;
	file->Close(file);
	return true;
}

const char *volume_why(EFI_STATUS status)
{
	return status == EFI_UNSUPPORTED ? "is a folder, no file" : "cannot be opened";
}

EFI_STATUS volume_read(EFI_FILE_HANDLE file, uint64_t offset, void *to, uint64_t bytes,
                       volume_progress_fn *progress, void *context)
{
	EFI_STATUS status = file->SetPosition(file, offset);
	uint64_t done_bytes = 0;

	while (!EFI_ERROR(status) && done_bytes < bytes) {
		const UINTN most_bytes = (UINTN)min_u64(bytes - done_bytes, PIECE_BYTES);
		UINTN piece_bytes = most_bytes;

		status = file->Read(file, &piece_bytes, (uint8_t *)to + done_bytes);
		if (!EFI_ERROR(status) && piece_bytes == 0)
			return EFI_END_OF_FILE;
		if (!EFI_ERROR(status) && piece_bytes > most_bytes)
			return EFI_DEVICE_ERROR;
		done_bytes += piece_bytes;
		if (!EFI_ERROR(status) && progress != NULL)
			progress(context, done_bytes, bytes);
	}
	return status;
}

EFI_STATUS volume_open_directory(EFI_FILE_HANDLE root, const char *path, EFI_FILE_HANDLE *ret_dir)
{
	return open_path(root, path, EFI_FILE_MODE_READ, 0, ret_dir);
}

/* EFI_FILE_INFO, and room for the name that goes on behind it, with the 0 at its end. */
union file_info {
	EFI_FILE_INFO info;
	uint8_t room[offsetof(EFI_FILE_INFO, FileName) + sizeof(CHAR16[VOLUME_NAME_BYTES + 1])];
};

static uint64_t time_number(const EFI_TIME *time)
{
	uint64_t date = (time->Year * UINT64_C(100) + time->Month) * 100 + time->Day;

	return ((date * 100 + time->Hour) * 100 + time->Minute) * 100 + time->Second;
}

EFI_STATUS volume_next_entry(EFI_FILE_HANDLE dir, struct volume_entry *ret_entry)
{
	union file_info entry;
	UINTN bytes = sizeof entry.room - sizeof(CHAR16); /* a 0 stays, whatever comes */
	EFI_STATUS status;

	memset(&entry, 0, sizeof entry);
	status = dir->Read(dir, &bytes, &entry);
	ret_entry->name[0] = '\0';
	if (EFI_ERROR(status) || bytes == 0) /* 0: the end (UEFI 2.10 §13.5.5) */
		return status;
	uefi_narrow(entry.info.FileName, ret_entry->name, VOLUME_NAME_BYTES);
	if (ret_entry->name[0] == '\0') /* of a damaged folder; others come behind it */
		ret_entry->name[0] = '?', ret_entry->name[1] = '\0';
	ret_entry->file_bytes = entry.info.FileSize;
	ret_entry->modified = time_number(&entry.info.ModificationTime);
	ret_entry->is_directory = (entry.info.Attribute & EFI_FILE_DIRECTORY) != 0;
	return status;
}

/* UEFI 2.10 §13.5.16; the volume's label goes on behind it. */
EFI_STATUS volume_space(EFI_FILE_HANDLE root, uint64_t *ret_free_bytes, uint64_t *ret_all_bytes)
{
	static EFI_GUID guid = EFI_FILE_SYSTEM_INFO_ID;
	union {
		EFI_FILE_SYSTEM_INFO info;
		uint8_t room[sizeof(EFI_FILE_SYSTEM_INFO) + sizeof(CHAR16[VOLUME_NAME_BYTES])];
	} space;
	UINTN bytes = sizeof space;
	EFI_STATUS status;

	memset(&space, 0, sizeof space);
	status = root->GetInfo(root, &guid, &bytes, &space);
	*ret_free_bytes = space.info.FreeSpace;
	*ret_all_bytes = space.info.VolumeSize;
	return !EFI_ERROR(status) && space.info.VolumeSize == 0 ? EFI_UNSUPPORTED : status;
}

EFI_STATUS volume_make_directory(EFI_FILE_HANDLE root, const char *path)
{
	EFI_FILE_HANDLE dir;
	EFI_STATUS status = open_path(root, path, MODE_CREATE, EFI_FILE_DIRECTORY, &dir);

	return EFI_ERROR(status) ? status : dir->Close(dir);
}

/* Open() with CREATE opens what is there, too. */
EFI_STATUS volume_create(EFI_FILE_HANDLE root, const char *path, EFI_FILE_HANDLE *ret_file)
{
	EFI_FILE_HANDLE file;
	EFI_STATUS status = open_path(root, path, EFI_FILE_MODE_READ, 0, &file);

	if (!EFI_ERROR(status)) {
		file->Close(file);
		return EFI_ACCESS_DENIED;
	}
	if (status != EFI_NOT_FOUND)
		return status;
	return open_path(root, path, MODE_CREATE, 0, ret_file);
}

EFI_STATUS volume_write(EFI_FILE_HANDLE file, const void *from, uint64_t bytes)
{
	UINTN written_bytes = (UINTN)bytes;
	EFI_STATUS status = file->Write(file, &written_bytes, (VOID *)from);

	return status == EFI_SUCCESS && written_bytes != bytes ? EFI_VOLUME_FULL : status;
}

EFI_STATUS volume_finish(EFI_FILE_HANDLE file)
{
	EFI_STATUS flushed = file->Flush(file), closed = file->Close(file);

	if (flushed == EFI_UNSUPPORTED) /* a driver that writes at once, or in Close() */
		return closed;
	return flushed != EFI_SUCCESS ? flushed : closed;
}

/* Delete() closes the file, too, and tells by a warning that it is still there (UEFI 2.10 §13.5.4).
 */
EFI_STATUS volume_delete(EFI_FILE_HANDLE root, const char *path)
{
	EFI_FILE_HANDLE file;
	EFI_STATUS status =
		open_path(root, path, EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE, 0, &file);

	return EFI_ERROR(status) ? status : file->Delete(file);
}

/* UEFI 2.10 §13.5.16: another name in EFI_FILE_INFO renames. Times of 0 are left as they are; one
 * that the clock did not know, set again, is EFI_INVALID_PARAMETER (edk2, FatSetFileInfo()). */
static EFI_STATUS set_name(EFI_FILE_HANDLE file, const char *name)
{
	union file_info entry;
	CHAR16 *to = (CHAR16 *)(entry.room + offsetof(EFI_FILE_INFO, FileName));
	UINTN bytes = sizeof entry.room;
	EFI_STATUS status;
	size_t n = 0;

	memset(&entry, 0, sizeof entry);
	status = file->GetInfo(file, &file_info_guid, &bytes, &entry);
	if (EFI_ERROR(status))
		return status;
	if (entry.info.Size < offsetof(EFI_FILE_INFO, FileName)) /* a success that tells nothing */
		return EFI_PROTOCOL_ERROR;
	memset(&entry.info.CreateTime, 0, sizeof entry.info.CreateTime);
	memset(&entry.info.LastAccessTime, 0, sizeof entry.info.LastAccessTime);
	memset(&entry.info.ModificationTime, 0, sizeof entry.info.ModificationTime);
	for (; n < VOLUME_NAME_BYTES - 1 && name[n] != '\0'; n++)
		to[n] = (unsigned char)name[n];
	to[n] = 0;
	entry.info.Size = offsetof(EFI_FILE_INFO, FileName) + (n + 1) * sizeof(CHAR16);
	return file->SetInfo(file, &file_info_guid, (UINTN)entry.info.Size, &entry);
}

EFI_STATUS volume_rename(EFI_FILE_HANDLE root, const char *path, const char *name)
{
	EFI_FILE_HANDLE file;
	EFI_STATUS status =
		open_path(root, path, EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE, 0, &file);
	EFI_STATUS finished;

	if (EFI_ERROR(status))
		return status;
	status = set_name(file, name);
	finished = volume_finish(file);
	return status != EFI_SUCCESS ? status : finished;
}
