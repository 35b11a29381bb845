// SPDX-License-Identifier: GPL-2.0-only
/* One table of words per enum serves printing and parsing. */
#include "base/conf.h"

#include <errno.h>
#include <string.h>

static const char *const mode_words[XMODE_COUNT] = {
	[XMODE_AUTO] = "auto",
	[XMODE_NATIVE] = "native",
	[XMODE_GENERIC] = "generic",
};

static const char *const pool_words[XPOOL_COUNT] = {
	[XPOOL_SHARED] = "shared",
	[XPOOL_RESERVED] = "reserved",
};

static const char *const kind_words[XKIND_COUNT] = {
	[XKIND_HOST] = "host", [XKIND_DEV] = "dev",	[XKIND_VETH] = "veth",
	[XKIND_XSK] = "xsk",   [XKIND_QUEUE] = "queue", [XKIND_VF] = "vf",
};

static const char *const vlan_mode_words[XVLAN_COUNT] = {
	[XVLAN_UNTAGGED] = "untagged",
	[XVLAN_ACCESS] = "access",
	[XVLAN_TRUNK] = "trunk",
};

static const char *const hook_words[XHOOK_COUNT] = {
	[XHOOK_AUTO] = "auto",
	[XHOOK_XDP] = "xdp",
	[XHOOK_TC] = "tc",
};

static const char *const state_words[XSTATE_COUNT] = {
	[XSTATE_UP] = "up",
	[XSTATE_DOWN] = "down",
	[XSTATE_WAITING] = "waiting",
	[XSTATE_DEGRADED] = "degraded",
};

static const char *const path_words[XPATH_COUNT] = {
	[XPATH_HOST] = "host",	 [XPATH_DEV] = "dev", [XPATH_XSK] = "xsk",
	[XPATH_QUEUE] = "queue", [XPATH_VF] = "vf",
};

static const char *const event_words[XEVENT_COUNT] = {
	[XEVENT_ADD] = "add",	[XEVENT_SET] = "set",	  [XEVENT_DEL] = "del",
	[XEVENT_MOVE] = "move", [XEVENT_STATE] = "state", [XEVENT_OVERRUN] = "overrun",
};

static int find_word(const char *const *words, unsigned int n, const char *word)
{
	unsigned int i;

	for (i = 0; word && i < n; i++)
		if (strcmp(words[i], word) == 0)
			return (int)i;
	return -EINVAL;
}

#define DEFINE_WORDS(noun, count)                                                                  \
	const char *conf_##noun##_name(enum x##noun v)                                             \
	{                                                                                          \
		return (unsigned int)v < (count) ? noun##_words[v] : NULL;                         \
	}                                                                                          \
	int conf_##noun##_parse(const char *word, enum x##noun *out)                               \
	{                                                                                          \
		int i = find_word(noun##_words, (count), word);                                    \
                                                                                                   \
		if (i < 0)                                                                         \
			return i;                                                                  \
		*out = (enum x##noun)i;                                                            \
		return 0;                                                                          \
	}

DEFINE_WORDS(mode, XMODE_COUNT)
DEFINE_WORDS(pool, XPOOL_COUNT)
DEFINE_WORDS(kind, XKIND_COUNT)
DEFINE_WORDS(vlan_mode, XVLAN_COUNT)
DEFINE_WORDS(hook, XHOOK_COUNT)
DEFINE_WORDS(state, XSTATE_COUNT)
DEFINE_WORDS(path, XPATH_COUNT)
DEFINE_WORDS(event, XEVENT_COUNT)
