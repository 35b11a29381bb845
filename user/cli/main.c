// SPDX-License-Identifier: GPL-2.0-only
/* xvsw: the switch's control tool. */
#include <stdio.h>
#include <stdlib.h>

#include "base/netns.h"
#include "cli/help.h"
#include "cli/run.h"

static enum cli_exit print(struct cli *cli, void (*printer)(FILE *f))
{
	printer(cli->out);
	return fflush(cli->out) || ferror(cli->out) ? CLI_REFUSED : CLI_DONE;
}

static void print_version(FILE *f)
{
	fprintf(f, "xvsw %s\n", XVSW_VERSION);
}

static enum cli_exit run(struct cli *cli, char *const *words, unsigned int n)
{
	struct err err = { 0 };
	int ret;

	if (cli->opts.netns) {
		ret = netns_join(cli->opts.netns, &err);
		if (ret) {
			cli_report(cli, "", err.text);
			return cli_exit_code(ret);
		}
	}
	if (!cli->opts.batch)
		return cli_run(cli, words, n);
	if (n) {
		cli_report(cli, "batch", "commands come from the file, not from the command line");
		return CLI_USAGE;
	}
	return cli_batch(cli);
}

int main(int argc, char **argv)
{
	struct cli cli = { .out = stdout, .errors = stderr };
	struct err err = { 0 };
	enum cli_exit ret;
	unsigned int used;

	if (argc < 1)
		return CLI_USAGE;
	argc--;
	argv++;
	ret = cli_opts_parse(argv, (unsigned int)argc, getenv("XVSW_INSTANCE"), &cli.opts, &used,
			     &err);
	if (ret) {
		cli_report(&cli, "", err.text);
		return ret;
	}
	switch (cli.opts.mode) {
	case CLI_RUN:
		ret = run(&cli, argv + used, (unsigned int)argc - used);
		break;
	case CLI_VERSION:
		ret = print(&cli, print_version);
		break;
	case CLI_HELP:
		ret = cli_help(&cli, argv + used, (unsigned int)argc - used);
		break;
	case CLI_PRINT_COMPLETION:
		ret = print(&cli, cli_print_completion);
		break;
	case CLI_PRINT_MAN:
		ret = print(&cli, cli_print_man);
		break;
	}
	cli_close(&cli);
	return ret;
}
