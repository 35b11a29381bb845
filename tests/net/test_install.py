# SPDX-License-Identifier: GPL-2.0-only
"""What `make install` puts where, and that a program of somebody else's builds with it."""
import os

from lib import BUILD, run

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FILES = {"sbin/xvswd", "sbin/xvsw", "bin/xvsw-guest", "lib/libxvsw-guest.so", "lib/libxvsw-guest.so.0",
         "lib/pkgconfig/xvsw-guest.pc", "include/xvsw-guest.h", "share/man/man8/xvsw.8", "share/man/man8/xvswd.8",
         "share/man/man8/xvsw-guest.8", "share/bash-completion/completions/xvsw"}
PROGRAM = """#include <stdio.h>
#include <xvsw-guest.h>
int main(void)
{
	struct xvsw_guest *g;

	printf("%d\\n", xvsw_guest_open("/nowhere", NULL, &g));
	return 0;
}
"""


def test_install(tmp_path):
    prefix = str(tmp_path / "root/opt/xvsw")
    run("make", "-s", "-C", ROOT, "B=" + BUILD, "install", "PREFIX=/opt/xvsw", "DESTDIR=%s" % (tmp_path / "root"))
    there = {os.path.relpath(os.path.join(d, f), prefix) for d, _, files in os.walk(prefix) for f in files}
    assert there == FILES
    assert "@" not in open(prefix + "/lib/pkgconfig/xvsw-guest.pc", encoding="utf-8").read()
    for program in ("sbin/xvswd", "sbin/xvsw"):
        assert run(os.path.join(prefix, program), "-V").stdout.strip()
    (tmp_path / "guest.c").write_text(PROGRAM)
    flags = run("env", "PKG_CONFIG_PATH=%s/lib/pkgconfig" % prefix, "PKG_CONFIG_SYSROOT_DIR=%s" % (tmp_path / "root"),
                "pkg-config", "--cflags", "--libs", "xvsw-guest").stdout.split()
    run("gcc", "-Wall", "-Werror", "-o", tmp_path / "guest", tmp_path / "guest.c", *flags)
    done = run("env", "LD_LIBRARY_PATH=%s/lib" % prefix, tmp_path / "guest")
    assert done.stdout == "-2\n"  # ENOENT
