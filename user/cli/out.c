// SPDX-License-Identifier: GPL-2.0-only
#include "cli/out.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "cli/text.h"
#include "cli/utf8.h"

#define DEPTH_MAX 6
#define JSON_FLAGS JSON_C_TO_STRING_NOSLASHESCAPE

struct out {
	FILE *f;
	bool json, pretty;
	bool in_list, in_event;
	int error;	      /* the first one, -errno */
	unsigned int n_items; /* of this list */
	/* JSON: the item under construction and what is open in it. */
	struct json_object *stack[DEPTH_MAX];
	unsigned int depth;
	/* Text. */
	struct text_table *table;
	unsigned int muted; /* inside an array: JSON only */
};

static void keep_error(struct out *o, int error)
{
	if (error < 0 && !o->error)
		o->error = error;
}

struct out *out_new(FILE *f, bool json, bool pretty)
{
	struct out *o = calloc(1, sizeof(*o));

	if (!o)
		return NULL;
	o->f = f;
	o->json = json;
	o->pretty = pretty;
	return o;
}

void out_free(struct out *o)
{
	if (!o)
		return;
	if (o->depth)
		json_object_put(o->stack[0]);
	text_table_free(o->table);
	free(o);
}

int out_finish(struct out *o)
{
	/* fflush() says why; ferror() also knows of an earlier failure, whose errno is gone. */
	if (fflush(o->f))
		keep_error(o, -errno);
	else if (ferror(o->f))
		keep_error(o, -EIO);
	return o->error;
}

/* ---- JSON ---- */

static void json_open(struct out *o, const char *key, struct json_object *obj)
{
	struct json_object *in = o->depth ? o->stack[o->depth - 1] : NULL;

	assert(o->depth < DEPTH_MAX);
	if (!obj) {
		keep_error(o, -ENOMEM);
		/* Keeps the stack balanced; json-c takes NULL for null everywhere. */
	}
	if (in && json_object_is_type(in, json_type_array))
		json_object_array_add(in, obj);
	else if (in)
		json_object_object_add(in, key, obj);
	o->stack[o->depth++] = obj;
}

static void json_put(struct out *o, const char *key, struct json_object *value)
{
	struct json_object *in = o->stack[o->depth - 1];

	if (!value || !in || json_object_object_add(in, key, value)) {
		json_object_put(value);
		keep_error(o, -ENOMEM);
	}
}

/* @s with every malformed byte replaced by U+FFFD: JSON is UTF-8 or no JSON. */
static struct json_object *json_string(const char *s)
{
	struct json_object *obj;
	bool printable;
	char *buf, *p;
	size_t n;

	buf = malloc(strlen(s) * 3 + 1);
	if (!buf)
		return NULL;
	for (p = buf; *s; s += n ? n : 1) {
		n = utf8_next(s, &printable);
		p = n ? mempcpy(p, s, n) : mempcpy(p, "\xef\xbf\xbd", 3);
	}
	*p = 0;
	obj = json_object_new_string(buf);
	free(buf);
	return obj;
}

/* A pretty item inside the list's array: one level deeper. Newlines in strings are escaped. */
static void json_write_indented(FILE *f, const char *s)
{
	for (; *s; s++) {
		fputc(*s, f);
		if (*s == '\n')
			fputs("  ", f);
	}
}

static void json_write(struct out *o)
{
	int flags = JSON_FLAGS | (o->pretty ? JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED
					    : JSON_C_TO_STRING_PLAIN);
	const char *s;

	/* An event stays on one line, whatever -p says: its readers read line by line. */
	if (o->in_event)
		flags = JSON_FLAGS | JSON_C_TO_STRING_PLAIN;
	s = json_object_to_json_string_ext(o->stack[0], flags);
	if (!s) {
		keep_error(o, -ENOMEM);
	} else if (!o->in_list) {
		fputs(s, o->f);
	} else {
		fputs(o->n_items ? "," : "[", o->f);
		if (o->pretty) {
			fputs("\n  ", o->f);
			json_write_indented(o->f, s);
		} else {
			fputs(s, o->f);
		}
	}
	json_object_put(o->stack[0]);
	o->depth = 0;
}

/* ---- lists, items, events ---- */

void out_list_begin(struct out *o)
{
	assert(!o->in_list && !o->in_event);
	o->in_list = true;
	o->n_items = 0;
	if (o->json)
		return;
	o->table = text_table_new();
	if (!o->table)
		keep_error(o, -ENOMEM);
}

