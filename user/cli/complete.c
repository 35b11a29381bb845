// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bash completion. The script's loop is fixed; its three tables, as `case` lists, are made here:
 * commands of an object, words of a command, values of a word. Names of switches and VPorts are
 * asked of the daemon, which answers root only: for others there is nothing to complete.
 */
#include <string.h>

#include "cli/help.h"

static const char script_head[] = "# bash completion for xvsw(8), made by xvsw --print-completion\n"
				  "\n"
				  "_xvsw_names()\n"
				  "{\n"
				  "\txvsw \"${globals[@]}\" \"$1\" show 2>/dev/null |\n"
				  "\t\tawk 'NR > 1 && !/^ / { print $1 }'\n"
				  "}\n"
				  "\n"
				  "_xvsw_devices()\n"
				  "{\n"
				  "\tlocal path\n"
				  "\n"
				  "\tfor path in /sys/class/net/*; do\n"
				  "\t\techo \"${path##*/}\"\n"
				  "\tdone\n"
				  "}\n"
				  "\n"
				  "_xvsw_namespaces()\n"
				  "{\n"
				  "\tlocal path\n"
				  "\n"
				  "\tfor path in /run/netns/*; do\n"
				  "\t\t[ -e \"$path\" ] && echo \"${path##*/}\"\n"
				  "\tdone\n"
				  "}\n"
				  "\n";

static const char script_loop[] =
	"_xvsw()\n"
	"{\n"
	"\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
	"\tlocal object='' cmd='' words='' i word\n"
	"\tlocal -a globals=()\n"
	"\n"
	"\tCOMPREPLY=()\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tword=${COMP_WORDS[i]}\n"
	"\t\tif [ -n \"$object\" ]; then\n"
	"\t\t\tcmd=$word\n"
	"\t\t\tbreak\n"
	"\t\tfi\n"
	"\t\tcase $word in\n"
	"\t\t-b | --batch) ((i++)) ;;\n"
	"\t\t-i | --instance | --netns)\n"
	"\t\t\tglobals+=(\"$word\" \"${COMP_WORDS[++i]}\")\n"
	"\t\t\t;;\n"
	"\t\t-*) ;;\n"
	"\t\t*) object=$word ;;\n"
	"\t\tesac\n"
	"\tdone\n"
	"\tif [ -z \"$object\" ]; then\n"
	"\t\tcase $prev in\n"
	"\t\t-b | --batch)\n"
	"\t\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	"\t\t\treturn\n"
	"\t\t\t;;\n"
	"\t\t--netns) words=$(_xvsw_namespaces) ;;\n"
	"\t\t-i | --instance) ;;\n"
	"\t\t*) words=$(_xvsw_objects \"$cur\") ;;\n"
	"\t\tesac\n"
	"\telse\n"
	"\t\twords=$(_xvsw_values \"$object\" \"$cmd\" \"$prev\") ||\n"
	"\t\t\twords=$(_xvsw_words \"$object\" \"$cmd\")\n"
	"\tfi\n"
	"\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
	"}\n"
	"complete -F _xvsw xvsw\n";

static void print_objects(FILE *f)
{
	const struct cli_object *obj;
	const struct cli_opt *opt;

	fputs("_xvsw_objects()\n{\n\tcase $1 in\n\t-*) echo '", f);
	for (opt = cli_opt_table; opt->word; opt++) {
		if (!opt->help)
			continue;
		if (opt->letter)
			fprintf(f, "-%c ", opt->letter);
		fprintf(f, "--%s ", opt->word);
	}
	fputs("' ;;\n\t*) echo '", f);
	for (obj = cli_objects; obj->name; obj++)
		fprintf(f, "%s ", obj->name);
	fputs("help' ;;\n\tesac\n}\n\n", f);
}

