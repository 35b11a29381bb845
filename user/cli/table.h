/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commands as data: one table parses a command line (parse.c) and makes its help, its
 * completion and its part of xvsw(8) (help.c, complete.c, man.c). To add an argument, add a row.
 *
 * A command line is OBJECT [COMMAND] [ARGUMENT]...; without a command it is `show`. An argument
 * with a word is `WORD VALUE`, in any order; the one without a word, always the first of its
 * command, is a bare value. Two rows of one object and name are two forms of one command: the form
 * whose first argument's word comes first is taken, else the one that begins with a bare value.
 */
#ifndef XVSW_CLI_TABLE_H
#define XVSW_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "proto/proto.h"

/* Exit status of the tool. */
enum cli_exit { CLI_DONE, CLI_REFUSED, CLI_USAGE, CLI_NO_DAEMON, CLI_NOT_PERMITTED };

/*
 * Ranges of values. The numbers of maps/limits.h, which the tool may not include: the unit test
 * asserts that they are the same.
 */
#define CLI_ID_MIN 1 /* of a VPort; 0 is the default one's */
#define CLI_ID_MAX 4094
#define CLI_VPORTS_MIN 1
#define CLI_VPORTS_MAX 4095
#define CLI_VFS_MAX 256
#define CLI_VID_MIN 1
#define CLI_VID_MAX 4094
#define CLI_MTU_MIN 68
#define CLI_MTU_MAX 9216
#define CLI_QUEUES_MAX 64
/* Numbers of CPUs and hardware queues: what a Linux of today can have. */
#define CLI_CPU_MAX 8191
#define CLI_QUEUE_MAX 65535

enum cli_type {
	CLI_END = 0, /* closes a list of arguments */
	CLI_FLAG,    /* no value: the word is all; `min` is or-ed into the member */
	CLI_NAME,    /* name of a switch or of a VPort to be made */
	CLI_VPORT,   /* a VPort that exists: NAME, SW/default or default */
	CLI_IFNAME,
	CLI_NETNS, /* a name under /run/netns, or an absolute path */
	CLI_TEXT,
	CLI_U32,  /* `min` to `max` */
	CLI_VID,  /* the same, into 16 bits */
	CLI_MAC,  /* vport: appended to macs; filter: the one */
	CLI_WORD, /* one of word_name(0...) */
	CLI_ONOFF,
	CLI_USER,   /* login name or uid */
	CLI_VLAN,   /* untagged | access VID | trunk LIST [native VID] */
	CLI_CPUS,   /* CPU list */
	CLI_QUEUES, /* N[-M] */
	CLI_VF,	    /* auto | N */
};

#define CLI_REQUIRED 0x1
#define CLI_REPEAT 0x2
#define CLI_KIND 0x4 /* this word chooses the VPort's kind */

struct cli_arg {
	const char *word; /* NULL: a bare value */
	const char *meta; /* how help calls the value: MAC; NULL: made from the type */
	const char *help; /* a sentence without its full stop */
	enum cli_type type;
	unsigned int flags;
	enum xattr attr; /* its bit is set in the request; XATTR_NONE: none */
	uint32_t min, max;
	size_t offset, size;			      /* member of struct proto_req */
	const char *(*word_name)(unsigned int value); /* CLI_WORD */
	enum xkind kind;			      /* CLI_KIND */
	uint32_t kinds; /* only with these kinds (bits 1 << XKIND_*); 0: any */
};

struct cli;
struct cli_line;

struct cli_cmd {
	const char *object;
	const char *name; /* NULL: the object has no commands, only arguments */
	const char *help;
	enum proto_cmd cmd;
	const struct cli_arg *args;
	/* 0, or -errno and @err (run.c). */
	int (*run)(struct cli *cli, struct cli_line *line, struct err *err);
	bool shows; /* prints objects: takes the options of output behind it too */
	bool some;  /* needs one argument with a word at least */
};

struct cli_object {
	const char *name;
	const char *help;
};

/* Both end in a row without an object or a name. */
extern const struct cli_object cli_objects[];
extern const struct cli_cmd cli_cmds[];

const struct cli_object *cli_object_find(const char *name);
/* First row of @object called @name (NULL: the object has no commands); NULL: none. */
const struct cli_cmd *cli_cmd_find(const char *object, const char *name);
/* The next form of the same command; NULL: none. */
const struct cli_cmd *cli_cmd_next_form(const struct cli_cmd *cmd);
/* The argument of @cmd with that word; NULL: none. */
const struct cli_arg *cli_arg_find(const struct cli_cmd *cmd, const char *word);

/* How messages call an argument: its word, or what the bare value is ("name", "id"). */
const char *cli_arg_label(const struct cli_arg *arg);

#endif
