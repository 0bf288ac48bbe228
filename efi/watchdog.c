/* watchdog.c - see watchdog.h. */
#include "efi/watchdog.h"

#define WATCHDOG_SECONDS 300

void watchdog_arm(const struct firmware *firmware)
{
	firmware->boot_services->SetWatchdogTimer(WATCHDOG_SECONDS, 0, 0, NULL);
}

void watchdog_disarm(const struct firmware *firmware)
{
	firmware->boot_services->SetWatchdogTimer(0, 0, 0, NULL);
}
