/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/cmd/cmd.h"

#include <inttypes.h>
#include <stdio.h>

#include "agent/base/json_text.h"
#include "agent/base/progress_bar.h"
#include "agent/cmd/cmd_options.h"
#include "agent/cmd/cmd_output.h"
#include "agent/imaging/verify.h"

static const char usage[] = "Usage: slipway-agent verify --store WHERE --image NAME [OPTION]... [DISK...]\n"
                            "\n"
                            "Without DISK: fetches every chunk of the image, decompresses and hashes it, and\n"
                            "names each that is damaged or missing. With DISK (several for an image of\n"
                            "several, in its order): compares partition table, boot area and used blocks\n"
                            "with the image; it differs where its system has written since the deploy, and\n"
                            "in partitions that have grown or shrunk. Nothing is ever written.\n"
                            "\n"
                            "  --store WHERE   where images live: a server (http://host:8077) or a directory\n"
                            "  --image NAME    the image\n"
                            "  --token TEXT    the server's permission, if it asks for one\n"
                            "  --threads N     1 to 4; otherwise one more than there are processors\n"
                            "  --json          progress, findings and the result as JSON lines\n"
                            "  --help\n"
                            "\n"
                            "Exit status: 0 all is as it should be; 1 something was found, or could not be\n"
                            "looked at; 2 wrong command line; 130 stopped by Ctrl-C.\n";

static const char *const kinds[] = {
    [VERIFY_INDEX] = "index",          [VERIFY_MISSING] = "missing", [VERIFY_DAMAGED] = "damaged",
    [VERIFY_PARTITION] = "partition",  [VERIFY_TABLE] = "table",     [VERIFY_DIFFERS] = "differs",
    [VERIFY_UNREADABLE] = "unreadable"};

static void show(void *arg, const struct verify_finding *v)
{
    (void)arg;
    cmd_output_finding(json_pack("{s:s, s:i, s:i, s:I, s:I, s:s, s:o}", "kind", kinds[v->kind], "disk", (int)v->disk,
                                 "partition", (int)v->partition, "offset", (json_int_t)v->offset, "size",
                                 (json_int_t)v->size, "chunk", v->chunk, "message", json_text(v->what)),
                       v->what);
}

static int judge(const struct cmd_options *o, const struct verify_result *v, struct failure *f)
{

    if (v->findings == 0)
        return 0;
    if (o->word_count)
        return fail(f, "differs", "%s differs from image %s in %" PRIu64 " place%s", o->words[0], o->image, v->findings,
                    v->findings == 1 ? "" : "s");
    return fail(f, "bad-image", "image %s: %" PRIu64 " of its parts %s damaged or missing", o->image, v->findings,
                v->findings == 1 ? "is" : "are");
}

static void sum_up(const struct cmd_options *o, const struct verify_result *v, char *ret, size_t size)
{
    char bytes[16];

    progress_bytes_format(bytes, v->bytes);
    snprintf(ret, size, "%.250s%simage %.64s: %s in %" PRIu64 " chunks, all good", o->word_count ? o->words[0] : "",
             o->word_count ? " holds " : "", o->image, bytes, v->chunks);
}

int cmd_verify(int argc, char **argv)
{
    struct verify_result v = {0};
    struct cmd_options o;
    struct failure f;
    struct store *s;
    char text[400];
    int result;
    enum cmd_parsed parsed = cmd_options_read(&o, argc, argv, " store image token threads ", usage);

    if (parsed != CMD_GO)
        return parsed == CMD_HELP ? 0 : 2;
    if (!o.store || !o.image)
        return cmd_wrong(argv[0], "it needs --store and --image");
    const struct verify_request r = {.image = o.image,
                                     .disks = (const char *const *)o.words,
                                     .disk_count = o.word_count,
                                     .threads = (unsigned)o.threads,
                                     .found = show};
    cmd_output_begin(argv[0], o.json);
    s = store_open(o.store, o.token, cmd_output_retry, NULL, &f);
    result = s ? verify_image(&r, s, cmd_output_progress(), &v, &f) : -1;
    store_close(s);
    if (!result)
        result = judge(&o, &v, &f);
    sum_up(&o, &v, text, sizeof(text));
    return cmd_output_end(result, &f,
                          json_pack("{s:I, s:I, s:I}", "chunks", (json_int_t)v.chunks, "bytes", (json_int_t)v.bytes,
                                    "findings", (json_int_t)v.findings),
                          text);
}
