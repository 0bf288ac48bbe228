/* last_error.c - see last_error.h. */
#include "efi/last_error.h"

#include "efi/store.h"

/* Windows' editors before 2018 need CR LF. */
static void give_text(const void *context, capture_emit_fn *emit, void *emit_context)
{
	const char *text = context;
	size_t start = 0, i = 0;

	for (; text[i] != '\0'; i++) {
		if (text[i] != '\n')
			continue;
		emit(emit_context, text + start, i - start);
		emit(emit_context, "\r\n", 2);
		start = i + 1;
	}
	emit(emit_context, text + start, i - start);
}

EFI_STATUS last_error_write(const struct boot *boot, const char *text)
{
	const struct stored_file file = { .path = LAST_ERROR_FILE,
		                          .second = STORE_FOLDER "\\last-err.new",
		                          .text = give_text,
		                          .context = text };
	EFI_STATUS status;

	if (boot->root == NULL)
		return EFI_NO_MEDIA;
	status = volume_make_directory(boot->root, STORE_FOLDER);
	return EFI_ERROR(status) ? status : store_again(boot->root, &file);
}
