// SPDX-License-Identifier: GPL-2.0-only
/*
 * A table is kept as one growing buffer of strings, since a switch may have 65,536 filters: for
 * each row its cells, then its notes (lines, often none), each with a closing zero.
 */
#include "cli/text.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/out.h"

struct column {
	const char *key;
	size_t width; /* bytes: what may be wider than its bytes is in notes */
	bool right;
};

struct text_table {
	char *buf;
	size_t size;
	FILE *mem; /* writes into buf */
	struct column columns[TEXT_COLUMNS_MAX];
	unsigned int n_columns;
	size_t n_rows;
	unsigned int n_cells; /* of the row under construction */
	bool noted;	      /* it has a note: no cell may follow */
};

struct text_table *text_table_new(void)
{
	struct text_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->mem = open_memstream(&t->buf, &t->size);
	if (!t->mem) {
		free(t);
		return NULL;
	}
	return t;
}

void text_table_free(struct text_table *t)
{
	if (!t)
		return;
	if (t->mem)
		fclose(t->mem);
	free(t->buf);
	free(t);
}

/* The row before is complete: its notes end here. */
static void end_row(struct text_table *t)
{
	if (!t->n_rows)
		return;
	assert(t->n_cells == t->n_columns);
	fputc(0, t->mem);
}

void text_table_row(struct text_table *t)
{
	if (!t)
		return;
	end_row(t);
	t->n_rows++;
	t->n_cells = 0;
	t->noted = false;
}

void text_table_cell(struct text_table *t, const char *key, const char *value, bool right)
{
	struct column *col;
	long before, after;

	if (!t)
		return;
	assert(t->n_cells < TEXT_COLUMNS_MAX && !t->noted);
	col = &t->columns[t->n_cells++];
	if (t->n_rows == 1) {
		*col = (struct column){ .key = key,
					.width = text_heading_width(key),
					.right = right };
		t->n_columns = t->n_cells;
	}
	assert(strcmp(col->key, key) == 0);
	before = ftell(t->mem);
	out_escape(t->mem, *value ? value : "-", SIZE_MAX);
	after = ftell(t->mem);
	fputc(0, t->mem);
	if (before >= 0 && (size_t)(after - before) > col->width)
		col->width = (size_t)(after - before);
}

void text_table_note(struct text_table *t, const char *key, const char *value)
{
	if (!t)
		return;
	t->noted = true;
	fprintf(t->mem, "    %s: ", key);
	out_escape(t->mem, value, SIZE_MAX);
	fputc('\n', t->mem);
}

/* Six counters and the rest of a VPort stand in 100 columns only with short headings. */
static const char *shorten(const char *key)
{
	static const struct {
		const char *key, *heading;
	} shorts[] = {
		{ "rx_packets", "rx_pkts" },
		{ "tx_packets", "tx_pkts" },
		{ "rx_dropped", "rx_drop" },
		{ "tx_dropped", "tx_drop" },
	};
	size_t i;

	for (i = 0; i < sizeof(shorts) / sizeof(shorts[0]); i++)
		if (strcmp(shorts[i].key, key) == 0)
			return shorts[i].heading;
	return key;
}

size_t text_heading_width(const char *key)
{
	return strlen(shorten(key));
}

void text_heading(FILE *f, const char *key, bool upper)
{
	key = shorten(key);
	for (; *key; key++)
		fputc(*key == '_' ? '-' : upper ? toupper((unsigned char)*key) : *key, f);
}

static void print_padding(FILE *f, size_t n)
{
	fprintf(f, "%*s", (int)n, "");
}

static void print_headings(const struct text_table *t, FILE *f)
{
	const struct column *col;
	unsigned int i;
	size_t pad;

	for (i = 0; i < t->n_columns; i++) {
		col = &t->columns[i];
		pad = col->width - text_heading_width(col->key);
		if (i)
			fputs("  ", f);
		if (col->right)
			print_padding(f, pad);
		text_heading(f, col->key, true);
		if (!col->right && i + 1 < t->n_columns) /* no blanks at the line's end */
			print_padding(f, pad);
	}
	fputc('\n', f);
}

/* Returns the end of what it printed of @p. */
static const char *print_row(const struct text_table *t, FILE *f, const char *p)
{
	const struct column *col;
	unsigned int i;
	size_t pad;

	for (i = 0; i < t->n_columns; i++, p += strlen(p) + 1) {
		col = &t->columns[i];
		pad = col->width - strlen(p);
		if (i)
			fputs("  ", f);
		if (col->right)
			print_padding(f, pad);
		fputs(p, f);
		if (!col->right && i + 1 < t->n_columns)
			print_padding(f, pad);
	}
	fputc('\n', f);
	fputs(p, f);
	return p + strlen(p) + 1;
}

int text_table_print(struct text_table *t, FILE *f)
{
	const char *p;
	bool lost;
	size_t i;

	if (!t)
		return 0;
	end_row(t);
	lost = ferror(t->mem) != 0;
	if (fclose(t->mem))
		lost = true;
	t->mem = NULL;
	if (lost)
		return -ENOMEM;
	if (t->n_rows)
		print_headings(t, f);
	for (p = t->buf, i = 0; i < t->n_rows; i++)
		p = print_row(t, f, p);
	return 0;
}
