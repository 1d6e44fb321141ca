/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/net/http_error.h"

#include <jansson.h>
#include <string.h>

#include "core/text.h"

static void copy_printable(char *to, size_t size, const char *from)
{
    struct text t;

    text_init(&t, to, size);
    text_untrusted(&t, from, strlen(from));
}

void http_error_parse(int status, const char *base, const struct buffer *body, struct failure *f)
{
    json_t *root = body->size ? json_loadb((const char *)body->data, body->size, 0, NULL) : NULL;
    const char *code = NULL, *message = NULL;

    if (root && json_unpack(root, "{s:{s:s, s:s}}", "error", "code", &code, "message", &message) == 0) {
        copy_printable(f->reason, sizeof(f->reason), code);
        copy_printable(f->message, sizeof(f->message), message);
    } else {
        fail(f, "server", "server %s answered with HTTP status %d", base, status);
    }
    json_decref(root);
}
