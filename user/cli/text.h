/* SPDX-License-Identifier: GPL-2.0-only */
/* Text tables for out.c: columns as wide as what is in them, notes below rows. */
#ifndef XVSW_CLI_TEXT_H
#define XVSW_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define TEXT_COLUMNS_MAX 16

struct text_table;

/* NULL: no memory. All functions accept a NULL table and do nothing. */
struct text_table *text_table_new(void);
void text_table_free(struct text_table *t);
void text_table_row(struct text_table *t);
/*
 * Next cell of the row. @key: static; the first row's keys are the headings. @value: "" is shown
 * as "-". @right: flush right.
 */
void text_table_cell(struct text_table *t, const char *key, const char *value, bool right);
/* A line of its own below the row. */
void text_table_note(struct text_table *t, const char *key, const char *value);
/* 0, or -ENOMEM when a row was lost. An empty table prints nothing. */
int text_table_print(struct text_table *t, FILE *f);

/* Write @key with '-' for '_', long words shortened ("rx-pkts"), @upper: in capitals. */
void text_heading(FILE *f, const char *key, bool upper);
/* How many columns that takes. */
size_t text_heading_width(const char *key);

#endif
