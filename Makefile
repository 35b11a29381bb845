# SPDX-License-Identifier: GPL-2.0-only
# make                 build/xvswd xvsw xvsw-guest libxvsw-guest.so
# make tests           test programs under build/tests (unit tests with ASAN and UBSAN)
# make install         DESTDIR, PREFIX
# make V=1             show the commands
PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions

VERSION := 0.1.0
SOVERSION := 0

CC ?= gcc
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /sbin/bpftool) bpftool)
PKG_CONFIG ?= pkg-config
ARCH_INCLUDE := /usr/include/$(shell $(CC) -print-multiarch)

B := build
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),@:,@printf '  %-7s %s\n' $(1) $(2))

CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wvla -Wno-missing-field-initializers \
	$(if $(WERROR),-Werror)
ALL_CPPFLAGS := -D_GNU_SOURCE -DXVSW_VERSION='"$(VERSION)"' -I. -Iuser -I$(B)/bpf $(CPPFLAGS)
ALL_CFLAGS := -std=gnu11 -fPIC $(WARN) $(CFLAGS)
DEPFLAGS = -MMD -MP
SAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

BPF_CFLAGS := -O2 -g -target bpf -mcpu=v3 -Wall -Wextra -Wno-unused-parameter \
	-Wno-missing-declarations -I. -Ibpf -idirafter $(ARCH_INCLUDE) $(if $(WERROR),-Werror)

LIBS_XDP := $(shell $(PKG_CONFIG) --libs libxdp libbpf 2>/dev/null || echo -lxdp -lbpf)
LIBS_MNL := -lmnl
LIBS_SYSTEMD := -lsystemd
LIBS_JSON := -ljson-c

