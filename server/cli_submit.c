/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server/cli.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/cli_table.h"

#define CONTENT_MAX ((size_t)1536 * 1024)

char *cli_read_file(const char *file, size_t max, size_t *ret_size)
{
    FILE *f = strcmp(file, "-") == 0 ? stdin : fopen(file, "rb");
    char *text = f ? malloc(max + 2) : NULL;

    if (!f || !text) {
        cli_fail(CLI_FAILED, "cannot read %s: %s", file, strerror(errno));
    } else {
        *ret_size = fread(text, 1, max + 1, f);
        text[*ret_size] = 0;
        if (ferror(f) || *ret_size > max) {
            cli_fail(CLI_FAILED, "%s: %s", file, ferror(f) ? "cannot be read" : "it is too large");
            free(text);
            text = NULL;
        }
    }
    if (f && f != stdin)
        fclose(f);
    return text;
}

/* RFC 4648, section 4. The caller frees it. */
static char *base64(const uint8_t *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *text = malloc((size + 2) / 3 * 4 + 1), *to = text;

    for (size_t i = 0; text && i < size; i += 3) {
        size_t n = size - i < 3 ? size - i : 3;
        uint32_t bits = (uint32_t)data[i] << 16 | (n > 1 ? (uint32_t)data[i + 1] << 8 : 0) | (n > 2 ? data[i + 2] : 0);

        for (size_t k = 0; k < 4; k++)
            *to++ = k <= n ? digits[bits >> (18 - 6 * k) & 63] : '=';
    }
    if (text)
        *to = 0;
    return text;
}

/* A put may name a file of this computer instead of its content. */
static int take_file(json_t *step)
{
    const char *file = json_string_value(json_object_get(step, "file"));
    char *data, *text;
    size_t size;

    if (!file)
        return 0;
    data = cli_read_file(file, CONTENT_MAX, &size);
    text = data ? base64((const uint8_t *)data, size) : NULL;
    free(data);
    if (!text)
        return CLI_FAILED;
    json_object_set_new(step, "content", json_string(text));
    json_object_del(step, "file");
    free(text);
    return 0;
}

static int take_files(json_t *order)
{
    json_t *step;
    size_t i;

    json_array_foreach(json_object_get(order, "steps"), i, step)
    {
        if (strcmp(member(step, "step"), "put") == 0 && take_file(step))
            return CLI_FAILED;
    }
    return 0;
}

static int check_members(const char *file, const json_t *order)
{
    static const char *const known[] = {"steps", "machines", "finish", "boot_order", "confirm"};
    const char *key;
    json_t *value;

    if (!json_is_object(order))
        return cli_fail(CLI_USAGE, "%s is no mapping with \"steps\"", file);
    json_object_foreach((json_t *)order, key, value)
    {
        bool good = false;

        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            good = good || strcmp(known[i], key) == 0;
        if (!good)
            return cli_fail(CLI_USAGE, "%s: \"%.60s\" is none of steps, machines, finish, boot_order, confirm", file,
                            key);
    }
    return 0;
}

int cli_submit(const struct cli *c, const char *file, int count, char **machines)
{
    json_t *order = cli_yaml(file), *names = json_array();
    int rc = order ? check_members(file, order) : CLI_USAGE;

    for (int i = 0; i < count; i++)
        json_array_append_new(names, json_string(machines[i]));
    if (rc == 0)
        rc = take_files(order);
    if (rc == 0) {
        if (count > 0)
            json_object_set(order, "machines", names);
        cli_add_ending(c, order);
        rc = cli_order(c, order);
    } else {
        json_decref(order);
    }
    json_decref(names);
    return rc;
}
