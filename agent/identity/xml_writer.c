/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "agent/identity/xml_writer.h"

#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#define END "\r\n" /* what reads these files is Windows */

static void put(struct xml_writer *x, const char *text)
{
    if (!buffer_append(&x->text, text, strlen(text)))
        x->failed = true;
}

static void put_indent(struct xml_writer *x)
{
    for (unsigned i = 0; i < x->depth; i++)
        put(x, "  ");
}

static void put_escaped(struct xml_writer *x, const char *text)
{
    for (; *text; text++) {
        const char byte[2] = {*text, '\0'};
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            x->failed = true;
        put(x, *text == '&'    ? "&amp;"
               : *text == '<'  ? "&lt;"
               : *text == '>'  ? "&gt;"
               : *text == '"'  ? "&quot;"
               : *text == '\'' ? "&apos;"
                               : byte);
    }
}

static void put_tag(struct xml_writer *x, const char *name, va_list attributes)
{
    const char *key;

    put_indent(x);
    put(x, "<");
    put(x, name);
    while ((key = va_arg(attributes, const char *))) {
        put(x, " ");
        put(x, key);
        put(x, "=\"");
        put_escaped(x, va_arg(attributes, const char *));
        put(x, "\"");
    }
    put(x, ">");
}

static void put_end(struct xml_writer *x, const char *name)
{
    put(x, "</");
    put(x, name);
    put(x, ">" END);
}

void xml_begin(struct xml_writer *x)
{
    put(x, "<?xml version=\"1.0\" encoding=\"utf-8\"?>" END);
}

void xml_open(struct xml_writer *x, const char *name, ...)
{
    va_list attributes;

    if (x->depth == XML_DEPTH) {
        x->failed = true;
        return;
    }
    va_start(attributes, name);
    put_tag(x, name, attributes);
    va_end(attributes);
    put(x, END);
    x->open[x->depth++] = name;
}

void xml_close(struct xml_writer *x)
{
    if (x->depth == 0) {
        x->failed = true;
        return;
    }
    x->depth--;
    put_indent(x);
    put_end(x, x->open[x->depth]);
}

void xml_value_with(struct xml_writer *x, const char *name, const char *value, ...)
{
    va_list attributes;

    va_start(attributes, value);
    put_tag(x, name, attributes);
    va_end(attributes);
    put_escaped(x, value);
    put_end(x, name);
}

void xml_value(struct xml_writer *x, const char *name, const char *value)
{
    xml_value_with(x, name, value, NULL);
}

bool xml_end(struct xml_writer *x)
{
    while (x->depth)
        xml_close(x);
    return !x->failed;
}
