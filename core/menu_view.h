/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prompt and menu on a console. The prompt is written where the screen is, and its countdown over itself; the list has
 * the screen for itself. */
#ifndef SLIPWAY_CORE_MENU_VIEW_H
#define SLIPWAY_CORE_MENU_VIEW_H

#include "core/console.h"

/* All zero: nothing is drawn yet. */
struct menu_view {
    bool prompted;    /* the prompt stands there; its last line changes */
    unsigned painted; /* lines of the list on the screen */
};

/* Draws `m` as it is now. A menu whose item is chosen is not drawn. */
void menu_view_draw(struct menu_view *v, const struct menu *m, const struct console *out);

/* The menu is over: a list goes, so that ordinary lines begin at the top of the screen. */
void menu_view_end(struct menu_view *v, const struct console *out);

#endif
