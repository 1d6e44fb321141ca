/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/cmd.h"

#include <stdio.h>
#include <stdlib.h>

#include "agent/cmd_options.h"
#include "agent/cmd_output.h"
#include "agent/image_files.h"
#include "agent/inspect.h"
#include "agent/inspect_print.h"

static const char usage[] = "Usage: slipway-agent inspect [--json] DISK\n"
                            "       slipway-agent inspect --store WHERE --image NAME [--json]\n"
                            "\n"
                            "Tells what is on DISK, a block device or a file, or in an image: partition\n"
                            "table, file systems, used bytes, the smallest size of each partition, why one is\n"
                            "taken whole instead of by its used blocks, and which operating systems there\n"
                            "are (for those of a disk it has to be root). Nothing is written.\n"
                            "\n"
                            "  --store WHERE   where images live: a server (http://host:8077) or a directory\n"
                            "  --image NAME    the image\n"
                            "  --token TEXT    the server's permission, if it asks for one\n"
                            "  --json          one JSON object, in the form of an image's manifest\n"
                            "  --help\n"
                            "\n"
                            "Exit status: 0 done; 1 failed; 2 wrong command line.\n";

static int inspect_image(const struct cmd_options *o, struct manifest *ret, struct failure *f)
{
    struct store *s = store_open(o->store, o->token, cmd_output_retry, NULL, f);
    int result = s ? image_fetch_manifest(s, o->image, ret, f) : -1;

    store_close(s);
    return result;
}

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

int cmd_inspect(int argc, char **argv)
{
    struct cmd_options o;
    struct manifest *m;
    struct failure f;
    int result;
    enum cmd_parsed parsed = cmd_options_read(&o, argc, argv, " store image token ", usage);

    if (parsed != CMD_GO)
        return parsed == CMD_HELP ? 0 : 2;
    if (!o.store != !o.image || (o.store != NULL) == (o.word_count == 1) || o.word_count > 1)
        return cmd_wrong(argv[0], "it needs either one DISK, or --store and --image");
    m = calloc(1, sizeof(*m));
    if (!m)
        return 1;
    cmd_output_begin(argv[0], o.json);
    result = o.store ? inspect_image(&o, m, &f) : inspect_disk(o.words[0], m, &f);
    if (!result && !o.store && inspect_systems(o.words[0], m, &f))
        fprintf(stderr, "slipway-agent inspect: not all systems could be looked for: %s\n", f.message);
    if (!result)
        result = print(m, o.json, &f);
    free(m);
    return result ? cmd_output_end(result, &f, NULL, NULL) : 0;
}
