/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/load_option.h"

#define NODE_HEADER 4
#define TYPE_MASK 0x7f /* early firmware sets the top bit of the end node */

#define MESSAGING 3
#define MESSAGING_MAC 11
#define MESSAGING_IP4 12
#define MESSAGING_IP6 13
#define MESSAGING_URI 24
#define MEDIA 4
#define MEDIA_DISK 1
#define MEDIA_DISK_SIZE 42
#define MEDIA_FILE 4
#define END 0x7f
#define END_ENTIRE 0xff

#define FORMAT_MBR 1
#define FORMAT_GPT 2

struct node {
    uint8_t type, subtype;
    const uint8_t *data;
    size_t size;
};

static uint64_t little(const uint8_t *bytes, unsigned count)
{
    uint64_t value = 0;

    while (bytes && count-- > 0)
        value = value << 8 | bytes[count];
    return value;
}

static uint64_t take(struct cursor *c, unsigned count)
{
    return little(cursor_bytes(c, count), count);
}

/* Returns false behind the last node of a path and for what is no path; the latter sets `failed`. */
static bool next_node(struct cursor *c, struct node *ret)
{
    size_t size;

    ret->type = cursor_u8(c) & TYPE_MASK;
    ret->subtype = cursor_u8(c);
    size = (size_t)take(c, 2);
    if (size < NODE_HEADER)
        c->failed = true;
    ret->size = size - NODE_HEADER;
    ret->data = c->failed ? NULL : cursor_bytes(c, ret->size);
    return !c->failed && !(ret->type == END && ret->subtype == END_ENTIRE);
}

static bool is_path(const uint8_t *bytes, size_t size)
{
    struct cursor c;
    struct node n;

    cursor_init(&c, bytes, size);
    while (next_node(&c, &n))
        ;
    return !c.failed;
}

bool load_option_parse(const uint8_t *bytes, size_t size, struct load_option *ret)
{
    const uint8_t *unit;
    struct cursor c;

    cursor_init(&c, bytes, size);
    ret->attributes = (uint32_t)take(&c, 4);
    ret->path_size = (size_t)take(&c, 2);
    ret->title = c.bytes + c.at;
    while ((unit = cursor_bytes(&c, 2)) && (unit[0] != 0 || unit[1] != 0))
        ;
    ret->title_size = unit ? (size_t)(unit - ret->title) : 0;
    ret->path = cursor_bytes(&c, ret->path_size);
    ret->data_size = cursor_left(&c);
    ret->data = cursor_bytes(&c, ret->data_size);
    return !c.failed && is_path(ret->path, ret->path_size);
}

bool load_option_boots(const struct load_option *o)
{
    return (o->attributes & LOAD_OPTION_ACTIVE) && !(o->attributes & LOAD_OPTION_CATEGORY);
}

/* Up to a NUL. */
static void ucs2_text(const uint8_t *bytes, size_t size, struct text *ret)
{
    for (size_t i = 0; i + 1 < size; i += 2) {
        unsigned c = (unsigned)little(bytes + i, 2);
        if (c == 0)
            return;
        text_char(ret, c >= 0x20 && c < 0x7f ? (char)c : '?');
    }
}

void load_option_title(const struct load_option *o, struct text *ret)
{
    ucs2_text(o->title, o->title_size, ret);
}

static bool find_node(const struct load_option *o, uint8_t type, uint8_t subtype, size_t size, struct node *ret)
{
    struct cursor c;

    cursor_init(&c, o->path, o->path_size);
    while (next_node(&c, ret))
        if (ret->type == type && ret->subtype == subtype && ret->size >= size)
            return true;
    return false;
}

bool load_option_partition(const struct load_option *o, struct load_option_partition *ret)
{
    struct cursor c;
    struct node n;

    if (!find_node(o, MEDIA, MEDIA_DISK, MEDIA_DISK_SIZE - NODE_HEADER, &n))
        return false;
    cursor_init(&c, n.data, n.size);
    ret->number = (uint32_t)take(&c, 4);
    ret->start = take(&c, 8);
    ret->size = take(&c, 8);
    memcpy(ret->signature, cursor_bytes(&c, sizeof(ret->signature)), sizeof(ret->signature));
    cursor_u8(&c); /* the format of the table: the signature's type says it, too */
    ret->signature_type = cursor_u8(&c);
    return true;
}

/* A long name may be split over several nodes. */
void load_option_file(const struct load_option *o, struct text *ret)
{
    struct cursor c;
    struct node n;

    cursor_init(&c, o->path, o->path_size);
    while (next_node(&c, &n)) {
        if (n.type != MEDIA || n.subtype != MEDIA_FILE)
            continue;
        if (ret->length > 0 && ret->buf[ret->length - 1] != '\\' && n.size >= 2 && n.data[0] != '\\')
            text_char(ret, '\\');
        ucs2_text(n.data, n.size, ret);
    }
}

bool load_option_network(const struct load_option *o, uint8_t ret_mac[6])
{
    struct node n;

    if (find_node(o, MESSAGING, MESSAGING_URI, 0, &n) ||
        !(find_node(o, MESSAGING, MESSAGING_IP4, 0, &n) || find_node(o, MESSAGING, MESSAGING_IP6, 0, &n)))
        return false;
    if (!find_node(o, MESSAGING, MESSAGING_MAC, 6, &n))
        return false;
    memcpy(ret_mac, n.data, 6);
    return true;
}

static void put(struct writer *w, uint64_t value, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        writer_u8(w, (uint8_t)(value >> (8 * i)));
}

static void put_ucs2(struct writer *w, const char *s)
{
    for (;; s++) {
        put(w, *s >= 0x20 && *s < 0x7f ? (uint8_t)*s : *s ? '?' : 0, 2);
        if (*s == '\0')
            return;
    }
}

static void put_node(struct writer *w, uint8_t type, uint8_t subtype, size_t size)
{
    writer_u8(w, type);
    writer_u8(w, subtype);
    put(w, size, 2);
}

void load_option_write(struct writer *w, const char *title, const struct load_option_partition *p, const char *file)
{
    size_t file_size = NODE_HEADER + 2 * (text_length(file, UINT16_MAX / 4) + 1);

    put(w, LOAD_OPTION_ACTIVE, 4);
    put(w, MEDIA_DISK_SIZE + file_size + NODE_HEADER, 2);
    put_ucs2(w, title);
    put_node(w, MEDIA, MEDIA_DISK, MEDIA_DISK_SIZE);
    put(w, p->number, 4);
    put(w, p->start, 8);
    put(w, p->size, 8);
    writer_bytes(w, p->signature, sizeof(p->signature));
    writer_u8(w, p->signature_type == LOAD_OPTION_GUID ? FORMAT_GPT : FORMAT_MBR);
    writer_u8(w, p->signature_type);
    put_node(w, MEDIA, MEDIA_FILE, file_size);
    put_ucs2(w, file);
    put_node(w, END, END_ENTIRE, NODE_HEADER);
}
