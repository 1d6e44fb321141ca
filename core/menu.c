/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/menu.h"
#include "core/cursor.h"

#define WAIT_FOR_EVER 255
#define DEFAULT_PROMPT "Press F8 or M for the boot menu"

static bool menu_read_items(struct menu *m, const uint8_t *bytes, size_t size)
{
    struct cursor c;

    cursor_init(&c, bytes, size);
    while (cursor_left(&c) > 0 && m->count < MENU_ITEMS) {
        struct menu_item *item = &m->items[m->count];

        item->type = cursor_u16(&c);
        item->description_size = cursor_u8(&c);
        item->description = cursor_bytes(&c, item->description_size);
        if (c.failed)
            return false;
        m->count++;
    }
    return m->count > 0 && cursor_left(&c) == 0;
}

static void menu_open(struct menu *m)
{
    m->mode = MENU_LIST;
    m->deadline_ms = UINT64_MAX;
    m->wake_ms = UINT64_MAX;
}

static void menu_choose(struct menu *m, unsigned item)
{
    m->mode = MENU_CHOSEN;
    m->selected = item;
    m->deadline_ms = UINT64_MAX;
    m->wake_ms = UINT64_MAX;
}

/* Rounded up. In 32 bits, as tag 10 counts in one byte: a 64-bit division would need the compiler's library. */
static unsigned seconds_left(const struct menu *m, uint64_t now_ms)
{
    return now_ms >= m->deadline_ms ? 0 : ((uint32_t)(m->deadline_ms - now_ms) + 999) / 1000;
}

/* When the number of seconds on the screen changes. */
static void menu_set_wake(struct menu *m, uint64_t now_ms)
{
    unsigned left = seconds_left(m, now_ms);

    m->wake_ms = left == 0 ? now_ms : m->deadline_ms - (uint64_t)(left - 1) * 1000;
}

bool menu_init(struct menu *m, const uint8_t *menu, size_t menu_size, const uint8_t *prompt, size_t prompt_size,
               uint64_t now_ms)
{
    unsigned timeout = prompt && prompt_size > 0 ? prompt[0] : 0;

    memset(m, 0, sizeof(*m));
    if (!menu_read_items(m, menu, menu_size))
        return false;
    if (prompt && prompt_size > 1) {
        m->prompt = prompt + 1;
        m->prompt_size = prompt_size - 1;
    }
    if (timeout == 0) {
        menu_choose(m, 0);
    } else if (timeout == WAIT_FOR_EVER) {
        menu_open(m);
    } else {
        m->mode = MENU_PROMPT;
        m->deadline_ms = now_ms + timeout * 1000u;
        menu_set_wake(m, now_ms);
    }
    return true;
}

static bool prompt_on_key(struct menu *m, enum menu_key key, char character)
{
    if (key == MENU_KEY_F8 || (key == MENU_KEY_CHARACTER && (character == 'm' || character == 'M'))) {
        menu_open(m);
        return true;
    }
    if (key == MENU_KEY_ENTER) {
        menu_choose(m, 0);
        return true;
    }
    return false;
}

/* Selects `item` and scrolls so that it is on the screen. */
static bool list_select(struct menu *m, unsigned item)
{
    bool changed = item != m->selected;

    m->selected = item;
    if (item < m->first_shown)
        m->first_shown = item;
    else if (item >= m->first_shown + MENU_ROWS)
        m->first_shown = item - MENU_ROWS + 1;
    return changed;
}

static bool list_on_character(struct menu *m, char character)
{
    if (character < '1' || character > '9' || (unsigned)(character - '1') >= m->count)
        return false;
    menu_choose(m, (unsigned)(character - '1'));
    return true;
}