void out_list_end(struct out *o)
{
	assert(o->in_list && !o->depth);
	o->in_list = false;
	if (o->json) {
		if (!o->n_items)
			fputs("[", o->f);
		fputs(o->pretty && o->n_items ? "\n]\n" : "]\n", o->f);
		return;
	}
	keep_error(o, text_table_print(o->table, o->f));
	text_table_free(o->table);
	o->table = NULL;
}

void out_item_begin(struct out *o)
{
	assert(o->in_list);
	if (o->json)
		json_open(o, NULL, json_object_new_object());
	else
		text_table_row(o->table);
}

void out_item_end(struct out *o)
{
	assert(!o->muted);
	if (o->json)
		json_write(o);
	o->n_items++;
}

void out_event_begin(struct out *o, const char *event, const char *object)
{
	assert(!o->in_list && !o->in_event);
	o->in_event = true;
	if (!o->json) {
		fprintf(o->f, "[%s]", event);
		if (object)
			fprintf(o->f, " %s", object);
		return;
	}
	json_open(o, NULL, json_object_new_object());
	out_str(o, "event", OUT_JSON, event);
	if (object)
		out_str(o, "object", OUT_JSON, object);
}

void out_event_end(struct out *o)
{
	assert(o->in_event);
	if (o->json)
		json_write(o);
	fputc('\n', o->f);
	o->in_event = false;
	out_finish(o);
}

/* ---- members ---- */

static void text_put(struct out *o, const char *key, const char *value, bool right)
{
	if (o->muted)
		return;
	if (o->in_list) {
		text_table_cell(o->table, key, value, right);
	} else if (*value) {
		fputc(' ', o->f);
		if (strcmp(key, "name")) /* the object's word stands before it already */
			text_heading(o->f, key, false), fputc(' ', o->f);
		out_escape(o->f, value, SIZE_MAX);
	}
}

void out_str(struct out *o, const char *key, unsigned int where, const char *value)
{
	bool absent = (where & OUT_OPT) && !*value;

	if (o->json && (where & OUT_JSON) && !absent)
		json_put(o, key, json_string(value));
	else if (!o->json && (where & OUT_TEXT))
		text_put(o, key, value, false);
}

void out_num(struct out *o, const char *key, unsigned int where, uint64_t value)
{
	bool absent = (where & OUT_OPT) && !value;
	char text[24] = "";

	if (o->json && (where & OUT_JSON) && !absent) {
		json_put(o, key, json_object_new_uint64(value));
	} else if (!o->json && (where & OUT_TEXT)) {
		if (!absent)
			snprintf(text, sizeof(text), "%" PRIu64, value);
		text_put(o, key, text, true);
	}
}

void out_bool(struct out *o, const char *key, unsigned int where, bool value)
{
	if (o->json && (where & OUT_JSON))
		json_put(o, key, json_object_new_boolean(value));
	else if (!o->json && (where & OUT_TEXT))
		text_put(o, key, value ? "on" : "off", false);
}

void out_note(struct out *o, const char *key, const char *value)
{
	if (o->json || o->muted || !*value)
		return;
	if (o->in_list) {
		text_table_note(o->table, key, value);
		return;
	}
	fprintf(o->f, " %s \"", key);
	out_escape(o->f, value, SIZE_MAX);
	fputc('"', o->f);
}

void out_obj_begin(struct out *o, const char *key)
{
	if (o->json)
		json_open(o, key, json_object_new_object());
}

void out_obj_end(struct out *o)
{
	if (o->json)
		o->depth--;
}

void out_arr_begin(struct out *o, const char *key)
{
	if (o->json)
		json_open(o, key, json_object_new_array());
	else
		o->muted++;
}

void out_arr_end(struct out *o)
{
	if (o->json)
		o->depth--;
	else
		o->muted--;
}

void out_escape(FILE *f, const char *s, size_t max)
{
	size_t n, done = 0;
	bool printable;

	for (; *s; s += n, done += n) {
		n = utf8_next(s, &printable);
		if (done + (n ? n : 1) > max) {
			fputs("...", f);
			return;
		}
		if (n && printable) {
			fwrite(s, 1, n, f);
			continue;
		}
		if (!n)
			n = 1;
		for (size_t i = 0; i < n; i++)
			fprintf(f, "\\x%02x", (unsigned char)s[i]);
	}
}
