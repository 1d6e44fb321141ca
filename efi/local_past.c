/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/local_past.h"

#include "efi/clock.h"
#include "efi/guids.h"
#include "efi/system.h"

static const CHAR16 next_name[] = u"SlipwayBootNext"; /* u64: when, in seconds from 2000 on; 0: no clock */
static const CHAR16 end_name[] = u"SlipwayEnded";     /* there or not */

/* 0: the machine has no clock, or one that was never set. */
static uint64_t now_s(void)
{
    EFI_TIME t;

    if (system_table->RuntimeServices->GetTime(&t, NULL) != EFI_SUCCESS)
        return 0;
    return local_boot_seconds(t.Year, t.Month, t.Day, t.Hour, t.Minute, t.Second);
}

static bool get(const CHAR16 *name, uint64_t *ret)
{
    UINTN size = sizeof(*ret);

    return system_table->RuntimeServices->GetVariable((CHAR16 *)name, (EFI_GUID *)&guid_slipway, NULL, &size, ret) ==
               EFI_SUCCESS &&
           size == sizeof(*ret);
}

static EFI_STATUS set(const CHAR16 *name, UINT32 lasting, uint64_t value, size_t size)
{
    return system_table->RuntimeServices->SetVariable((CHAR16 *)name, (EFI_GUID *)&guid_slipway,
                                                      EFI_VARIABLE_BOOTSERVICE_ACCESS | lasting, size, &value);
}

void local_past_read(struct local_boot_past *ret)
{
    uint64_t when = 0, now = now_s();

    *ret = (struct local_boot_past){.next = get(next_name, &when)};
    ret->has_age = when && now;
    ret->age_s = local_boot_age(when, now, clock_ms() / 1000);
    ret->ended = get(end_name, &when);
}

EFI_STATUS local_past_mark_next(void)
{
    return set(next_name, EFI_VARIABLE_NON_VOLATILE, now_s(), sizeof(uint64_t));
}

void local_past_forget_next(void)
{
    set(next_name, EFI_VARIABLE_NON_VOLATILE, 0, 0);
}

EFI_STATUS local_past_mark_end(void)
{
    return set(end_name, 0, 0, sizeof(uint64_t));
}
