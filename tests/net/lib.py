# SPDX-License-Identifier: GPL-2.0-only
"""Network namespaces, raw ports and guests for the tests, and the world they live in:

    wire namespace          switch namespace (xvswd)                   guests' namespaces
    +--------+         +------------------------------+            +--------------------+
    |   w0 --|---------|-- up0 = uplink   v1 (veth) --|------------|-- eth0   container |
    +--------+         |                  d1 (dev)  --|------------|-- eth0   container |
                       |                  x1 (xsk)  --|-- socket --|   ordinary user    |
                       +------------------------------+            +--------------------+
"""
import contextlib
import ctypes
import errno
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

import frames

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("XVSW_BUILD") or os.path.join(HERE, "..", "..", "build")
NOBODY = 65534
AS_NOBODY = ["setpriv", "--reuid=%d" % NOBODY, "--regid=%d" % NOBODY, "--clear-groups"]
CLONE_NEWNET = 0x40000000
ETH_P_ALL = 3
SOL_PACKET, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING = 263, 8, 23
TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID = 1 << 4, 1 << 6
WIRE, HOST = 4095, 0

UPLINK_MAC = "02:00:00:00:00:01"
WIRE_MAC = "02:00:00:00:00:0a"
STRANGER = "02:00:00:00:99:99"

libc = ctypes.CDLL(None, use_errno=True)
_worlds = 0


def wait(cond, what, timeout=5.0):
    """Poll until cond() is true and return its value; fail after timeout seconds."""
    end = time.monotonic() + timeout
    while True:
        value = cond()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("after %g s still not: %s" % (timeout, what))
        time.sleep(0.01)


def run(*cmd, check=True, **kw):
    done = subprocess.run([str(c) for c in cmd], capture_output=True, text=True, timeout=60, check=False, **kw)
    if check and done.returncode:
        raise AssertionError("%s: status %d\n%s%s" % (
            " ".join(map(str, cmd)), done.returncode, done.stdout, done.stderr))
    return done


def ip(ns, *args):
    """ip in a namespace, by netlink only: no process enters it and no /sys is mounted."""
    return run("ip", "-n", ns, *args).stdout


def ip_json(ns, *args):
    return json.loads(run("ip", "-n", ns, "-d", "-j", *args).stdout or "[]")


def ethtool(ns, *args):
    return run("nsenter", "--net=/run/netns/%s" % ns, "ethtool", *args).stdout


@contextlib.contextmanager
def in_ns(ns):
    """This thread in another network namespace."""
    with open("/proc/thread-self/ns/net", "rb") as old, open("/run/netns/%s" % ns, "rb") as new:
        if libc.setns(new.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        try:
            yield
        finally:
            if libc.setns(old.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns back")


def sysctl(ns, key, value):
    with in_ns(ns), open("/proc/sys/" + key.replace(".", "/"), "w", encoding="ascii") as f:
        f.write(str(value))


def netns_add(ns):
    """A namespace in which nothing talks by itself."""
    run("ip", "netns", "add", ns)
    for where in ("default", "all"):
        sysctl(ns, "net.ipv6.conf.%s.disable_ipv6" % where, 1)
    ip(ns, "link", "set", "lo", "up")


def veth_pair(ns_a, a, mac_a, ns_b, b, mac_b):
    """A pair whose end b has GRO on, so that a can be a redirect target; both up."""
    ip(ns_a, "link", "add", a, "address", mac_a, "type", "veth", "peer", "name", b, "netns", ns_b, "address", mac_b)
    ethtool(ns_b, "-K", b, "gro", "on")
    ip(ns_b, "link", "set", b, "up")
    ip(ns_a, "link", "set", a, "up")
    for ns, dev in ((ns_a, a), (ns_b, b)):
        wait(lambda ns=ns, dev=dev: "NO-CARRIER" not in ip(ns, "link", "show", dev), "carrier of " + dev)


class RawPort:
    """A socket on an interface: sends and receives whole frames of the tests."""

    def __init__(self, name, ns, ifname, mac, proto=ETH_P_ALL, vport_id=None):
        self.name, self.mac, self.vport_id = name, mac, vport_id
        with in_ns(ns):
            self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self.sock.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.sock.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.sock.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
        self.sock.bind((ifname, proto))
        self.sock.setblocking(False)

    def send(self, todo):
        cpus = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(cpus)})  # one CPU, so one order
        try:
            for data in todo:
                self._send(data)
        finally:
            os.sched_setaffinity(0, cpus)

    def _send(self, data):
        def try_send():
            try:
                return self.sock.send(data)
            except OSError as e:
                if e.errno not in (errno.EAGAIN, errno.ENOBUFS):  # the queue is full for now
                    raise
                return 0
        wait(try_send, "%s: room to send" % self.name)

    def take(self):
        """Frames since the last call: [(bytes, None)...]; the kernel's untagging is undone."""
        got = []
        while True:
            try:
                data, anc, _, _ = self.sock.recvmsg(65536, socket.CMSG_SPACE(20))
            except BlockingIOError:
                return got
            except OSError as e:
                if e.errno != errno.ENETDOWN:  # told once after the interface went down
                    raise
                continue
            for level, what, aux in anc:
                if level == SOL_PACKET and what == PACKET_AUXDATA:
                    status, _, _, _, _, tci, tpid = struct.unpack("IIIHHHH", aux[:20])
                    if status & TP_STATUS_VLAN_VALID:
                        tpid = tpid if status & TP_STATUS_VLAN_TPID_VALID else 0x8100
                        data = data[:12] + struct.pack("!HH", tpid, tci) + data[12:]
            if frames.kind(data):
                got.append((data, None))

    def close(self):
        self.sock.close()


