/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Log lines of the daemon and its parts, to stderr. When stderr is the journal each line carries a
 * syslog priority prefix. Each line is one write, without a final newline in the format.
 */
#ifndef XVSW_BASE_LOG_H
#define XVSW_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Lines above @level are dropped; info at the start. */
void log_set_level(enum log_level level);
/* "error", "warn", "info", "debug". Errors: EINVAL. */
int log_level_parse(const char *word, enum log_level *out);
/* For a caller whose arguments are dear to compute. */
bool log_enabled(enum log_level level);

/* Keeps errno. Lines longer than 1,000 bytes are cut. */
void log_write(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_write(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
