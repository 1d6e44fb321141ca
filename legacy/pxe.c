/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "legacy/pxe.h"

#include "core/pxenv_status.h"
#include "legacy/a20.h"

/* Where start.S keeps what the ROM handed over. */
extern struct real_pointer rom_pxenv, rom_pxe;

#define FILE_API_ASKS 0x91d447b2
#define FILE_API_ANSWERS 0xe9c17b20
#define VERSION_2 0x0200
#define VERSION_WITH_PXE 0x0201 /* PXENV+ of this version and later knows where !PXE is */

struct pxe_structure {
    uint8_t signature[4], length, checksum, revision, reserved;
    uint32_t undi_rom_id, base_rom_id;
    struct real_pointer entry;
} __attribute__((packed));

struct pxenv_structure {
    uint8_t signature[6];
    uint16_t version;
    uint8_t length, checksum;
    struct real_pointer entry;
    uint8_t unused[26];
    struct real_pointer pxe;
} __attribute__((packed));

_Static_assert(offsetof(struct pxe_structure, entry) == 0x10, "PXE 2.1 table 3-2");
_Static_assert(offsetof(struct pxenv_structure, pxe) == 0x28, "PXE 2.1 table 3-1");

static struct real_pointer entry;
static bool old_style, is_1x;

static bool sums_up(const uint8_t *p, size_t size, const char *signature, size_t signature_size)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + p[i]);
    return sum == 0 && bytes_equal(p, signature, signature_size);
}

static bool is_set(struct real_pointer p)
{
    return p.segment || p.offset;
}

static bool use_pxe(struct real_pointer at)
{
    const struct pxe_structure *p = real_address(at);

    if (!is_set(at) || p->length < sizeof(*p) || !sums_up(p->signature, p->length, "!PXE", 4) || !is_set(p->entry))
        return false;
    entry = p->entry;
    return true;
}

bool pxe_find(void)
{
    const struct pxenv_structure *p = real_address(rom_pxenv);
    bool has_old = is_set(rom_pxenv) && p->length >= 0x0e && sums_up(p->signature, p->length, "PXENV+", 6);

    if (use_pxe(rom_pxe) || (has_old && p->version >= VERSION_WITH_PXE && p->length >= sizeof(*p) && use_pxe(p->pxe)))
        return true;
    if (!has_old)
        return false;
    old_style = true;
    is_1x = p->version < VERSION_2;
    entry = p->entry;
    return is_set(entry);
}

const char *pxe_api_name(void)
{
    return old_style ? "PXENV+" : "!PXE";
}

bool pxe_is_1x(void)
{
    return is_1x;
}

uint16_t pxe_call(enum pxe_function function, void *parameters)
{
    struct real_pointer p = real_pointer(parameters);
    struct real_registers r = {.ebx = function, .edi = p.offset, .es = p.segment};
    uint16_t status;

    if (!old_style) {
        r.stack[0] = (uint16_t)function;
        r.stack[1] = p.offset;
        r.stack[2] = p.segment;
        r.pushed = 3;
    }
    real_far_call(entry, &r);
    memcpy(&status, parameters, sizeof(status));
    if (!a20_enable())
        return PXENV_STATUS_FAILURE;
    if ((r.eax & 0xffff) == 0)
        return 0;
    return status ? status : PXENV_STATUS_FAILURE;
}

bool pxe_is_ipxe(void)
{
    struct {
        uint16_t status, size;
        uint32_t magic, provider, functions, flags;
    } __attribute__((packed)) p = {.size = sizeof(p), .magic = FILE_API_ASKS};

    return pxe_call(PXE_FILE_API_CHECK, &p) == 0 && p.magic == FILE_API_ANSWERS;
}

/* Behind `limit`, room for a ROM that writes more than the short structure. */
struct cached_info {
    uint16_t status, kind, size;
    struct real_pointer buffer;
    uint16_t limit, spare[4];
} __attribute__((packed));

size_t pxe_cached(enum pxe_cached_packet kind, uint8_t *ret, size_t max)
{
    /* Size and buffer zero: the ROM says where its own copy is. */
    struct cached_info p = {.kind = kind};

    if (pxe_call(PXE_GET_CACHED_INFO, &p) == 0 && is_set(p.buffer) && p.size > 0) {
        size_t size = p.size < max ? p.size : max;

        memcpy(ret, real_address(p.buffer), size);
        return size;
    }
    /* ROMs older than PXE 2.1 only fill what they are given. */
    p = (struct cached_info){.kind = kind, .size = (uint16_t)max, .buffer = real_pointer(ret)};
    if (pxe_call(PXE_GET_CACHED_INFO, &p) != 0 || p.size > max)
        return 0;
    return p.size;
}

void pxe_replace_cached(enum pxe_cached_packet kind, const uint8_t *packet, size_t size)
{
    struct cached_info p = {.kind = kind};

    if (pxe_call(PXE_GET_CACHED_INFO, &p) != 0 || !is_set(p.buffer))
        return;
    /* iPXE's size is the room there is; PXE 2.1 has a limit for that. What is left of the old packet is behind the end. */
    if (size <= p.size || size <= p.limit)
        memcpy(real_address(p.buffer), packet, size);
}