class GuestPort:
    """An AF_XDP guest in a process of its own, as an ordinary user (guest.py)."""

    def __init__(self, world, name, mac, uid=NOBODY, ready=True):
        self.name, self.mac, self.world = name, mac, world
        self.lock = threading.Lock()
        self.got, self.answers, self.error = [], [], None
        with world.log_file("guest-%s" % name) as log:
            self.proc = subprocess.Popen(
                ["setpriv", "--reuid=%d" % uid, "--regid=%d" % uid, "--clear-groups", "/usr/bin/python3", "-B",
                 os.path.join(world.dir, "guest.py"), os.path.join(world.dir, "libxvsw-guest.so"),
                 world.guest_socket(name)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.info = self.vport_id = None
        if ready:
            self.info = self.answer("ready")
            self.vport_id = self.info["id"]

    def _read(self):
        for line in self.proc.stdout:
            what = json.loads(line)
            with self.lock:
                if "frame" in what:
                    self.got.append((bytes.fromhex(what["frame"]), what["src"]))
                elif "error" in what:
                    self.error = what
                else:
                    self.answers.append(what)

    def answer(self, key, timeout=10):
        def look():
            with self.lock:
                for i, what in enumerate(self.answers):
                    if key in what:
                        return [self.answers.pop(i)[key]]
            assert self.error is None, "guest %s: %s" % (self.name, self.error)
            assert self.proc.poll() is None, "guest %s ended with status %s, see %s/guest-%s.log" % (
                self.name, self.proc.returncode, self.world.dir, self.name)
            return None
        return wait(look, "guest %s: %s" % (self.name, key), timeout)[0]

    def ask(self, key, value=1):
        self.proc.stdin.write((json.dumps({key: value}) + "\n").encode())
        self.proc.stdin.flush()
        return self.answer({"send": "sent", "pause": "paused"}.get(key, key))

    def send(self, todo):
        assert self.ask("send", [d.hex() for d in todo]) == len(todo)

    def take(self):
        with self.lock:
            got, self.got = self.got, []
        return [(d, src) for d, src in got if frames.kind(d)]

    def failed(self, timeout=5):
        """The error with which the guest's library gave up."""
        return wait(lambda: self.error, "an error at guest %s" % self.name, timeout)

    def kill(self):
        self.proc.kill()
        self.proc.wait()

    def close(self):
        if self.proc.poll() is None:
            with contextlib.suppress(OSError):
                self.proc.stdin.write(b'{"quit": 1}\n')
                self.proc.stdin.flush()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.proc.wait(3)
        self.kill()


class World:
    """A daemon in namespaces of its own, with a wire. close() checks that nothing is left behind."""

    def __init__(self, daemon=True, uplink=True):
        global _worlds
        _worlds += 1
        self.id = "xt%d-%d" % (os.getpid(), _worlds)
        self.ns, self.wire_ns = self.id + "s", self.id + "w"
        self.namespaces, self.ports, self.guests, self.procs = [], {}, {}, []
        self.daemon = None
        self.dir = tempfile.mkdtemp(prefix=self.id)
        os.chmod(self.dir, 0o755)
        self.bpffs, self.run_dir = os.path.join(self.dir, "bpf"), os.path.join(self.dir, "run")
        os.mkdir(self.bpffs)
        os.mkdir(self.run_dir)
        run("mount", "-t", "bpf", "bpf", self.bpffs)
        # Where an ordinary user can reach them, wherever the checkout is.
        for name in ("xvsw", "xvsw-guest", "libxvsw-guest.so"):
            shutil.copy(os.path.join(BUILD, name), self.dir)
        shutil.copy(os.path.join(BUILD, "libxvsw-guest.so"), os.path.join(self.dir, "libxvsw-guest.so.0"))
        shutil.copy(os.path.join(HERE, "guest.py"), self.dir)
        for ns in (self.ns, self.wire_ns):
            self.add_ns(ns)
        if uplink:
            self.make_wire()
        if daemon:
            self.start()

    # ---- the surroundings ----
    def add_ns(self, ns):
        netns_add(ns)
        self.namespaces.append(ns)
        return ns

    def make_wire(self):
        veth_pair(self.ns, "up0", UPLINK_MAC, self.wire_ns, "w0", WIRE_MAC)
        # A wire carries complete frames: checksums done, tags in the frame.
        ethtool(self.wire_ns, "-K", "w0", "tx", "off", "txvlan", "off", "rxvlan", "off")
        self.open_wire()

    def open_wire(self):
        for name, ns, dev, mac, proto, id_ in (
                ("wire", self.wire_ns, "w0", WIRE_MAC, ETH_P_ALL, WIRE),
                # By protocol, so it sees what the host's stack gets, after XDP and tc.
                ("host", self.ns, "up0", UPLINK_MAC, frames.ETHERTYPE, HOST)):
            if name in self.ports:
                self.ports[name].close()
            self.ports[name] = RawPort(name, ns, dev, mac, proto, id_)

    def log_file(self, name):
        return open(os.path.join(self.dir, name + ".log"), "ab")

    def log(self):
        with open(os.path.join(self.dir, "xvswd.log"), encoding="utf-8", errors="replace") as f:
            return f.read()

    # ---- the daemon and its tool ----
    def daemon_cmd(self, *args):
        return [os.path.join(BUILD, "xvswd"), "-i", self.id, "--netns", self.ns, "--run-dir", self.run_dir,
                "--bpffs", self.bpffs, *args]

    def start(self, *args):
        seen = len(self.log()) if os.path.exists(os.path.join(self.dir, "xvswd.log")) else 0
        with self.log_file("xvswd") as log:
            self.daemon = subprocess.Popen(self.daemon_cmd("--log-level", "debug", *args), stderr=log, stdout=log)

        def ready():
            assert self.daemon.poll() is None, "xvswd ended with status %s:\n%s" % (
                self.daemon.returncode, self.log()[seen:])
            return "ready" in self.log()[seen:]
        wait(ready, "xvswd says ready", 10)

    def stop(self, sig=signal.SIGTERM):
        self.daemon.send_signal(sig)
        status = self.daemon.wait(20)
        self.daemon = None
        return status

    def alive(self):
        assert self.daemon.poll() is None, "xvswd ended with status %s:\n%s" % (
            self.daemon.returncode, self.log()[-3000:])
        return True

    def cmd(self, *args):
        return [os.path.join(BUILD, "xvsw"), "-i", self.id, "--netns", self.ns, *map(str, args)]

    def x(self, *args, check=True, **kw):
        return run(*self.cmd(*args), check=check, **kw)

    def j(self, *args):
        return json.loads(self.x("-j", *args).stdout)

    def vport(self, name, *opts):
        return self.j(*opts, "vport", "show", name)[0]

    def stats(self, name):
        return self.vport(name, "-s")["stats"]

    def reasons(self):
        """{vport: {reason: count}}, zeros left out."""
        return {s["vport"]: {r: n for r, n in s["reasons"].items() if n} for s in self.j("stats", "reasons")}

    def state(self):
        """What show says, for before and after."""
        return [self.j(what, "show") for what in ("switch", "vport", "filter")]

    def refused(self, *args, says="", status=1):
        """The command fails with one clear line and changes nothing."""
        before = self.state()
        done = self.x(*args, check=False)
        text = done.stderr
        assert done.returncode == status, "%s: status %d: %s%s" % (args, done.returncode, done.stdout, text)
        assert text.startswith("xvsw: ") and text.count("\n") == 1, "%s: not one line: %r" % (args, text)
        for word in [says] if isinstance(says, str) else says:
            assert word.lower() in text.lower(), "%s: no %r in: %s" % (args, word, text)
        assert done.stdout == ""
        assert self.state() == before, "%s: refused, but something changed" % (args,)
        return text

    def guest_socket(self, vport):
        for path in (("guest",), (self.id, "guest")):
            path = os.path.join(self.run_dir, *path, vport + ".sock")
            if os.path.exists(path):
                return path
        raise AssertionError("no socket of %s under %s" % (vport, self.run_dir))

    # ---- VPorts ----
    def switch(self, *opts, name="sw0"):
        self.x("switch", "add", name, "uplink", "up0", *opts)

    def add_xsk(self, name, mac, *opts, guest=True, owner="nobody"):
        self.x("vport", "add", name, "switch", "sw0", "xsk", "owner", owner, "mac", mac, *opts)
        if guest:
            self.attach(name, mac)

    def attach(self, name, mac):
        self.ports[name] = self.guests[name] = GuestPort(self, name, mac)
        wait(lambda: self.vport(name)["state"] == "up", "%s up" % name)
        return self.ports[name]

    def detach(self, name):
        self.ports.pop(name)
        self.guests.pop(name).close()

    def add_veth(self, name, mac, *opts, raw=True):
        ns = self.add_ns(self.id + name)
        self.x("vport", "add", name, "switch", "sw0", "veth", "eth0", "netns", ns, "mac", mac, *opts)
        ip(ns, "link", "set", "eth0", "up")
        wait(lambda: self.vport(name)["state"] == "up", "%s up" % name)
        if raw:
            self.ports[name] = RawPort(name, ns, "eth0", mac, ETH_P_ALL, self.vport(name)["id"])
        return ns

    def make_dev(self, name, mac):
        """A veth pair of the test's own: NAMEh in the switch's namespace, eth0 in the guest's."""
        ns = self.id + name
        if ns not in self.namespaces:
            self.add_ns(ns)
        veth_pair(self.ns, name + "h", "02:00:00:01:00:01", ns, "eth0", mac)
        # The switch's end runs XDP, which wants complete frames.
        ethtool(ns, "-K", "eth0", "tx", "off")
        return ns

    def add_dev(self, name, mac):
        ns = self.make_dev(name, mac)
        self.x("vport", "add", name, "switch", "sw0", "dev", name + "h")
        self.x("filter", "add", "vport", name, "mac", mac)
        wait(lambda: self.vport(name)["state"] == "up", "%s up" % name)
        self.ports[name] = RawPort(name, ns, "eth0", mac, ETH_P_ALL, self.vport(name)["id"])
        return ns

    def popen(self, *cmd, **kw):
        proc = subprocess.Popen([str(c) for c in cmd], **kw)
        self.procs.append(proc)
        return proc

    # ---- frames ----
    def exchange(self, src, todo, expect, markers=True, timeout=2.0):
        """Send frames at port src; each port of expect {port: [bytes...]} gets exactly those, in
        order and byte by byte, every other port nothing, src nothing of its own. A broadcast that follows
        the frames on every path tells when they would have arrived."""
        for port in self.ports.values():
            port.take()
        marker = frames.frame(frames.BROADCAST, self.ports[src].mac, kind=frames.MARKER)
        got = {name: [] for name in self.ports}
        self.ports[src].send(todo + [marker] * markers)

        def arrived():
            for name, port in self.ports.items():
                got[name] += port.take()
            if not markers:
                return all(len(got[n]) >= len(expect.get(n, [])) for n in got)
            return all(marker in [d for d, _ in got[n]] for n in got if n != src)
        with contextlib.suppress(AssertionError):
            wait(arrived, "", timeout)
            got[src] += self.ports[src].take()
        for name in self.ports:
            data = [d for d, _ in got[name] if d != marker]
            self.compare(name, data, list(expect.get(name, [])))
        for name in self.ports:
            times = sum(d == marker for d, _ in got[name])
            assert times == (0 if name == src else 1) * markers, "%s: broadcast of %s came %d times" % (
                name, src, times)
            for _, from_id in got[name]:
                assert from_id is None or from_id == self.ports[src].vport_id, \
                    "%s: source VPort %d of a frame from %s (%s)" % (name, from_id, src, self.ports[src].vport_id)

    @staticmethod
    def compare(name, got, expected):
        if got == expected:
            return
        lost = [d for d in expected if d not in got]
        extra = [d for d in got if d not in expected]
        twice = len(got) - len(set(got))
        raise AssertionError("%s: %d frames of %d expected; %d lost, %d strange, %d twice%s%s%s" % (
            name, len(got), len(expected), len(lost), len(extra), twice,
            "; lost: " + frames.short(lost[0]) if lost else "",
            "; strange: " + frames.short(extra[0]) if extra else "",
            "" if lost or extra or twice else "; only the order differs"))

    @contextlib.contextmanager
    def drops(self, expect):
        """Within, exactly these drops are counted: {vport: {reason: n}}."""
        before = self.reasons()
        yield

        def delta():
            return {vp: d for vp, now in self.reasons().items()
                    if (d := {r: n - before.get(vp, {}).get(r, 0) for r, n in now.items()
                              if n != before.get(vp, {}).get(r, 0)})}
        with contextlib.suppress(AssertionError):
            wait(lambda: delta() == expect, "", 2)
        assert delta() == expect

    # ---- what must be as it was ----
    def host_state(self):
        """Everything on the host that a switch may touch."""
        links = {}
        for link in ip_json(self.ns, "link"):
            keep = ("ifname", "flags", "mtu", "address", "promiscuity", "allmulti", "linkinfo", "xdp", "qdisc", "operstate")
            links[link["ifname"]] = {k: link.get(k) for k in keep}
        state = {"links": links, "namespaces": sorted(n for n in os.listdir("/run/netns") if self.id in n),
                 "pins": sorted(os.path.join(d, f)[len(self.bpffs):] for d, _, fs in os.walk(os.path.join(self.bpffs, "xvsw")) for f in fs),
                 "mounts": self.mounts()}
        if "up0" in links:
            state["fdb"] = sorted(run("bridge", "-n", self.ns, "fdb", "show", "dev", "up0").stdout.splitlines())
            state["tc"] = run("tc", "-n", self.ns, "qdisc", "show", "dev", "up0").stdout
            state["maddr"] = sorted(x.get("link", "") for m in ip_json(self.ns, "maddr", "show", "dev", "up0")
                                    for x in m["maddr"])
            state["features"] = ethtool(self.ns, "-k", "up0")
        return state

    def mounts(self):
        with open("/proc/self/mountinfo", encoding="utf-8") as f:
            return sorted(p for line in f if (p := line.split()[4]).startswith(self.run_dir))

    def close(self):
        for guest in self.guests.values():
            guest.close()
        for port in self.ports.values():
            port.close()
        for proc in self.procs:
            if proc.poll() is None:
                proc.kill()
            proc.wait()
        try:
            if self.daemon and self.daemon.poll() is None:
                self.stop()
            done = run(*self.daemon_cmd("--flush-only"), check=False)
            leaks = {k: v for k, v in self.host_state().items() if k in ("pins", "mounts") and v}
            leaks["links"] = [n for n in self.host_state()["links"] if n not in ("lo", "up0") and not n.endswith("h")]
        finally:
            if self.daemon and self.daemon.poll() is None:
                self.daemon.kill()
                self.daemon.wait()
            for ns in self.namespaces:
                run("ip", "netns", "del", ns, check=False)
            for mount in self.mounts()[::-1]:
                run("umount", "-l", mount, check=False)
            run("umount", "-l", self.bpffs, check=False)
            if not os.environ.get("XVSW_KEEP"):
                shutil.rmtree(self.dir, ignore_errors=True)
        assert done.returncode == 0, "xvswd --flush-only: %s" % done.stderr
        assert not any(leaks.values()), "left behind: %s" % leaks
