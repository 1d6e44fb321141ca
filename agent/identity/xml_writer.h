/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes XML: what stands between tags and in attributes is always escaped. */
#ifndef SLIPWAY_AGENT_XML_WRITER_H
#define SLIPWAY_AGENT_XML_WRITER_H

#include <stdbool.h>

#include "agent/base/buffer.h"

#define XML_DEPTH 16

struct xml_writer {
    struct buffer text; /* the document so far; the caller's to free */
    const char *open[XML_DEPTH];
    unsigned depth;
    bool failed; /* out of memory, or a value that XML 1.0 cannot hold */
};

/* Zeros, then this: the declaration. */
void xml_begin(struct xml_writer *x);

/* Names and attributes ("name", "value", ..., NULL) are the caller's own words and live until xml_close. */
void xml_open(struct xml_writer *x, const char *name, ...) __attribute__((sentinel));
void xml_close(struct xml_writer *x);

/* An element with a value, one line of UTF-8: a control character in it fails the document. */
void xml_value(struct xml_writer *x, const char *name, const char *value);

/* The same with attributes. */
void xml_value_with(struct xml_writer *x, const char *name, const char *value, ...) __attribute__((sentinel));

/* Closes what is open. Returns whether the document is whole. */
bool xml_end(struct xml_writer *x);

#endif