/* A shell function that prints the names an argument's value can be; NULL: none. */
static const char *value_source(const struct cli_cmd *cmd, const struct cli_arg *arg)
{
	switch (arg->type) {
	case CLI_VPORT:
		return "_xvsw_names vport";
	case CLI_NAME:
		/* A new object's own name is the user's to choose. */
		if (arg->word ? !strcmp(arg->word, "switch")
			      : !strcmp(cmd->object, "switch") && strcmp(cmd->name, "add"))
			return "_xvsw_names switch";
		return NULL;
	case CLI_IFNAME:
		return "_xvsw_devices";
	case CLI_NETNS:
		return "_xvsw_namespaces";
	case CLI_USER:
		return "compgen -u";
	case CLI_ONOFF:
		return "echo on off";
	case CLI_VLAN:
		return "echo untagged access trunk";
	case CLI_VF:
		return "echo auto";
	case CLI_END:
	case CLI_FLAG:
	case CLI_TEXT:
	case CLI_U32:
	case CLI_VID:
	case CLI_MAC:
	case CLI_WORD:
	case CLI_CPUS:
	case CLI_QUEUES:
		break;
	}
	return NULL;
}

static void print_value_case(FILE *f, const struct cli_cmd *cmd, const struct cli_arg *arg)
{
	const char *source = value_source(cmd, arg);
	unsigned int i;

	fprintf(f, "\t%s:%s:%s) ", cmd->object, cmd->name ? cmd->name : "*", arg->word);
	if (arg->type == CLI_WORD) {
		fputs("echo", f);
		for (i = 0; arg->word_name(i); i++)
			fprintf(f, " %s", arg->word_name(i));
	} else {
		fputs(source ? source : ":", f);
	}
	fputs(" ;;\n", f);
}

/* Values by the word before; fails where the word before takes no value. */
static void print_values(FILE *f)
{
	const struct cli_cmd *cmd;
	const struct cli_arg *arg;

	fputs("_xvsw_values()\n{\n\tcase $1:$2:$3 in\n", f);
	for (cmd = cli_cmds; cmd->object; cmd++)
		for (arg = cmd->args; arg->type != CLI_END; arg++)
			if (arg->word && arg->type != CLI_FLAG)
				print_value_case(f, cmd, arg);
	fputs("\t*) return 1 ;;\n\tesac\n}\n\n", f);
}

static void print_cmd_words(FILE *f, const struct cli_cmd *cmd)
{
	const struct cli_cmd *form;
	const struct cli_arg *arg;
	const char *source = NULL;

	fprintf(f, "\t%s:%s)\n\t\techo '", cmd->object, cmd->name ? cmd->name : "*");
	for (form = cmd; form; form = cli_cmd_next_form(form)) {
		for (arg = form->args; arg->type != CLI_END; arg++) {
			if (arg->word)
				fprintf(f, "%s ", arg->word);
			else
				source = value_source(form, arg);
		}
	}
	fputs("'\n", f);
	if (source)
		fprintf(f, "\t\t%s\n", source);
	fputs("\t\t;;\n", f);
}

static void print_words(FILE *f)
{
	const struct cli_object *obj;
	const struct cli_cmd *cmd, *last;

	fputs("_xvsw_words()\n{\n\tcase $1:$2 in\n", f);
	for (obj = cli_objects; obj->name; obj++) {
		if (cli_cmd_find(obj->name, NULL))
			continue;
		fprintf(f, "\t%s:) echo '", obj->name);
		for (last = NULL, cmd = cli_cmds; cmd->object; last = cmd++)
			if (!strcmp(cmd->object, obj->name) &&
			    !(last && cli_cmd_next_form(last) == cmd))
				fprintf(f, "%s ", cmd->name);
		fputs("help' ;;\n", f);
	}
	for (last = NULL, cmd = cli_cmds; cmd->object; last = cmd++)
		if (!last || cli_cmd_next_form(last) != cmd)
			print_cmd_words(f, cmd);
	fputs("\thelp:) _xvsw_objects '' ;;\n\thelp:*) _xvsw_words \"$2\" '' ;;\n", f);
	fputs("\tesac\n}\n\n", f);
}

void cli_print_completion(FILE *f)
{
	fputs(script_head, f);
	print_objects(f);
	print_values(f);
	print_words(f);
	fputs(script_loop, f);
}
