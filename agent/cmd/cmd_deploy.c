/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/cmd/cmd.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/cmd/cmd_options.h"
#include "agent/cmd/cmd_output.h"
#include "agent/source/deploy_source.h"

static const char usage[] = "Usage: slipway-agent deploy --store WHERE --image NAME [OPTION]... DISK...\n"
                            "       slipway-agent deploy --source WHERE [OPTION]... DISK\n"
                            "\n"
                            "Puts an image on DISK, a block device or a file, and destroys what is on it.\n"
                            "What makes the disk boot is written last, when everything else has been\n"
                            "verified and flushed: after a deploy that did not finish it does not boot. An\n"
                            "image of several disks needs as many, in the same order.\n"
                            "\n"
                            "  --store WHERE   where images live: a server (http://host:8077) or a directory\n"
                            "  --image NAME    the image\n"
                            "  --token TEXT    the server's permission, if it asks for one\n"
                            "  --grow WHICH    who gets what a larger disk has more: \"auto\", the last\n"
                            "                  partition that can grow (the default); \"none\"; or the\n"
                            "                  partition of this number; with --source the last one on the\n"
                            "                  disk at most\n"
                            "  --keep N[,N]... partitions of DISK that stay as they are\n"
                            "  --threads N     1 to 4; otherwise one more than there are processors\n"
                            "\n"
                            "  --source WHERE  instead of a stored image a disk image from elsewhere, a file\n"
                            "                  or http(s) URL, streamed: raw, raw packed with gzip, xz or\n"
                            "                  zstd, qcow2, or the first file of a split set (.img)\n"
                            "  --sha256 HEX    what the file of --source must hash to, as it lies there;\n"
                            "                  otherwise WHERE.sha256, SHA256SUMS or SHA512SUMS beside it\n"
                            "                  must say so\n"
                            "  --no-checksum   go on when nothing says so\n"
                            "\n"
                            "  --yes           do not ask whether DISK may be destroyed\n"
                            "  --json          progress, notes and the result as JSON lines\n"
                            "  --help\n"
                            "\n"
                            "Exit status: 0 the disk is complete; 1 failed; 2 wrong command line; 130\n"
                            "stopped by Ctrl-C. After 1 and 130 the disk does not boot, unless the deploy\n"
                            "was refused before it began: deploy again.\n";

/* Asks on the terminal: stdout may be a script's. */
static bool confirm(const struct cmd_options *o)
{
    bool asks = isatty(STDIN_FILENO);
    char answer[8];

    if (o->yes)
        return true;
    for (unsigned i = 0; i < o->word_count; i++)
        fprintf(stderr, "Everything on %s %s be destroyed.\n", o->words[i], asks ? "will" : "would");
    fputs(asks ? "Type yes to go on: " : "slipway-agent deploy: say --yes\n", stderr);
    if (!asks)
        return false;
    return fgets(answer, sizeof(answer), stdin) && !strcmp(answer, "yes\n");
}

static int check(const struct cmd_options *o, const char *command)
{
    if (o->word_count == 0)
        return cmd_wrong(command, "which DISK?");
    if (!o->source && (!o->store || !o->image))
        return cmd_wrong(command, "it needs --store and --image, or --source");
    if (!o->source && (o->sha256 || o->no_checksum))
        return cmd_wrong(command,
                         "--sha256 and --no-checksum belong to --source: images of a store are always verified");
    if (o->source && (o->store || o->image || o->keep_count || o->word_count > 1))
        return cmd_wrong(command, "--source takes one DISK as a whole: without --store, --image and --keep");
    return 0;
}

static int deploy_stored(const struct cmd_options *o, struct failure *f)
{
    const struct deploy_layout layout = {.grow = o->grow, .keep = o->keep, .keep_count = o->keep_count};
    const struct deploy_request r = {.image = o->image,
                                     .disks = (const char *const *)o->words,
                                     .disk_count = o->word_count,
                                     .layout = &layout,
                                     .threads = (unsigned)o->threads};
    struct store *s = store_open(o->store, o->token, cmd_output_retry, NULL, f);
    int result = s ? deploy_image(&r, s, cmd_output_progress(), f) : -1;

    store_close(s);
    return result;
}

static int deploy_streamed(const struct cmd_options *o, struct failure *f)
{
    const struct deploy_source_request r = {
        .source = {.where = o->source, .sha256 = o->sha256, .unchecked = o->no_checksum},
        .disk = o->words[0],
        .grow = o->grow};

    return deploy_source(&r, cmd_output_progress(), f);
}

int cmd_deploy(int argc, char **argv)
{
    struct cmd_options o;
    struct failure f;
    char text[400];
    int result;
    enum cmd_parsed parsed =
        cmd_options_read(&o, argc, argv, " store image token source sha256 no-checksum grow keep threads yes ", usage);

    if (parsed != CMD_GO)
        return parsed == CMD_HELP ? 0 : 2;
    if (check(&o, argv[0]))
        return 2;
    if (!confirm(&o))
        return 1;
    cmd_output_begin(argv[0], o.json);
    result = o.source ? deploy_streamed(&o, &f) : deploy_stored(&o, &f);
    snprintf(text, sizeof(text), "%.120s is on %.120s%s, verified and flushed", o.source ? o.source : o.image,
             o.words[0], o.word_count > 1 ? " and the others" : "");
    return cmd_output_end(result, &f, NULL, text);
}
