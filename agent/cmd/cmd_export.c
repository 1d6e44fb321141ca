/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "agent/cmd/cmd_options.h"
#include "agent/cmd/cmd_output.h"
#include "agent/imaging/image_export.h"

static const char usage[] = "Usage: slipway-agent export --store WHERE --image NAME [--split SIZE] FILE\n"
                            "\n"
                            "Writes a stored image to FILE as a raw disk, or to a set of files none of which\n"
                            "is larger than SIZE: FILE.img, FILE.002, FILE.003 and so on. Further disks of\n"
                            "an image go to FILE-disk2 (FILE-disk2.img), FILE-disk3 and so on.\n"
                            "\"import\" and \"deploy --source\" read both back.\n"
                            "\n"
                            "  --store WHERE   where images live: a server (http://host:8077) or a directory\n"
                            "  --image NAME    the image\n"
                            "  --token TEXT    the server's permission, if it asks for one\n"
                            "  --split SIZE    bytes of each file, or with K, M, G or T: FAT takes 4095M\n"
                            "  --json          progress, notes and the result as JSON lines\n"
                            "  --help\n"
                            "\n"
                            "Exit status: 0 the files are complete; 1 failed, no file is left; 2 wrong\n"
                            "command line; 130 stopped by Ctrl-C.\n";

/* A set begins with NAME.img. */
static void file_name(const struct cmd_options *o, char *ret, size_t size)
{
    size_t length = strlen(o->words[0]);
    bool ends = length > 4 && !strcmp(o->words[0] + length - 4, ".img");

    snprintf(ret, size, "%s%s", o->words[0], o->split && !ends ? ".img" : "");
}

int cmd_export(int argc, char **argv)
{
    struct cmd_options o;
    struct failure f;
    struct store *s;
    char text[400], path[4096];
    unsigned files = 0;
    int result;
    enum cmd_parsed parsed = cmd_options_read(&o, argc, argv, " store image token split ", usage);

    if (parsed != CMD_GO)
        return parsed == CMD_HELP ? 0 : 2;
    if (!o.store || !o.image || o.word_count != 1)
        return cmd_wrong(argv[0], "it needs --store, --image and one FILE");
    file_name(&o, path, sizeof(path));
    const struct image_export_request r = {.image = o.image, .path = path, .split = o.split};
    cmd_output_begin(argv[0], o.json);
    s = store_open(o.store, o.token, cmd_output_retry, NULL, &f);
    result = s ? image_export(&r, s, cmd_output_progress(), &files, &f) : -1;
    store_close(s);
    snprintf(text, sizeof(text), "image %.64s is in %.250s%s", o.image, path,
             files > 1 ? " and the files behind it" : "");
    return cmd_output_end(result, &f, json_pack("{s:i}", "files", (int)files), text);
}
