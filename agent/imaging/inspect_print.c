/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/imaging/inspect_print.h"

#include <inttypes.h>
#include <string.h>

#include "agent/base/progress_bar.h"

#define WIDTH 79
#define FACT_INDENT 11
#define NOTE_INDENT 6

/* At most `columns` bytes of `text`, without what a terminal would obey. UTF-8 passes. */
static void print_safe(FILE *out, const char *text, size_t columns)
{
    for (size_t i = 0; text[i] && i < columns; i++)
        fputc((unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i], out);
}

/* Words are kept whole; the first line goes on where the cursor is. */
static void print_wrapped(FILE *out, const char *text, size_t indent)
{
    size_t column = indent, length;

    for (const char *word = text; *word; word += length) {
        word += strspn(word, " ");
        length = strcspn(word, " ");
        if (column > indent && column + 1 + length > WIDTH) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', out);
            column++;
        }
        print_safe(out, word, length);
        column += length;
    }
    fputc('\n', out);
}

static void print_fact(FILE *out, const char *name, const char *value)
{
    if (!value[0])
        return;
    fprintf(out, "%-10s ", name);
    print_wrapped(out, value, FACT_INDENT);
}

static void print_head(FILE *out, const struct manifest *m)
{
    char size[16], used[16], text[160];

    print_fact(out, "image", m->name);
    print_fact(out, "taken", m->created);
    print_fact(out, "from", m->machine);
    print_fact(out, "firmware", m->firmware);
    progress_bytes_format(size, m->disk_size);
    progress_bytes_format(used, m->used);
    snprintf(text, sizeof(text), "%s (%" PRIu64 " bytes), sectors of %" PRIu32 " bytes%s%s", size, m->disk_size,
             m->sector_size, m->model[0] ? ", " : "", m->model);
    print_fact(out, "disk", text);
    snprintf(text, sizeof(text), "%s%s%s", m->table, m->disk_uuid[0] ? " " : "", m->disk_uuid);
    print_fact(out, "table", text);
    snprintf(text, sizeof(text), "%s in %u partition%s", used, m->count, m->count == 1 ? "" : "s");
    print_fact(out, "used", text);
}

static void print_partition(FILE *out, const struct manifest_partition *p)
{
    const char *name = p->name[0] ? p->name : p->fs_label;
    char start[16], size[16], used[16], smallest[16];

    progress_bytes_format(start, p->start);
    progress_bytes_format(size, p->size);
    progress_bytes_format(used, p->fs_used);
    progress_bytes_format(smallest, p->fs_smallest);
    fprintf(out, "%4u  %7s  %7s  %-11.11s  %7s  %8s%s", p->number, start, size, p->has_fs ? p->fs_type : "-", used,
            p->has_fs ? smallest : "-", name[0] ? "  " : "");
    print_safe(out, name, WIDTH - 56);
    fputc('\n', out);
    if (p->note[0]) {
        char note[sizeof(p->note) + 32];
        snprintf(note, sizeof(note), "%s%s", p->raw ? "taken whole: " : "", p->note);
        fprintf(out, "%*s", NOTE_INDENT, "");
        print_wrapped(out, note, NOTE_INDENT);
    }
}

static void print_system(FILE *out, const struct system *s)
{
    char text[512], boot[32] = "", esp[32] = "";

    if (s->boot_partition)
        snprintf(boot, sizeof(boot), ", /boot on %u", s->boot_partition);
    if (s->esp_partition)
        snprintf(esp, sizeof(esp), ", ESP %u", s->esp_partition);
    snprintf(text, sizeof(text), "%s%s%s on partition %u%s%s%s%s%s%s", s->name, s->arch[0] ? ", " : "", s->arch,
             s->partition, s->subvolume[0] ? ", subvolume " : "", s->subvolume, s->volume[0] ? ", volume " : "",
             s->volume, boot, esp);
    print_fact(out, "system", text);
    if (s->sysprepped)
        print_fact(out, "", "generalised by sysprep: it waits for its first start");
}

void inspect_print(FILE *out, const struct manifest *m)
{
    print_head(out, m);
    for (unsigned i = 0; i < m->system_count; i++)
        print_system(out, &m->systems[i]);
    if (m->count)
        fputs("\nPART    START     SIZE  FS              USED  SMALLEST  NAME\n", out);
    for (unsigned i = 0; i < m->count; i++)
        print_partition(out, &m->partitions[i]);
}