static bool list_on_key(struct menu *m, enum menu_key key, char character)
{
    unsigned last = m->count - 1, at = m->selected;

    switch (key) {
    case MENU_KEY_UP:
        return list_select(m, at > 0 ? at - 1 : 0);
    case MENU_KEY_DOWN:
        return list_select(m, at < last ? at + 1 : last);
    case MENU_KEY_PAGE_UP:
        return list_select(m, at > MENU_ROWS ? at - MENU_ROWS : 0);
    case MENU_KEY_PAGE_DOWN:
        return list_select(m, last - at > MENU_ROWS ? at + MENU_ROWS : last);
    case MENU_KEY_HOME:
        return list_select(m, 0);
    case MENU_KEY_END:
        return list_select(m, last);
    case MENU_KEY_ENTER:
        menu_choose(m, at);
        return true;
    case MENU_KEY_CHARACTER:
        return list_on_character(m, character);
    default:
        return false;
    }
}

bool menu_on_key(struct menu *m, enum menu_key key, char character, uint64_t now_ms)
{
    (void)now_ms; /* keys do not restart the countdown: they end it */
    if (m->mode == MENU_PROMPT)
        return prompt_on_key(m, key, character);
    return m->mode == MENU_LIST && list_on_key(m, key, character);
}

bool menu_on_timer(struct menu *m, uint64_t now_ms)
{
    if (m->mode != MENU_PROMPT || now_ms < m->wake_ms)
        return false;
    if (now_ms >= m->deadline_ms)
        menu_choose(m, 0);
    else
        menu_set_wake(m, now_ms);
    return true;
}

static unsigned rows_shown(const struct menu *m)
{
    return m->count < MENU_ROWS ? m->count : MENU_ROWS;
}

unsigned menu_line_count(const struct menu *m)
{
    if (m->mode == MENU_PROMPT)
        return 2;
    return m->mode == MENU_LIST ? 3 + rows_shown(m) : 0; /* a heading, and a foot after an empty line */
}

static void item_text(const struct menu_item *item, struct text *t)
{
    if (item->description_size > 0) {
        text_untrusted(t, item->description, item->description_size);
    } else {
        text_string(t, "(no description, type ");
        text_unsigned(t, item->type);
        text_char(t, ')');
    }
}

/* What follows the first item on its line must stay on an 80-column screen. */
static void short_item_text(const struct menu_item *item, struct text *t)
{
    char buf[27];
    struct text s;

    text_init(&s, buf, sizeof(buf));
    item_text(item, &s);
    text_string(t, buf);
    if (s.cut)
        text_string(t, "...");
}

static void prompt_line(const struct menu *m, unsigned line, uint64_t now_ms, struct text *t)
{
    if (line == 0 && m->prompt) {
        text_untrusted(t, m->prompt, m->prompt_size);
    } else if (line == 0) {
        text_string(t, DEFAULT_PROMPT);
    } else {
        text_string(t, "In ");
        text_unsigned(t, seconds_left(m, now_ms));
        text_string(t, " s: ");
        short_item_text(&m->items[0], t);
        text_string(t, "   (F8/M: menu, Enter: now, Esc: cancel)");
    }
}

static void row_line(const struct menu *m, unsigned item, struct text *t)
{
    if (item < 9) {
        text_unsigned(t, item + 1);
        text_string(t, "  ");
    } else {
        text_string(t, "   ");
    }
    item_text(&m->items[item], t);
}

static void foot_line(const struct menu *m, struct text *t)
{
    text_string(t, "Item ");
    text_unsigned(t, m->selected + 1);
    text_string(t, " of ");
    text_unsigned(t, m->count);
    text_string(t, "   (arrows, then Enter; 1-9: at once; Esc: cancel)");
}

void menu_line(const struct menu *m, unsigned line, uint64_t now_ms, struct text *t, bool *ret_highlight)
{
    unsigned item = m->first_shown + line - 1;

    *ret_highlight = false;
    if (line >= menu_line_count(m))
        return;
    if (m->mode == MENU_PROMPT) {
        prompt_line(m, line, now_ms, t);
    } else if (line == 0) {
        text_string(t, "Boot menu");
    } else if (line > rows_shown(m) + 1) {
        foot_line(m, t);
    } else if (line <= rows_shown(m)) {
        *ret_highlight = item == m->selected;
        row_line(m, item, t);
    }
}
