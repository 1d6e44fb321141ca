/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "efi/device_path.h"

#include "efi/guids.h"
#include "efi/system.h"

#define NODE_HEADER 4
#define TYPE_MASK 0x7f
#define FILE_MAX 300
#define TEXT_MAX 512

static size_t node_size(const EFI_DEVICE_PATH *node)
{
    return node->Length[0] | node->Length[1] << 8;
}

static bool is_end(const EFI_DEVICE_PATH *node)
{
    return (node->Type & TYPE_MASK) == END_DEVICE_PATH_TYPE && node->SubType == END_ENTIRE_DEVICE_PATH_SUBTYPE;
}

static const EFI_DEVICE_PATH *next_node(const EFI_DEVICE_PATH *node)
{
    return (const EFI_DEVICE_PATH *)((const uint8_t *)node + node_size(node));
}

size_t device_path_size(const EFI_DEVICE_PATH *path, size_t max)
{
    size_t at = 0;

    for (;;) {
        const EFI_DEVICE_PATH *node = (const EFI_DEVICE_PATH *)((const uint8_t *)path + at);

        if (max - at < NODE_HEADER || node_size(node) < NODE_HEADER || node_size(node) > max - at)
            return 0;
        at += node_size(node);
        if (is_end(node))
            return at;
    }
}

const EFI_DEVICE_PATH *device_path_find(const EFI_DEVICE_PATH *path, uint8_t type, uint8_t subtype)
{
    for (; !is_end(path); path = next_node(path))
        if ((path->Type & TYPE_MASK) == type && path->SubType == subtype)
            return path;
    return NULL;
}

static int compare_nodes(const EFI_DEVICE_PATH *a, const EFI_DEVICE_PATH *b)
{
    const PCI_DEVICE_PATH *pa = (const PCI_DEVICE_PATH *)a, *pb = (const PCI_DEVICE_PATH *)b;
    size_t size = node_size(a) < node_size(b) ? node_size(a) : node_size(b);

    /* In the node the function comes first. */
    if (a->Type == HARDWARE_DEVICE_PATH && a->SubType == HW_PCI_DP && memcmp(a, b, NODE_HEADER) == 0 &&
        pa->Device != pb->Device)
        return pa->Device - pb->Device;
    return memcmp(a, b, size);
}

int device_path_compare(const EFI_DEVICE_PATH *a, const EFI_DEVICE_PATH *b)
{
    int order = 0;

    while (!is_end(a) && !is_end(b) && (order = compare_nodes(a, b)) == 0) {
        a = next_node(a);
        b = next_node(b);
    }
    return order ? order : (int)is_end(b) - (int)is_end(a);
}

bool device_path_begins_with(const EFI_DEVICE_PATH *path, const EFI_DEVICE_PATH *prefix)
{
    size_t size = device_path_size(prefix, SIZE_MAX) - NODE_HEADER;

    return size > 0 && size < device_path_size(path, SIZE_MAX) && bytes_equal(path, prefix, size);
}

EFI_DEVICE_PATH *device_path_join(EFI_HANDLE device, const EFI_DEVICE_PATH *rest)
{
    const EFI_DEVICE_PATH *base = system_protocol(device, &guid_device_path);
    size_t base_size = base ? device_path_size(base, SIZE_MAX) - NODE_HEADER : 0;
    size_t rest_size = device_path_size(rest, SIZE_MAX);
    uint8_t *ret = system_allocate(base_size + rest_size);

    if (!ret)
        return NULL;
    memcpy(ret, base, base_size);
    memcpy(ret + base_size, rest, rest_size);
    return (EFI_DEVICE_PATH *)ret;
}

EFI_DEVICE_PATH *device_path_of_file(EFI_HANDLE device, const char *file)
{
    uint8_t nodes[NODE_HEADER + 2 * FILE_MAX + NODE_HEADER];
    size_t length = text_length(file, FILE_MAX - 1), size = NODE_HEADER + 2 * (length + 1);
    EFI_DEVICE_PATH *node = (EFI_DEVICE_PATH *)nodes, *end = (EFI_DEVICE_PATH *)(nodes + size);

    *node = (EFI_DEVICE_PATH){MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, {size & 0xff, size >> 8}};
    for (size_t i = 0; i <= length; i++) {
        char c = i == length ? 0 : file[i];
        nodes[NODE_HEADER + 2 * i] = c == '/' ? '\\' : c;
        nodes[NODE_HEADER + 2 * i + 1] = 0;
    }
    *end = (EFI_DEVICE_PATH){END_DEVICE_PATH_TYPE, END_ENTIRE_DEVICE_PATH_SUBTYPE, {NODE_HEADER, 0}};
    return device_path_join(device, node);
}

/* gnu-efi declares the protocol; it need not be there. */
void device_path_text(struct text *t, EFI_DEVICE_PATH *path)
{
    EFI_DEVICE_PATH_TO_TEXT_PROTOCOL *to_text;
    CHAR16 *s;

    if (system_boot->LocateProtocol((EFI_GUID *)&guid_device_path_to_text, NULL, (void **)&to_text) != EFI_SUCCESS)
        return;
    s = to_text->ConvertDevicePathToText(path, TRUE, TRUE);
    if (s)
        device_path_text16(t, s, TEXT_MAX);
    system_free(s);
}

void device_path_text16(struct text *t, const CHAR16 *s, size_t max)
{
    for (size_t i = 0; i < max && s[i]; i++)
        text_char(t, s[i] >= 0x20 && s[i] < 0x7f ? (char)s[i] : '?');
}
