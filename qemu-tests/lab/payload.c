/* SPDX-License-Identifier: GPL-2.0-or-later */
/* payload.efi: prints the CRC-32 of the section .payload that lab/payload.py has put into it. A boot file of any size
 * that tells by itself whether every byte of it arrived. */
#include <efi.h>

/* Microsoft PE/COFF specification; all little-endian, as the processor is. */
#define PE_OFFSET_AT 0x3c
#define SECTION_COUNT_AT 6
#define OPTIONAL_SIZE_AT 20
#define OPTIONAL_AT 24

struct section {
    CHAR8 name[8];
    UINT32 size, address, raw_size, raw_offset;
    UINT8 unused[16];
};

static const struct section *find(const UINT8 *image)
{
    const UINT8 *pe = image + *(const UINT32 *)(image + PE_OFFSET_AT);
    const struct section *s = (const void *)(pe + OPTIONAL_AT + *(const UINT16 *)(pe + OPTIONAL_SIZE_AT));

    for (UINT16 left = *(const UINT16 *)(pe + SECTION_COUNT_AT); left > 0; left--, s++)
        if (*(const UINT64 *)s->name == *(const UINT64 *)".payload")
            return s;
    return NULL;
}

static void print_hex(SIMPLE_TEXT_OUTPUT_INTERFACE *out, CHAR16 *label, UINT32 value)
{
    CHAR16 digits[9] = {0};

    for (int i = 0; i < 8; i++)
        digits[i] = L"0123456789abcdef"[value >> (28 - 4 * i) & 15];
    out->OutputString(out, label);
    out->OutputString(out, digits);
}

EFI_STATUS efi_main(EFI_HANDLE handle, EFI_SYSTEM_TABLE *table)
{
    EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
    EFI_LOADED_IMAGE *self;
    const struct section *s;
    UINT32 crc = 0;
    EFI_STATUS status = table->BootServices->HandleProtocol(handle, &guid, (void **)&self);

    if (status != EFI_SUCCESS)
        return status;
    s = find(self->ImageBase);
    if (!s)
        return EFI_NOT_FOUND;
    status = table->BootServices->CalculateCrc32((UINT8 *)self->ImageBase + s->address, s->size, &crc);
    print_hex(table->ConOut, L"\r\nPayload of 0x", s->size);
    print_hex(table->ConOut, L" bytes, CRC-32 ", crc);
    table->ConOut->OutputString(table->ConOut, L"\r\n");
    return status;
}
