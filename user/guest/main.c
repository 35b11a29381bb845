/* SPDX-License-Identifier: GPL-2.0-only */
/* xvsw-guest: be the guest of an AF_XDP VPort, as an ordinary user. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/name.h"
#include "base/netns.h"
#include "guest/cmd.h"

#define RUN_DIR "/run/xvsw"
#define PATH_SIZE 256

#define AT(member) offsetof(struct cmd_args, member)

static const struct opt main_opts[] = {
	{ 'i', "instance", OPT_TEXT, AT(instance), 0, 0, "NAME",
	  "which daemon (default: default)" },
	{ 's', "socket", OPT_TEXT, AT(socket), 0, 0, "PATH", "broker socket, instead of VPORT" },
	{ 0, "netns", OPT_TEXT, AT(netns), 0, 0, "NS", "run in this network namespace (for tap)" },
	{ 'j', "json", OPT_FLAG, AT(json), 0, 0, NULL, "totals as one JSON object" },
	{ 'V', "version", OPT_FLAG, AT(version), 0, 0, NULL, "print the version" },
	{ 'h', "help", OPT_FLAG, AT(help), 0, 0, NULL, "print this" },
	{ 0 },
};

static const struct opt rx_opts[] = {
	{ 0, "count", OPT_U32, AT(count), 1, UINT32_MAX, "N", "end after N frames" },
	{ 0, "seconds", OPT_U32, AT(seconds), 1, 1000000, "S", "end after S seconds" },
	{ 0, "pcap", OPT_TEXT, AT(pcap), 0, 0, "FILE", "write the frames to a capture file" },
	{ 0, "poll", OPT_FLAG, AT(poll), 0, 0, NULL, "sleep while nothing comes (default)" },
	{ 0, "spin", OPT_FLAG, AT(spin), 0, 0, NULL, "never sleep" },
	{ 'j', "json", OPT_FLAG, AT(json), 0, 0, NULL, "totals as one JSON object" },
	{ 0 },
};

static const struct opt tx_opts[] = {
	{ 0, "dst", OPT_MAC, AT(dst), 0, 0, "MAC", "destination" },
	{ 0, "src", OPT_MAC, AT(src), 0, 0, "MAC", "source (default: the VPort's first MAC)" },
	{ 0, "size", OPT_U32, AT(size), 22, 9232, "N", "bytes without FCS (default 64)" },
	{ 0, "count", OPT_U32, AT(count), 1, UINT32_MAX, "N", "end after N frames" },
	{ 0, "seconds", OPT_U32, AT(seconds), 1, 1000000, "S", "end after S seconds" },
	{ 0, "rate", OPT_U32, AT(rate), 1, 100000000, "PPS", "frames a second (default: most)" },
	{ 0, "pcap", OPT_TEXT, AT(pcap), 0, 0, "FILE", "send a capture file's frames once" },
	{ 'j', "json", OPT_FLAG, AT(json), 0, 0, NULL, "totals as one JSON object" },
	{ 0 },
};

static const struct opt tap_opts[] = {
	{ 0, "address", OPT_ADDR, AT(addrs), 0, 0, "IP/LEN", "give the interface an address" },
	{ 0 },
};

static const struct opt no_opts[] = { { 0 } };

static int echo_operands(struct cmd_args *args, int argc, char **argv)
{
	static const struct opt ip = { 0, "echo", OPT_ADDR, AT(addrs), 0, 0, "IP", NULL };
	struct addr_list *list = &args->addrs;

	if (argc == 0)
		return cmd_fail(CMD_USAGE, "echo: needs an IP address");
	for (int i = 0; i < argc; i++) {
		if (list->n == ADDR_LIST_MAX)
			return cmd_fail(CMD_FAILED, "%s: more than %d addresses", ip.name,
					ADDR_LIST_MAX);
		if (addr_parse(argv[i], &list->addr[list->n]))
			return cmd_fail(CMD_FAILED, "%s: '%s' is not a unicast IP address", ip.name,
					argv[i]);
		list->n++;
	}
	return CMD_OK;
}

static int rx_operands(struct cmd_args *args, int argc, char **argv)
{
	if (argc)
		return cmd_fail(CMD_USAGE, "rx: '%s' is not expected", argv[0]);
	if (args->poll && args->spin)
		return cmd_fail(CMD_USAGE, "rx: poll and spin exclude each other");
	return CMD_OK;
}

static int tx_operands(struct cmd_args *args, int argc, char **argv)
{
	if (argc)
		return cmd_fail(CMD_USAGE, "tx: '%s' is not expected", argv[0]);
	if (!args->dst.given && !args->pcap)
		return cmd_fail(CMD_USAGE, "tx: needs --dst MAC or --pcap FILE");
	if (args->pcap && (args->dst.given || args->src.given || args->size))
		return cmd_fail(CMD_USAGE, "tx: a capture brings its own addresses and sizes");
	return CMD_OK;
}

static int tap_operands(struct cmd_args *args, int argc, char **argv)
{
	if (argc != 1)
		return cmd_fail(CMD_USAGE, "tap: needs one interface name");
	if (!argv[0][0] || strlen(argv[0]) >= CONF_IFNAME_SIZE || strpbrk(argv[0], "/ %"))
		return cmd_fail(CMD_FAILED, "tap: '%s' is not an interface name", argv[0]);
	args->ifname = argv[0];
	return CMD_OK;
}

static const struct command {
	const char *name, *synopsis, *help;
	const struct opt *opts;
	int (*operands)(struct cmd_args *args, int argc, char **argv);
	int (*run)(struct cmd_run *run);
} commands[] = {
	{ "echo", "echo IP[/LEN]...", "answer ARP, neighbour solicitations and echo requests",
	  no_opts, echo_operands, echo_run },
	{ "rx", "rx [OPTION]...", "receive and count", rx_opts, rx_operands, rx_run },
	{ "tx", "tx --dst MAC | --pcap FILE [OPTION]...", "send numbered frames, or a capture",
	  tx_opts, tx_operands, tx_run },
	{ "tap", "tap [OPTION]... IFNAME", "carry the VPort to a TAP interface", tap_opts,
	  tap_operands, tap_run },
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* The one global: a signal handler reaches nothing else. */
static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

