/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Output as JSON and as text by the same calls, so that each printer is written once. A printer
 * puts items; each member of an item has its JSON key, from which the text's column heading is made
 * ("max_vports" is headed MAX-VPORTS).
 *
 *   a list   JSON: one array, one object an item   text: a table, widths fitted to what is in it
 *   an event JSON: one object on a line            text: one line, "[add] vport vm1 id 3 ..."
 *
 * Strings come from users and guests: control characters and malformed UTF-8 are escaped in text
 * and replaced in JSON, so that they can neither steer a terminal nor break a parser.
 *
 * Failures (memory, a full disk) are kept and told by out_finish(). One thread.
 */
#ifndef XVSW_CLI_OUT_H
#define XVSW_CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct out;

/* Where a member is shown. */
#define OUT_JSON 0x1
#define OUT_TEXT 0x2
#define OUT_BOTH (OUT_JSON | OUT_TEXT)
/* An empty string or a zero is "not applicable": no key in JSON, "-" in a table. */
#define OUT_OPT 0x4

/* @pretty: JSON over several lines, indented. NULL: no memory. @f stays the caller's. */
struct out *out_new(FILE *f, bool json, bool pretty);
void out_free(struct out *o);
/* Flush; 0, or the first failure since out_new() as -errno. */
int out_finish(struct out *o);

/* All items between are one array or table. An empty list is "[]", or no text at all. */
void out_list_begin(struct out *o);
void out_list_end(struct out *o);
void out_item_begin(struct out *o);
void out_item_end(struct out *o);

/* An item outside a list, written and flushed at once. @object may be NULL. */
void out_event_begin(struct out *o, const char *event, const char *object);
void out_event_end(struct out *o);

/*
 * Members of an item. In text every item of a list must put the same members in the same order.
 * @key: static, lower case with underscores. @where: OUT_*.
 */
void out_str(struct out *o, const char *key, unsigned int where, const char *value);
void out_num(struct out *o, const char *key, unsigned int where, uint64_t value);
void out_bool(struct out *o, const char *key, unsigned int where, bool value);
/* Text only: "key: value" on a line of its own below the item's row; nothing for "". */
void out_note(struct out *o, const char *key, const char *value);

/* An object inside an item (text: its members are columns like any other). */
void out_obj_begin(struct out *o, const char *key);
void out_obj_end(struct out *o);
/* An array of objects (out_obj_begin() with a NULL key) inside an item. JSON only, whole. */
void out_arr_begin(struct out *o, const char *key);
void out_arr_end(struct out *o);

/*
 * Write @s with control characters and malformed UTF-8 as \xNN, at most @max bytes of @s (then
 * "..."). A backslash stays one: what was escaped may pass through here again.
 */
void out_escape(FILE *f, const char *s, size_t max);

#endif
