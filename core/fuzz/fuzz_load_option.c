/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A boot option, as firmware, systems and whoever wrote the variable left it. */
#include <stdlib.h>
#include <string.h>

#include "core/load_option.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition)
        abort();
}

/* What was read is written again and must then read the same. */
static void write_again(const struct load_option_partition *p, const char *title, const char *file)
{
    uint8_t bytes[4096];
    char title_again[300], file_again[300];
    struct load_option_partition q;
    struct load_option o;
    struct writer w;
    struct text t;

    writer_init(&w, bytes, sizeof(bytes));
    load_option_write(&w, title, p, file);
    require(!w.failed && load_option_parse(bytes, w.length, &o) && load_option_boots(&o) && o.data_size == 0);
    text_init(&t, title_again, sizeof(title_again));
    load_option_title(&o, &t);
    text_init(&t, file_again, sizeof(file_again));
    load_option_file(&o, &t);
    require(strcmp(title, title_again) == 0 && strcmp(file, file_again) == 0);
    require(load_option_partition(&o, &q) && q.number == p->number && q.start == p->start && q.size == p->size &&
            memcmp(q.signature, p->signature, sizeof(q.signature)) == 0 && q.signature_type == p->signature_type);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct load_option_partition p;
    char title[300], file[300];
    struct load_option o;
    struct text t;
    uint8_t mac[6];

    if (!load_option_parse(data, size, &o))
        return 0;
    require(LOAD_OPTION_HEADER + o.title_size + 2 + o.path_size + o.data_size == size);
    text_init(&t, title, sizeof(title));
    load_option_title(&o, &t);
    text_init(&t, file, sizeof(file));
    load_option_file(&o, &t);
    load_option_network(&o, mac);
    if (load_option_partition(&o, &p))
        write_again(&p, title, file);
    return 0;
}
