// SPDX-License-Identifier: GPL-2.0-only
/* xvswd: the daemon of the xvsw virtual switch. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/netns.h"
#include "daemon/daemon.h"
#include "daemon/options.h"
#include "datapath/datapath.h"

enum { EXIT_DONE, EXIT_REFUSED, EXIT_USAGE };

static struct datapath_conf dp_conf(const struct options *opt, const char *run_dir)
{
	return (struct datapath_conf){
		.instance = opt->instance,
		.run_dir = run_dir,
		.bpffs = opt->bpffs,
	};
}

static int dp_open(const struct options *opt, const char *run_dir, const struct dp_events *events,
		   void *ctx, void **out, struct err *err)
{
	struct datapath_conf conf = dp_conf(opt, run_dir);
	struct datapath *dp;
	int r = datapath_new(&conf, events, ctx, &dp, err);

	if (!r)
		*out = dp;
	return r;
}

static void dp_close(void *dp)
{
	datapath_free(dp);
}

static int dp_fd(void *dp)
{
	return datapath_fd(dp);
}

static int dp_process(void *dp)
{
	return datapath_process(dp);
}

static int dp_flush_leftovers(const struct options *opt, const char *run_dir, struct err *err)
{
	struct datapath_conf conf = dp_conf(opt, run_dir);

	return datapath_flush_leftovers(&conf, err);
}

static const struct daemon_dp datapath = {
	.ops = &datapath_ops,
	.open = dp_open,
	.close = dp_close,
	.fd = dp_fd,
	.process = dp_process,
	.flush_leftovers = dp_flush_leftovers,
};

/* Signals of the event loop wait from here on, so none can end us half-way through the start. */
static void prepare_process(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	umask(022);
}

static int flush_only(const struct options *opt, struct err *err)
{
	int n = daemon_flush_only(opt, &datapath, err);

	if (n < 0)
		return n;
	if (n)
		printf("instance '%s': took down %d switch%s\n", opt->instance, n,
		       n == 1 ? "" : "es");
	else
		printf("instance '%s': nothing to take down\n", opt->instance);
	return 0;
}

static int run(const struct options *opt, struct err *err)
{
	int r;

	if (geteuid())
		return err_set(err, -EPERM, 0, "must be run as root");
	if (opt->netns) {
		r = netns_join(opt->netns, err);
		if (r)
			return r;
	}
	prepare_process();
	return opt->flush_only ? flush_only(opt, err) : daemon_run(opt, &datapath, err);
}

int main(int argc, char **argv)
{
	struct err err = { 0 };
	struct options opt;

	if (options_parse(argc, argv, &opt, &err)) {
		fprintf(stderr, "xvswd: %s\nTry 'xvswd --help'.\n", err.text);
		return EXIT_USAGE;
	}
	if (opt.help) {
		options_help(stdout);
		return EXIT_DONE;
	}
	if (opt.version) {
		printf("xvswd " XVSW_VERSION "\n");
		return EXIT_DONE;
	}
	log_set_level(opt.log_level);
	if (run(&opt, &err)) {
		log_error("%s", err.text);
		return EXIT_REFUSED;
	}
	return EXIT_DONE;
}