/* After the attach, which waits at most ten seconds and may be killed plainly. */
static void signals_init(void)
{
	struct sigaction sa = { .sa_handler = on_signal };

	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int cmd_fail(int code, const char *fmt, ...)
{
	va_list ap;

	fputs("xvsw-guest: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return code;
}

int cmd_fail_guest(const struct cmd_run *run, int error)
{
	if (error == -ENODEV)
		return cmd_fail(CMD_FAILED, "VPort '%s' was deleted, or its daemon ended",
				run->info.name);
	return cmd_fail(CMD_FAILED, "VPort '%s': %s", run->info.name, strerror(-error));
}

int64_t cmd_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * INT64_C(1000000000) + ts.tv_nsec;
}

static void print_help(void)
{
	printf("Usage: xvsw-guest [OPTION]... VPORT COMMAND\n"
	       "       xvsw-guest [OPTION]... --socket PATH COMMAND\n");
	opts_help(main_opts);
	for (size_t i = 0; i < N_COMMANDS; i++) {
		printf("\n  %s\n    %s\n", commands[i].synopsis, commands[i].help);
		opts_help(commands[i].opts);
	}
	printf("\nA frame has 22 bytes at least: Ethernet header and an 8-byte sequence number.\n"
	       "Exit status: 0 done, 1 failed, 2 usage, 3 broker not reachable, 4 not "
	       "permitted.\n");
}

static int socket_path(const struct cmd_args *args, const char *vport, char path[PATH_SIZE])
{
	const char *dir = getenv("XVSW_RUN_DIR"), *instance = args->instance;
	int len;

	if (args->socket) {
		len = snprintf(path, PATH_SIZE, "%s", args->socket);
		return len < PATH_SIZE ? CMD_OK : cmd_fail(CMD_FAILED, "socket: path is too long");
	}
	if (!instance)
		instance = getenv("XVSW_INSTANCE");
	if (!instance || !*instance)
		instance = "default";
	if (strcmp(instance, "default") != 0 && name_check(instance))
		return cmd_fail(CMD_FAILED, "instance '%s' is not a name: %s", instance, NAME_RULE);
	if (name_check(vport))
		return cmd_fail(CMD_FAILED, "VPort '%s' is not a name: %s", vport, NAME_RULE);
	len = snprintf(path, PATH_SIZE, "%s/%s/guest/%s.sock", dir && *dir ? dir : RUN_DIR,
		       instance, vport);
	return len < PATH_SIZE ? CMD_OK : cmd_fail(CMD_FAILED, "the run directory is too long");
}

static int attach(const char *path, struct cmd_run *run)
{
	int r = xvsw_guest_open(path, NULL, &run->g);

	if (r == 0)
		r = xvsw_guest_info(run->g, &run->info);
	switch (r) {
	case 0:
		return CMD_OK;
	case -ENOENT:
	case -ECONNREFUSED:
	case -ECONNRESET:
	case -ETIMEDOUT:
		return cmd_fail(CMD_UNREACHABLE, "no such VPort, or no daemon: %s",
				xvsw_guest_error());
	case -EACCES:
	case -EPERM:
		return cmd_fail(CMD_DENIED, "not permitted: %s", xvsw_guest_error());
	case -ENODEV:
		return cmd_fail(CMD_FAILED, "%s: the VPort was deleted", path);
	default:
		return cmd_fail(CMD_FAILED, "%s", xvsw_guest_error());
	}
}

static int run_command(const struct command *cmd, const struct cmd_args *args, const char *path)
{
	struct cmd_run run = { .args = args, .stop = &stop };
	int code = attach(path, &run);

	if (code == CMD_OK) {
		signals_init();
		code = cmd->run(&run);
	}
	xvsw_guest_close(run.g);
	if (fflush(stdout) || ferror(stdout))
		return cmd_fail(CMD_FAILED, "output: %s", strerror(errno));
	return code;
}

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct command *cmd;
	struct cmd_args args = { 0 };
	const char *vport = NULL;
	char path[PATH_SIZE];
	struct err err = { 0 };
	int code;

	argc--, argv++;
	code = opts_parse(main_opts, "", &args, &argc, &argv);
	if (code)
		return code;
	if (args.help || (argc == 1 && strcmp(argv[0], "help") == 0)) {
		print_help();
		return CMD_OK;
	}
	if (args.version) {
		printf("xvsw-guest %s\n", XVSW_VERSION);
		return CMD_OK;
	}
	if (!args.socket && argc)
		vport = (argc--, *argv++);
	if (!args.socket && !vport)
		return cmd_fail(CMD_USAGE, "needs a VPort and a command (see xvsw-guest --help)");
	if (!argc)
		return cmd_fail(CMD_USAGE, "needs a command: echo, rx, tx or tap");
	cmd = command_find(argv[0]);
	if (!cmd)
		return cmd_fail(CMD_USAGE, "command '%s' is unknown", argv[0]);
	argc--, argv++;
	code = opts_parse(cmd->opts, cmd->name, &args, &argc, &argv);
	if (code == CMD_OK)
		code = cmd->operands(&args, argc, argv);
	if (code == CMD_OK)
		code = socket_path(&args, vport, path);
	if (code == CMD_OK && args.netns && netns_join(args.netns, &err))
		code = cmd_fail(err.code == -EPERM ? CMD_DENIED : CMD_FAILED, "%s", err.text);
	return code ? code : run_command(cmd, &args, path);
}
