// SPDX-License-Identifier: GPL-2.0-only
#include <bpf/bpf.h>
#include <errno.h>

#include "datapath/int.h"

int map_update(int fd, const void *key, const void *value, enum map_mode mode)
{
	static const __u64 flags[] = {
		[MAP_ANY] = BPF_ANY, [MAP_NEW] = BPF_NOEXIST, [MAP_EXIST] = BPF_EXIST
	};

	return bpf_map_update_elem(fd, key, value, flags[mode]) ? -errno : 0;
}

int map_delete(int fd, const void *key)
{
	return bpf_map_delete_elem(fd, key) ? -errno : 0;
}
