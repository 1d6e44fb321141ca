/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/pe_image.h"

#define DOS_HEADER_SIZE 64
#define DOS_PE_OFFSET 60
#define PE_HEADER_SIZE 24 /* signature and COFF header */
#define OPTIONAL_MAGIC_PE32_PLUS 0x20b
#define OPTIONAL_DIRECTORIES 112 /* offset of the data directories in a PE32+ optional header */
#define DIRECTORY_SECURITY 4
#define SECTION_SIZE 40
#define SECTION_NAME_SIZE 8

struct pe {
    const uint8_t *data;
    size_t size;
    size_t optional, optional_size; /* offset in data */
    size_t sections;                /* offset in data */
    unsigned section_count;
    uint16_t machine;
};

static uint16_t le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t le32(const uint8_t *p)
{
    return le16(p) | (uint32_t)le16(p + 2) << 16;
}

static bool fits(const struct pe *pe, uint64_t offset, uint64_t size)
{
    return offset <= pe->size && size <= pe->size - offset;
}

/* Finds the headers. Returns what is wrong, NULL when nothing is. */
static const char *pe_open(struct pe *pe, const uint8_t *data, size_t size)
{
    uint64_t at;

    *pe = (struct pe){.data = data, .size = size};
    if (size < DOS_HEADER_SIZE || data[0] != 'M' || data[1] != 'Z')
        return "it does not begin with a program's header (MZ)";
    at = le32(data + DOS_PE_OFFSET);
    if (!fits(pe, at, PE_HEADER_SIZE) || !bytes_equal(data + at, "PE\0\0", 4))
        return "it has no PE header";
    pe->machine = le16(data + at + 4);
    pe->section_count = le16(data + at + 6);
    pe->optional_size = le16(data + at + 20);
    pe->optional = at + PE_HEADER_SIZE;
    pe->sections = pe->optional + pe->optional_size;
    if (!fits(pe, pe->optional, pe->optional_size) ||
        !fits(pe, pe->sections, (uint64_t)pe->section_count * SECTION_SIZE))
        return "it ends inside its headers";
    return NULL;
}

/* The end of what the signature table says, 0 when there is none. */
static uint64_t signature_end(const struct pe *pe)
{
    const uint8_t *optional = pe->data + pe->optional;
    size_t entry = OPTIONAL_DIRECTORIES + DIRECTORY_SECURITY * 8;

    if (pe->optional_size < entry + 8 || le16(optional) != OPTIONAL_MAGIC_PE32_PLUS ||
        le32(optional + OPTIONAL_DIRECTORIES - 4) <= DIRECTORY_SECURITY)
        return 0;
    return (uint64_t)le32(optional + entry) + le32(optional + entry + 4);
}

/* The file's size that the headers promise. */
static uint64_t promised_size(const struct pe *pe)
{
    uint64_t ret = signature_end(pe);

    for (unsigned i = 0; i < pe->section_count; i++) {
        const uint8_t *section = pe->data + pe->sections + i * SECTION_SIZE;
        uint64_t end = (uint64_t)le32(section + 16) + le32(section + 20);

        if (le32(section + 16) && end > ret)
            ret = end;
    }
    return ret;
}

bool pe_image_check(const uint8_t *data, size_t size, uint16_t machine, struct text *ret_reason)
{
    struct pe pe;
    const char *wrong = pe_open(&pe, data, size);

    if (!wrong && pe.machine != machine)
        wrong = "it is a program for another processor";
    if (wrong) {
        text_string(ret_reason, wrong);
        return false;
    }
    if (promised_size(&pe) > size) {
        text_string(ret_reason, "it has ");
        text_unsigned(ret_reason, size);
        text_string(ret_reason, " bytes, its header promises ");
        text_unsigned(ret_reason, promised_size(&pe));
        return false;
    }
    return true;
}

bool pe_image_has_section(const uint8_t *data, size_t size, const char *name)
{
    struct pe pe;
    size_t length = text_length(name, SECTION_NAME_SIZE);

    if (pe_open(&pe, data, size))
        return false;
    for (unsigned i = 0; i < pe.section_count; i++) {
        const char *section = (const char *)data + pe.sections + i * SECTION_SIZE;

        if (text_length(section, SECTION_NAME_SIZE) == length && bytes_equal(section, name, length))
            return true;
    }
    return false;
}