# ---- sources, by folder ----
BPF_SRC := $(wildcard bpf/*.bpf.c)
BASE_SRC := $(wildcard user/base/*.c)
PROTO_SRC := $(wildcard user/proto/*.c)
SWITCH_SRC := $(wildcard user/switch/*.c)
DATAPATH_SRC := $(wildcard user/datapath/*.c)
DAEMON_SRC := $(wildcard user/daemon/*.c)
CLI_SRC := $(wildcard user/cli/*.c)
GUESTLIB_SRC := user/proto/broker.c $(wildcard user/guest/lib*.c)
GUESTPROG_SRC := $(filter-out $(wildcard user/guest/lib*.c),$(wildcard user/guest/*.c))

SKELS := $(BPF_SRC:bpf/%.bpf.c=$(B)/bpf/%.skel.h)
obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
san = $(patsubst %.c,$(B)/san/%.o,$(1))

PROGRAMS := $(B)/xvswd $(B)/xvsw $(B)/xvsw-guest
LIBGUEST := $(B)/libxvsw-guest.so
MANPAGES := $(wildcard user/man/*.8 user/man/*.5 user/man/*.3)

.PHONY: all install clean tests
.SECONDARY:
.DELETE_ON_ERROR:
all: $(PROGRAMS) $(LIBGUEST) $(B)/xvsw-guest.pc $(B)/xvsw.bash-completion $(B)/xvsw.8

# ---- BPF: object, then skeleton ----
$(B)/bpf/%.bpf.o: bpf/%.bpf.c
	$(call say,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) $(DEPFLAGS) -MF $(@:.o=.d) -c $< -o $@

$(B)/bpf/%.skel.h: $(B)/bpf/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $(subst -,_,$*)_bpf > $@

# ---- C ----
$(B)/obj/%.o: %.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(DEPFLAGS) -c $< -o $@

$(B)/san/%.o: %.c
	$(call say,CC-SAN,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -O1 $(SAN) $(DEPFLAGS) -c $< -o $@

$(call obj,$(DATAPATH_SRC)): | $(SKELS)

link = $(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^)

$(B)/xvswd: $(call obj,$(BASE_SRC) $(PROTO_SRC) $(SWITCH_SRC) $(DATAPATH_SRC) $(DAEMON_SRC))
	$(call say,LD,$@)
	$(link) $(LIBS_XDP) $(LIBS_MNL) $(LIBS_SYSTEMD) $(LIBS_JSON)

$(B)/xvsw: $(call obj,$(BASE_SRC) $(PROTO_SRC) $(CLI_SRC))
	$(call say,LD,$@)
	$(link) $(LIBS_MNL) $(LIBS_JSON)

$(LIBGUEST).$(SOVERSION): $(call obj,$(GUESTLIB_SRC)) user/guest/libxvsw-guest.map
	$(call say,LD,$@)
	$(link) -shared -Wl,-soname,$(notdir $@) -Wl,--version-script=user/guest/libxvsw-guest.map

$(LIBGUEST): $(LIBGUEST).$(SOVERSION)
	$(Q)ln -sf $(notdir $<) $@

$(B)/xvsw-guest: $(call obj,$(GUESTPROG_SRC) $(BASE_SRC)) $(LIBGUEST)
	$(call say,LD,$@)
	$(link) -L$(B) -lxvsw-guest $(LIBS_JSON) -Wl,-rpath,'$$ORIGIN'

pc = sed -e 's|@PREFIX@|$(PREFIX)|; s|@LIBDIR@|$(LIBDIR)|; s|@INCLUDEDIR@|$(INCLUDEDIR)|' \
	-e 's|@VERSION@|$(VERSION)|' user/guest/xvsw-guest.pc.in

$(B)/xvsw-guest.pc: user/guest/xvsw-guest.pc.in Makefile
	$(Q)$(pc) > $@

# Completion and the manual page's command section come from the tool's own tables.
$(B)/xvsw.bash-completion: $(B)/xvsw
	$(Q)$(B)/xvsw --print-completion > $@

$(B)/xvsw.8: user/man/xvsw.8.in $(B)/xvsw
	$(Q)$(B)/xvsw --print-man > $@.commands
	$(Q)sed -e '/^@COMMANDS@$$/{r $@.commands' -e 'd}' $< > $@

# ---- tests ----
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/test_*.c))
UNIT_SUPPORT := $(filter-out $(wildcard tests/unit/test_*.c),$(wildcard tests/unit/*.c))
BPF_TESTS := $(patsubst tests/bpf/%.c,$(B)/tests/bpf/%,$(wildcard tests/bpf/test_*.c))
BPF_SUPPORT := $(filter-out $(wildcard tests/bpf/test_*.c),$(wildcard tests/bpf/*.c))
BENCH := $(patsubst tests/bench/%.c,$(B)/tests/bench/%,$(wildcard tests/bench/*.c))
BENCH_BPF := $(patsubst tests/bench/%.bpf.c,$(B)/tests/bench/%.skel.h,$(wildcard tests/bench/*.bpf.c))

$(B)/tests/unit/%: $(B)/san/tests/unit/%.o $(call san,$(UNIT_SUPPORT) $(BASE_SRC) $(PROTO_SRC) \
		$(SWITCH_SRC) $(filter-out user/cli/main.c,$(CLI_SRC)) user/guest/echo_reply.c \
		$(filter-out user/daemon/main.c,$(DAEMON_SRC)))
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(link) $(SAN) -lcmocka $(LIBS_MNL) $(LIBS_JSON) $(LIBS_SYSTEMD)

$(B)/tests/bpf/%: $(B)/obj/tests/bpf/%.o $(call obj,$(BPF_SUPPORT))
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(link) -lcmocka -lbpf
$(patsubst tests/bpf/%.c,$(B)/obj/tests/bpf/%.o,$(wildcard tests/bpf/*.c)): | $(SKELS)

$(B)/tests/bench/%.bpf.o: tests/bench/%.bpf.c
	$(call say,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) $(DEPFLAGS) -MF $(@:.o=.d) -c $< -o $@
$(B)/tests/bench/%.skel.h: $(B)/tests/bench/%.bpf.o
	$(Q)$(BPFTOOL) gen skeleton $< name $(subst -,_,$*)_bpf > $@
$(B)/obj/tests/bench/%.o: ALL_CPPFLAGS += -I$(B)/tests/bench
$(patsubst tests/bench/%.c,$(B)/obj/tests/bench/%.o,$(wildcard tests/bench/*.c)): | $(BENCH_BPF)
BENCH_PROGS := $(filter-out %.bpf,$(BENCH))
$(BENCH_PROGS): $(B)/tests/bench/%: $(B)/obj/tests/bench/%.o $(LIBGUEST)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(link) -lbpf -L$(B) -lxvsw-guest -Wl,-rpath,'$$ORIGIN/../..'

# Kernel-configuration utilities of the data path against the real kernel, with sanitizers.
LINK_TESTS := $(B)/tests/links/test_links
$(LINK_TESTS): $(call san,$(wildcard tests/net/links/*.c) $(BASE_SRC) \
		$(addprefix user/datapath/,$(addsuffix .c,nl link ethtool netdev netns tc)))
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(link) $(SAN) -lcmocka -lbpf $(LIBS_MNL)

tests: all $(UNIT_TESTS) $(BPF_TESTS) $(LINK_TESTS) $(BENCH_PROGS)

install: all
	install -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR)/pkgconfig \
		$(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(COMPLETIONDIR)
	install -m 755 $(B)/xvswd $(B)/xvsw $(DESTDIR)$(SBINDIR)
	$(CC) $(LDFLAGS) -o $(DESTDIR)$(BINDIR)/xvsw-guest $(call obj,$(GUESTPROG_SRC) $(BASE_SRC)) \
		-L$(B) -lxvsw-guest $(LIBS_JSON) -Wl,-rpath,$(LIBDIR)
	install -m 644 $(LIBGUEST).$(SOVERSION) $(DESTDIR)$(LIBDIR)
	ln -sf $(notdir $(LIBGUEST)).$(SOVERSION) $(DESTDIR)$(LIBDIR)/$(notdir $(LIBGUEST))
	install -m 644 user/guest/xvsw-guest.h $(DESTDIR)$(INCLUDEDIR)
	# Made anew: PREFIX may differ from the one that was built with.
	$(pc) > $(DESTDIR)$(LIBDIR)/pkgconfig/xvsw-guest.pc
	chmod 644 $(DESTDIR)$(LIBDIR)/pkgconfig/xvsw-guest.pc
	install -m 644 $(B)/xvsw.bash-completion $(DESTDIR)$(COMPLETIONDIR)/xvsw
	install -m 644 $(B)/xvsw.8 $(wildcard user/man/*.8) $(DESTDIR)$(MANDIR)/man8

clean:
	rm -rf $(B)

-include $(shell find $(B) -name '*.d' 2>/dev/null)
