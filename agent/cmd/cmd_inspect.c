/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/cmd/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/cmd/cmd_options.h"
#include "agent/cmd/cmd_output.h"
#include "agent/image/image_files.h"
#include "agent/imaging/inspect.h"
#include "agent/imaging/inspect_print.h"

static const char usage[] = "Usage: slipway-agent inspect [--json] DISK\n"
                            "       slipway-agent inspect --store WHERE --image NAME [--json]\n"
                            "\n"
                            "Tells what is on DISK, a block device or a file, or in an image: partition\n"
                            "table, file systems, used bytes, the smallest size of each partition, why one\n"
                            "is taken whole instead of by its used blocks, and which operating systems\n"
                            "there are (for those of a disk it has to be root). Nothing is written.\n"
                            "\n"
                            "  --store WHERE   where images live: a server (http://host:8077) or a directory\n"
                            "  --image NAME    the image\n"
                            "  --token TEXT    the server's permission, if it asks for one\n"
                            "  --json          for each disk a JSON object, in the form of an image's\n"
                            "                  manifest\n"
                            "  --help\n"
                            "\n"
                            "Exit status: 0 done; 1 failed; 2 wrong command line.\n";

static int print(const struct manifest *m, bool json, struct failure *f)
{
    char *text;

    if (!json) {
        inspect_print(stdout, m);
        return 0;
    }
    text = manifest_format(m, f);
    if (!text)
        return -1;
    puts(text);
    free(text);
    return 0;
}

/* An image of several disks has a manifest for each. */
static int show_manifests(const struct cmd_options *o, struct store *s, struct manifest list[2], struct failure *f)
{
    struct manifest *first = &list[0], *other = &list[1];

    if (image_fetch_manifest(s, o->image, first, f) || print(first, o->json, f))
        return -1;
    for (unsigned i = 0; i < first->further_count; i++) {
        memset(other, 0, sizeof(*other));
        if (image_fetch_further(s, first, i, other, f))
            return -1;
        if (!o->json)
            printf("\ndisk %u of %u\n", i + 2, first->further_count + 1);
        if (print(other, o->json, f))
            return -1;
    }
    return 0;
}

static int show_image(const struct cmd_options *o, struct manifest list[2], struct failure *f)
{
    struct store *s = store_open(o->store, o->token, cmd_output_retry, NULL, f);
    int result = s ? show_manifests(o, s, list, f) : -1;

    store_close(s);
    return result;
}

static int show_disk(const struct cmd_options *o, struct manifest *m, struct failure *f)
{
    const char *disk = o->words[0];

    if (inspect_disk(disk, m, f))
        return -1;
    if (inspect_systems(disk, m, f))
        fprintf(stderr, "slipway-agent inspect: not all systems could be looked for: %s\n", f->message);
    return print(m, o->json, f);
}

int cmd_inspect(int argc, char **argv)
{
    struct cmd_options o;
    struct manifest *list;
    struct failure f;
    int result;
    enum cmd_parsed parsed = cmd_options_read(&o, argc, argv, " store image token ", usage);

    if (parsed != CMD_GO)
        return parsed == CMD_HELP ? 0 : 2;
    if (!o.store != !o.image || (o.store != NULL) == (o.word_count == 1) || o.word_count > 1)
        return cmd_wrong(argv[0], "it needs either one DISK, or --store and --image");
    list = calloc(2, sizeof(*list));
    if (!list)
        return 1;
    cmd_output_begin(argv[0], o.json);
    result = o.store ? show_image(&o, list, &f) : show_disk(&o, list, &f);
    free(list);
    return result ? cmd_output_end(result, &f, NULL, NULL) : 0;
}
