# SPDX-License-Identifier: GPL-2.0-only
"""The bench's world: namespaces, veth pairs, daemon, and one measurement.

    xt-bench-wire           xt-bench-host               xt-bench-guest
    +-------+        +--------------------------+        +-------+
    | wire0 |========| up0   XDP under test gh0 |========| gg0   |
    | wire1 |========| up1                  gh1 |========| gg1   |
    +-------+        |                      gh2 |========| gg2   |
                     +--------------------------+        +-------+
"""
import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import time

WIRE, HOST, GUEST = "xt-bench-wire", "xt-bench-host", "xt-bench-guest"
RUN = "/run/xt-bench"
INSTANCE = "xt-bench"
GUESTS = ("gg0", "gg1", "gg2")
GEN_CPU = 0
SINK_CPU = 1
READY_S = 10
# Others on the reader's CPU slow the generator's too (shared caches, shared core): such a
# measurement is marked, and with --quiet made again, this often at most.
DISTURBED = 0.1
QUIET_TRIES = 8
QUIET_WAIT_S = 30


class BenchError(Exception):
    """A step of the bench failed; the text says which."""


def run(*argv, check=True):
    p = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if check and p.returncode:
        raise BenchError(f"{' '.join(argv)}: exit {p.returncode}: {p.stderr.strip()}")
    return p


def wait_for(what, condition, seconds=READY_S):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise BenchError(f"{what}: not within {seconds} s")
        time.sleep(0.002)


def mac(n, base=0x020000000000):
    return ":".join(f"{b:02x}" for b in (base + n).to_bytes(6, "big"))


def cpu_busy(cpu):
    """Seconds that a CPU has been busy since boot."""
    with open("/proc/stat", encoding="utf-8") as f:
        row = next(line.split() for line in f if line.startswith(f"cpu{cpu} "))
    user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, row[1:9])
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


def process_busy(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_quiet():
    """Until nobody uses the reader's CPU; a machine that is never quiet is measured as it is."""
    end = time.monotonic() + QUIET_WAIT_S
    while time.monotonic() < end:
        before = cpu_busy(SINK_CPU)
        time.sleep(0.3)
        if cpu_busy(SINK_CPU) - before < 0.3 * DISTURBED:
            return


class Process:
    """A child that says `ready` on stderr, and prints JSON on stdout when it ends."""

    def __init__(self, name, argv, nice=0):
        self.name = name
        self.err = open(f"{RUN}/{name}.err", "w+", encoding="utf-8")
        # pylint: disable=consider-using-with
        self.p = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=self.err, text=True,
                                  preexec_fn=lambda: os.nice(nice))

    def errors(self):
        with open(self.err.name, encoding="utf-8") as f:
            return f.read()

    def wait_ready(self):
        def ready():
            if self.p.poll() is not None:
                raise BenchError(f"{self.name}: {self.errors().strip()}")
            return "ready" in self.errors()
        wait_for(self.name, ready)
        return self

    def stop(self, check=True):
        if self.p.poll() is None:
            self.p.send_signal(signal.SIGTERM)
        try:
            out, _ = self.p.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self.p.kill()
            out, _ = self.p.communicate()
        self.err.close()
        if check and self.p.returncode:
            raise BenchError(f"{self.name}: exit {self.p.returncode}: {self.errors().strip()}")
        return out


