/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/menu_view.h"

/* Four bytes for each of 200 columns. */
#define LINE_MAX 800

/* The prompt stays as the server worded it; the countdown in the last line changes. */
static void draw_prompt(struct menu_view *v, const struct menu *m, const struct console *out)
{
    unsigned count = menu_line_count(m);

    for (unsigned i = v->prompted ? count - 1 : 0; i < count; i++) {
        char line[LINE_MAX];
        struct text t;
        bool highlight;

        text_init(&t, line, sizeof(line));
        menu_line(m, i, out->clock_ms(), &t, &highlight);
        (i + 1 < count ? out->finish : out->update)(line);
    }
    v->prompted = true;
}

static void draw_list(struct menu_view *v, const struct menu *m, const struct console *out)
{
    unsigned count = menu_line_count(m);

    if (v->painted != count)
        out->clear();
    v->painted = count;
    for (unsigned i = 0; i < count; i++) {
        char line[LINE_MAX];
        struct text t;
        bool highlight;

        text_init(&t, line, sizeof(line));
        menu_line(m, i, out->clock_ms(), &t, &highlight);
        out->row(i, line, highlight);
    }
}

void menu_view_draw(struct menu_view *v, const struct menu *m, const struct console *out)
{
    if (m->mode == MENU_LIST)
        draw_list(v, m, out);
    else if (m->mode == MENU_PROMPT)
        draw_prompt(v, m, out);
}

void menu_view_end(struct menu_view *v, const struct console *out)
{
    if (v->painted)
        out->clear();
    v->painted = 0;
}
