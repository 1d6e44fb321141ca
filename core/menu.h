/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prompt and menu of PXE 2.1 (option 43 tags 9 and 10) as a machine: keys and time in, what to draw out. */
#ifndef SLIPWAY_CORE_MENU_H
#define SLIPWAY_CORE_MENU_H

#include "core/base.h"
#include "core/text.h"

#define MENU_ITEMS 84 /* the most that 255 bytes of tag 9 can hold */

enum menu_key { MENU_KEY_NONE, MENU_KEY_UP, MENU_KEY_DOWN, MENU_KEY_PAGE_UP, MENU_KEY_PAGE_DOWN, MENU_KEY_HOME,
                MENU_KEY_END, MENU_KEY_ENTER, MENU_KEY_ESCAPE, MENU_KEY_F8, MENU_KEY_CHARACTER };

enum menu_mode {
    MENU_PROMPT, /* "Press F8 ..." with a countdown */
    MENU_LIST,   /* the list is open */
    MENU_CHOSEN, /* .selected is the answer */
};

struct menu_item {
    uint16_t type;             /* boot server type; 0 = local boot */
    uint8_t description_size;
    const uint8_t *description; /* untrusted; points into the packet that the caller keeps */
};

struct menu {
    enum menu_mode mode;
    struct menu_item items[MENU_ITEMS];
    unsigned count, selected, first_shown;
    const uint8_t *prompt;     /* untrusted */
    size_t prompt_size;
    uint64_t deadline_ms;      /* MENU_PROMPT: when the first item is taken; UINT64_MAX: never */
    uint64_t wake_ms;          /* when the countdown on the screen changes */
};

/* How much of the list a screen shows at once. */
#define MENU_ROWS 16

/* Reads option 43's tag 9 (`menu`) and tag 10 (`prompt`, may be NULL) and decides how to begin: timeout 0 chooses the
 * first item at once, 255 opens the list without a countdown, anything else prompts. A missing tag 10 counts as 0, as
 * in EDK2: machines without a keyboard must not wait for ever. Returns false when tag 9 is malformed or empty
 * (PXE-E74). The bytes must outlive the menu. */
bool menu_init(struct menu *m, const uint8_t *menu, size_t menu_size, const uint8_t *prompt, size_t prompt_size,
               uint64_t now_ms);

/* Both return true when the screen changed. */
bool menu_on_key(struct menu *m, enum menu_key key, char character, uint64_t now_ms);
bool menu_on_timer(struct menu *m, uint64_t now_ms);

/* Lines on the screen now, and the text of line `line`; *ret_highlight tells whether it is the selected item. */
unsigned menu_line_count(const struct menu *m);
void menu_line(const struct menu *m, unsigned line, uint64_t now_ms, struct text *t, bool *ret_highlight);

#endif