class Lab:
    def __init__(self, build, seconds, quiet=False):
        self.build = os.path.abspath(build)
        self.seconds = seconds
        self.quiet = quiet
        self.daemon = None
        self.lock = None
        self.frames = []  # every measurement, for the JSON file

    # ---- the world ----
    def __enter__(self):
        self.lock = open("/run/xt-bench.lock", "w", encoding="utf-8")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as e:
            raise BenchError("another bench is running") from e
        self.clean()
        try:
            os.makedirs(RUN)
            for ns in (WIRE, HOST, GUEST):
                self.add_netns(ns)
            for i in (0, 1):
                self.add_pair(f"up{i}", WIRE, f"wire{i}")
            for i, end in enumerate(GUESTS):
                self.add_pair(f"gh{i}", GUEST, end)
        except BaseException:
            self.clean()
            raise
        return self

    def __exit__(self, *exc):
        self.stop_daemon(check=False)
        self.clean()
        self.lock.close()

    @staticmethod
    def clean():
        have = [line.split()[0] for line in run("ip", "netns", "list").stdout.splitlines()]
        for ns in (WIRE, HOST, GUEST):
            if ns in have:
                run("ip", "netns", "del", ns, check=False)
        if os.path.ismount(f"{RUN}/bpf"):
            run("umount", f"{RUN}/bpf", check=False)
        nets = f"{RUN}/{INSTANCE}/netns"
        for name in os.listdir(nets) if os.path.isdir(nets) else []:
            run("umount", f"{nets}/{name}", check=False)
        shutil.rmtree(RUN, ignore_errors=True)

    @staticmethod
    def add_netns(ns):
        run("ip", "netns", "add", ns)
        run("ip", "netns", "exec", ns, "sh", "-c",
            "for c in all default; do echo 1 > /proc/sys/net/ipv6/conf/$c/disable_ipv6; done")
        run("ip", "-n", ns, "link", "set", "lo", "up")

    @staticmethod
    def add_pair(dev, peer_ns, peer):
        run("ip", "-n", HOST, "link", "add", dev, "type", "veth", "peer", "name", peer, "netns",
            peer_ns)
        for ns, end in ((HOST, dev), (peer_ns, peer)):
            # GRO gives both ends their NAPI: without it a redirect to the peer is lost.
            run("ip", "netns", "exec", ns, "ethtool", "-K", end, "gro", "on")
            run("ip", "-n", ns, "link", "set", end, "up")

    # ---- programs ----
    def tool(self, name):
        return f"{self.build}/tests/bench/{name}"

    def start_daemon(self):
        os.makedirs(f"{RUN}/bpf", exist_ok=True)
        if not os.path.ismount(f"{RUN}/bpf"):
            run("mount", "-t", "bpf", "bpf", f"{RUN}/bpf")
        self.daemon = Process("xvswd", ["taskset", "-c", str(SINK_CPU), f"{self.build}/xvswd",
                                        "-i", INSTANCE, "--netns", HOST, "--run-dir", RUN,
                                        "--bpffs", f"{RUN}/bpf", "--flush"])
        self.daemon.wait_ready()

    def stop_daemon(self, check=True):
        if self.daemon:
            daemon, self.daemon = self.daemon, None
            daemon.stop(check)

    def xvsw_argv(self, *args):
        return [f"{self.build}/xvsw", "-i", INSTANCE, "--netns", HOST, *args]

    def xvsw(self, *args):
        return run(*self.xvsw_argv(*args))

    def xvsw_json(self, *args):
        return json.loads(self.xvsw("-j", *args).stdout)

    def batch(self, lines):
        """Run the lines as one batch; seconds from start to end of the tool."""
        path = f"{RUN}/batch"
        with open(path, "w", encoding="utf-8") as f:
            f.writelines(line + "\n" for line in lines)
        start = time.monotonic()
        self.xvsw("-b", path)
        return time.monotonic() - start

    @staticmethod
    def socket(vport):
        return f"{RUN}/{INSTANCE}/guest/{vport}.sock"

    def measure(self, variant, sink, gen):
        """Frames per second that the sink counted while the generator ran."""
        for _ in range(QUIET_TRIES if self.quiet else 1):
            if self.quiet:
                wait_quiet()
            m = self.measure_once(variant, sink, gen)
            self.frames.append(m)
            if m["others"] < DISTURBED:
                break
        return m["pps"]

    def measure_once(self, variant, sink, gen):
        s = Process("sink", [self.tool("sink"), *sink, "--cpu", str(SINK_CPU)], nice=-20)
        try:
            s.wait_ready()
            busy, own, start = cpu_busy(SINK_CPU), process_busy(s.p.pid), time.monotonic()
            g = Process("gen", [self.tool("gen"), *gen, "--seconds", str(self.seconds),
                                "--cpu", str(GEN_CPU)], nice=-20)
            try:
                g.p.wait(timeout=self.seconds + 30)
            finally:
                out = g.stop()
            others = cpu_busy(SINK_CPU) - busy - process_busy(s.p.pid) + own
            others /= time.monotonic() - start
        except BaseException:
            s.stop(check=False)
            raise
        # What is still in the rings: the reader is through when it has slept on them.
        time.sleep(0.05)
        sent, got = json.loads(out), json.loads(s.stop())
        return {"variant": variant, "pps": got["packets"] / sent["seconds"],
                "others": round(max(others, 0), 3), "sent": sent, "received": got}

    def disturbed(self):
        return sum(m["others"] >= DISTURBED for m in self.frames)

    # ---- what is measured ----
    @contextlib.contextmanager
    def bare(self, dev, to=None, ns=HOST):
        argv = [self.tool("bare"), "--netns", ns, "--dev", dev]
        p = Process(f"bare-{dev}", argv + (["--to", to] if to else []))
        try:
            yield p.wait_ready()
        finally:
            p.stop(check=False)

    @contextlib.contextmanager
    def bridge(self, fdb, *devs):
        """A Linux bridge over devs, static entries {mac: dev}, no learning, no snooping."""
        run("ip", "-n", HOST, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
        try:
            for dev in devs:
                run("ip", "-n", HOST, "link", "set", dev, "master", "br0")
                run("bridge", "-n", HOST, "link", "set", "dev", dev, "learning", "off")
            for addr, dev in fdb.items():
                run("bridge", "-n", HOST, "fdb", "add", addr, "dev", dev, "master", "static")
            run("ip", "-n", HOST, "link", "set", "br0", "up")
            yield
        finally:
            run("ip", "-n", HOST, "link", "del", "br0")

    @contextlib.contextmanager
    def switch(self, *vports, name="sw", uplink="up0", options=()):
        """A switch for as long as the block lasts; vports: (name, kind, argument...) each."""
        self.xvsw("switch", "add", name, "uplink", uplink, *options)
        try:
            for vport, *args in vports:
                self.xvsw("vport", "add", vport, "switch", name, *args)
            yield
        finally:
            self.xvsw("switch", "del", name)
