# SPDX-License-Identifier: GPL-2.0-only
"""Hands other than the daemon's on its devices: other instances, other namespaces, the administrator, guests on
taps, and events that are lost. Each test has a world of its own (lib.py)."""
import contextlib
import fcntl
import itertools
import json
import os
import select
import signal
import struct
import subprocess
import threading
import time

import pytest

import frames
from conftest import D1, V1, V2, X1
from frames import BROADCAST, frame
from lib import ETH_P_ALL, UPLINK_MAC, WIRE_MAC, RawPort, World, in_ns, ip, ip_json, run, veth_pair, wait

T1 = "02:00:00:00:04:01"
OWN = "is a switch's own device"
DEFAULT = "sw0/default"


class TapPort:
    """A guest behind a tap: one thread reads it with plain blocking read(), send() is plain blocking write()."""

    def __init__(self, name, ns, ifname, mac):
        self.name, self.mac, self.vport_id = name, mac, None
        self.lock, self.got = threading.Lock(), []
        with in_ns(ns):
            self.fd = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(self.fd, 0x400454ca, struct.pack("16sH22x", ifname.encode(), 0x1002))  # IFF_TAP, IFF_NO_PI
        self.wake, self.end = os.pipe()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        poll = select.poll()
        poll.register(self.fd, select.POLLIN)
        poll.register(self.wake, select.POLLIN | select.POLLHUP)
        while True:
            ready = [fd for fd, _ in poll.poll()]
            if self.wake in ready:
                return
            try:
                data = os.read(self.fd, 65536)
            except OSError:  # the device is down for now
                time.sleep(0.01)
                continue
            with self.lock:
                self.got.append((data, None))

    def send(self, todo):
        for data in todo:
            assert os.write(self.fd, data) == len(data)

    def take(self):
        with self.lock:
            got, self.got = self.got, []
        return [(d, src) for d, src in got if frames.kind(d)]

    def close(self):
        if self.fd >= 0:
            os.close(self.end)
            self.reader.join(5)
            os.close(self.wake)
            os.close(self.fd)
            self.fd = -1


@contextlib.contextmanager
def second_instance(world):
    """Another daemon in the namespace of the first; ends cleanly and leaves nothing of its own."""
    other = World(uplink=False, daemon=False)
    home = other.ns
    other.ns = world.ns
    try:
        other.start()
        yield other
        assert other.stop() == 0
        run(*other.daemon_cmd("--flush-only"))
    finally:
        if other.daemon:
            other.stop(signal.SIGKILL)
            run(*other.daemon_cmd("--flush-only"), check=False)
        other.ns = home
        other.close()


def pairings(world, *pairs):
    for src, dst in pairs:
        todo = [frame(world.ports[dst].mac, world.ports[src].mac, size) for size in (60, 700, 1514)]
        world.exchange(src, todo, {dst: todo})


def host_with_veth(world):
    pairings(world, ("wire", "v1"), ("v1", "wire"), ("host", "v1"), ("v1", "host"), ("wire", "host"), ("host", "wire"))


def link(world, dev):
    return ip_json(world.ns, "link", "show", "dev", dev)[0]


def links(world):
    """{name: index}"""
    return {x["ifname"]: x["ifindex"] for x in ip_json(world.ns, "link")}


def tc_filters(world, dev="up0"):
    return [run("tc", "-n", world.ns, "filter", "show", "dev", dev, side).stdout for side in ("ingress", "egress")]


def record(world):
    """What the daemon wrote down about the host."""
    files = {}
    for top, _, names in os.walk(world.run_dir):
        for name in names if "/state/" in top + "/" else ():
            with open(os.path.join(top, name), encoding="utf-8") as f:
                files[os.path.join(top, name)] = f.read()
    return files


def of_host(world, state=None):
    """host_state() without the namespaces and without the tests' own ends of dev VPorts."""
    state = state or world.host_state()
    state.pop("namespaces")
    for name in ("d1h", "d2h"):
        state["links"].pop(name, None)
    return state


def fdb(world, dev="up0"):
    return run("bridge", "-n", world.ns, "fdb", "show", "dev", dev).stdout


def test_refused_uplink_changes_nothing(world):
    """The second instance is told whose the uplink is, and the first switch is whole; also after the second is gone."""
    world.switch()
    world.add_veth("v1", V1)
    before, filters, written, state = world.host_state(), tc_filters(world), record(world), world.state()
    assert all("xvsw" in f or "bpf" in f for f in filters) and written
    with second_instance(world) as other:
        for _ in range(2):
            other.refused("switch", "add", "other", "uplink", "up0", says="up0 belongs to another switch")
            assert tc_filters(world) == filters
            assert record(world) == written and record(other) == {}
            assert {**world.host_state(), "namespaces": 0} == {**before, "namespaces": 0}
            host_with_veth(world)
    assert tc_filters(world) == filters and record(world) == written and world.state() == state
    assert world.host_state() == before
    host_with_veth(world)


@pytest.mark.parametrize("owner", ["itself", "another instance"])
@pytest.mark.parametrize("end", ["s", "h", "f", "c", "vport"])
def test_own_devices_are_nobodys(world, end, owner):
    """A switch's own devices are neither uplink nor device of a VPort, for another instance and for its own."""
    world.switch()
    world.add_veth("v1", V1)
    number = link(world, "up0")["ifindex"]
    name = "xvp%d.%d" % (number, world.vport("v1")["id"]) if end == "vport" else "xvl%d%s" % (number, end)
    veth_pair(world.ns, "up1", "02:00:00:00:00:03", world.add_ns(world.id + "o"), "w1", "02:00:00:00:00:0b")
    says = "%s %s" % (name, OWN)
    if owner == "itself" and end == "vport":  # it knows more
        says = "%s is the device of VPort v1" % name
    try:
        with second_instance(world) if owner != "itself" else contextlib.nullcontext(world) as asked:
            asked.x("switch", "add", "sw1", "uplink", "up1")
            before, filters = world.host_state(), tc_filters(world, name)
            asked.refused("vport", "add", "t1", "switch", "sw1", "dev", name, says=says)
            asked.refused("switch", "add", "sw9", "uplink", name, says=says)
            assert world.host_state() == before and tc_filters(world, name) == filters
            host_with_veth(world)
            asked.x("switch", "del", "sw1")
        host_with_veth(world)
    finally:
        ip(world.ns, "link", "del", "up1")


@pytest.mark.parametrize("index", ["same", "other"])
def test_uplink_visits_another_namespace(world, index):
    """Away: the switch is down. Back, with its number or another one: up, and switch del leaves the device clean."""
    before = of_host(world)
    away = world.add_ns(world.id + "x")
    number = link(world, "up0")["ifindex"]
    world.switch()
    world.add_veth("v1", V1)
    host_with_veth(world)
    ip(world.ns, "link", "set", "up0", "netns", away)
    wait(lambda: world.j("switch", "show")[0]["state"] == "down", "switch down")
    if index == "other":  # somebody took it meanwhile
        ip(world.ns, "link", "add", "sitter", "index", number, "type", "veth", "peer", "name", "sitter2")
    ip(away, "link", "set", "up0", "netns", world.ns)
    ip(world.ns, "link", "set", "up0", "up")
    wait(lambda: world.j("switch", "show")[0]["state"] == "up", "switch up")
    assert (link(world, "up0")["ifindex"] == number) == (index == "same")
    wait(lambda: "LOWER_UP" in link(world, "up0")["flags"], "carrier")
    world.open_wire()
    host_with_veth(world)
    todo = [frame(BROADCAST, V1)]
    world.exchange("v1", todo, {"wire": todo, "host": todo})
    world.x("switch", "del", "sw0")
    if index == "other":
        ip(world.ns, "link", "del", "sitter")
    up0 = link(world, "up0")
    assert not up0.get("allmulti") and not up0.get("xdp") and V1 not in fdb(world)
    assert "clsact" not in run("tc", "-n", world.ns, "qdisc", "show", "dev", "up0").stdout
    assert of_host(world) == before


def test_tap_with_blocking_io(world):
    """Generic XDP on what the guest sends: floods once everywhere and never back, unicast both ways, counters."""
    world.switch()
    world.add_veth("v1", V1)
    world.add_dev("d1", D1)
    world.add_xsk("x1", X1)
    tap = world.ports["t1"] = TapPort("t1", world.ns, "tap0", T1)
    ip(world.ns, "link", "set", "tap0", "up")
    world.x("vport", "add", "t1", "switch", "sw0", "dev", "tap0", "mac", T1)
    wait(lambda: world.vport("t1")["state"] == "up", "t1 up")
    tap.vport_id = world.vport("t1")["id"]
    others = [name for name in world.ports if name != "t1"]
    todo = [frame(BROADCAST, T1, size) for size in (60, 700, 1514)] + [frame(frames.MULTICAST, T1)]
    size = sum(map(len, todo)) + 100

    def stats():
        return {name: world.stats({"host": DEFAULT}.get(name, name)) for name in world.ports if name != "wire"}
    before = stats()
    with world.drops({}):
        world.exchange("t1", todo, {name: todo for name in others})
    after = stats()
    for name, now in after.items():
        sent = name == "t1"
        delta = {k: n - before[name][k] for k, n in now.items()}
        assert delta == {"rx_packets": (not sent) * 5, "rx_bytes": (not sent) * size, "tx_packets": sent * 5,
                         "tx_bytes": sent * size, "rx_dropped": 0, "tx_dropped": 0}, name
    for name in ("wire", "host", "v1", "d1"):
        before = stats()
        with world.drops({}):
            pairings(world, ("t1", name), (name, "t1"))
        if name == "wire":
            continue
        delta = {k: n - before["t1"][k] for k, n in stats()["t1"].items()}
        assert delta == {"rx_packets": 4, "rx_bytes": 2374, "tx_packets": 4, "tx_bytes": 2374, "rx_dropped": 0,
                         "tx_dropped": 0}, name
    with world.drops({}):
        pairings(world, ("x1", "t1"))
    # As an skb it carries no metadata: the guest then takes the default VPort for the source.
    tap.vport_id = 0
    todo = [frame(X1, T1, size) for size in (60, 700, 1514)]
    with world.drops({}):
        world.exchange("t1", todo, {"x1": todo}, markers=False)
    with world.drops({"t1": {"spoofcheck": 1, "hairpin": 1}}):
        world.exchange("t1", [frame(WIRE_MAC, V1), frame(T1, T1)], {}, markers=False)
    world.x("vport", "del", "t1")
    world.ports.pop("t1").close()
    wait(lambda: "tap0" not in links(world), "tap0 gone")


def test_deleted_device_counts_each_frame(world):
    """Frames for the filter of a VPort whose device is gone: all under no_target of that VPort, none elsewhere."""
    world.switch()
    world.add_veth("v1", V1)
    world.add_dev("d1", D1)
    pairings(world, ("wire", "d1"))
    ip(world.ns, "link", "del", "d1h")
    wait(lambda: world.vport("d1")["state"] == "down", "d1 down")
    world.ports.pop("d1").close()
    before = world.stats("d1")
    for src, n in (("wire", 1), ("wire", 25), ("wire", 400), ("v1", 25), ("host", 25)):
        with world.drops({"d1": {"no_target": n}}):
            world.exchange(src, [frame(D1, world.ports[src].mac, 60 + i) for i in range(n)], {})
    delta = {k: n - before[k] for k, n in world.stats("d1").items() if n != before[k]}
    assert delta == {"rx_dropped": 476}


def test_grow_mtu_of_xsk(world):
    """Without a guest the MTU grows, and the next guest gets whole frames; an attached guest's buffers stop it."""
    for ns, dev in ((world.ns, "up0"), (world.wire_ns, "w0")):
        ip(ns, "link", "set", dev, "mtu", "3500")
    world.switch()
    world.add_xsk("x1", X1, "mtu", "1500", guest=False)
    dev = world.vport("x1")["dev"]
    for _ in range(2):
        world.x("vport", "set", "x1", "mtu", 3000)
        assert world.vport("x1")["mtu"] == link(world, dev)["mtu"] == 3000
        world.attach("x1", X1)
        assert world.guests["x1"].info["mtu"] == 3000
        with world.drops({}):
            for src, dst in (("wire", "x1"), ("x1", "wire"), ("host", "x1"), ("x1", "host")):
                todo = [frame(world.ports[dst].mac, world.ports[src].mac, size) for size in (60, 1515, 2514, 3014)]
                world.exchange(src, todo, {dst: todo})
        with world.drops({"x1": {"mtu": 1}}):
            world.exchange("wire", [frame(X1, WIRE_MAC, 3015)], {})
        world.detach("x1")
        wait(lambda: world.vport("x1")["state"] == "waiting", "no guest")
        world.x("vport", "set", "x1", "mtu", 1500)
        world.attach("x1", X1)
        before = world.host_state()
        world.refused("vport", "set", "x1", "mtu", 3000, says=["mtu 3000", "attached guest's buffers"])
        assert world.host_state() == before and world.vport("x1")["mtu"] == link(world, dev)["mtu"] == 1500
        with world.drops({"x1": {"mtu": 1}}):
            todo = [frame(X1, WIRE_MAC, 1514)]
            world.exchange("wire", todo + [frame(X1, WIRE_MAC, 1515)], {"x1": todo})
        world.detach("x1")
        wait(lambda: world.vport("x1")["state"] == "waiting", "no guest")


def test_mtu_changes_are_followed(world):
    """Of the uplink and of a dev VPort's device: in show, and in what passes."""
    world.switch()
    world.add_dev("d1", D1)
    world.add_veth("v1", V1)
    for dev, vport, dst in (("up0", DEFAULT, "wire"), ("d1h", "d1", "d1")):
        for mtu in (1400, 900, 1500):
            ip(world.ns, "link", "set", dev, "mtu", str(mtu))
            wait(lambda vport=vport, mtu=mtu: world.vport(vport)["mtu"] == mtu, "%s: mtu %d" % (vport, mtu))
            fits, too_long = (frame(world.ports[dst].mac, V1, n) for n in (mtu + 14, mtu + 15))
            if mtu == 1500:  # the sender's own device lets no more through
                world.exchange("v1", [fits], {dst: [fits]})
                continue
            with world.drops({vport: {"mtu": 1}}):
                world.exchange("v1", [too_long, fits], {dst: [fits]})
    assert world.vport("v1")["mtu"] == 1500


@pytest.mark.parametrize("end", "shfc")
def test_own_pair_deleted_by_hand(world, end):
    """Degraded with a reason; unicast that needs it not still flows; the switch made anew is whole."""
    before = of_host(world)
    world.switch()
    world.add_veth("v1", V1)
    ip(world.ns, "link", "del", "xvl%d%s" % (link(world, "up0")["ifindex"], end))
    switch = wait(lambda: (s := world.j("switch", "show")[0])["state"] == "degraded" and s, "switch degraded")
    assert "deleted" in switch["reason"] and "xvl" in switch["reason"]
    for src, dst in (("host", "wire"), ("wire", "v1"), ("v1", "wire"), ("wire", "host")):
        todo = [frame(world.ports[dst].mac, world.ports[src].mac, size) for size in (60, 700, 1514)]
        world.exchange(src, todo, {dst: todo}, markers=False)
    # The leg carries what the host sends to guests; without it the wire gets all that the host sends.
    todo = [frame(V1, UPLINK_MAC, size) for size in (60, 1514)]
    world.exchange("host", todo, {"wire" if end in "sh" else "v1": todo}, markers=False)
    todo = [frame(BROADCAST, UPLINK_MAC)]
    world.exchange("host", todo, {"wire": todo}, markers=False)
    world.x("switch", "del", "sw0")
    world.ports.pop("v1").close()
    assert of_host(world) == before
    world.switch()
    world.add_veth("v2", V2)
    assert world.j("switch", "show")[0]["state"] == "up"
    pairings(world, ("wire", "v2"), ("v2", "wire"), ("host", "v2"), ("v2", "host"), ("host", "wire"))
    world.x("switch", "del", "sw0")
    assert of_host(world) == before


def test_addresses_that_were_there_before(world):
    """Somebody's unicast address on the uplink that is a filter's MAC too stays his; the filters' own go."""
    mine, other = "02:00:00:00:66:01", "02:00:00:00:66:02"
    run("bridge", "-n", world.ns, "fdb", "add", mine, "dev", "up0", "self", "permanent")
    assert mine in fdb(world)
    before = of_host(world)

    def fill():
        world.switch()
        world.x("vport", "add", "x1", "switch", "sw0", "xsk", "mac", X1)
        return [world.x("filter", "add", "vport", "x1", "mac", mac).stdout.split()[0] for mac in (mine, other)]

    ids = fill()
    assert all(mac in fdb(world) for mac in (mine, other, X1))
    for filter_id in ids:
        world.x("filter", "del", filter_id)
    assert mine in fdb(world) and other not in fdb(world)
    for mac in (other, mine):
        world.x("filter", "add", "vport", "x1", "mac", mac)
    world.x("switch", "del", "sw0")
    assert mine in fdb(world) and of_host(world) == before
    fill()
    world.stop(signal.SIGKILL)
    assert all(mac in fdb(world) for mac in (mine, other, X1))
    run(*world.daemon_cmd("--flush-only"))
    assert mine in fdb(world) and of_host(world) == before


@pytest.mark.parametrize("decoy", [False, True])
def test_renamed_uplink_is_cleaned(world, decoy):
    """The uplink under another name: the switch goes on, and --flush-only finds the device, not its old name's heir."""
    before = of_host(world)
    world.switch()
    world.add_veth("v1", V1)
    for args in (("down",), ("name", "up9"), ("up",)):
        ip(world.ns, "link", "set", "up0" if args != ("up",) else "up9", *args)
    wait(lambda: world.j("switch", "show")[0]["state"] == "up", "switch up")
    wait(lambda: "LOWER_UP" in link(world, "up9")["flags"], "carrier")
    if decoy:
        ip(world.ns, "link", "add", "up0", "type", "veth", "peer", "name", "up0p")
        ip(world.ns, "link", "set", "up0", "allmulticast", "on")
        run("tc", "-n", world.ns, "qdisc", "add", "dev", "up0", "clsact")
    world.ports.pop("host").close()
    world.ports["host"] = RawPort("host", world.ns, "up9", UPLINK_MAC, frames.ETHERTYPE, 0)
    host_with_veth(world)
    up9 = link(world, "up9")
    assert up9.get("xdp") and up9["allmulti"] and V1 in fdb(world, "up9")
    world.stop(signal.SIGKILL)
    run(*world.daemon_cmd("--flush-only"))
    up9 = link(world, "up9")
    assert not up9.get("xdp") and not up9.get("allmulti") and V1 not in fdb(world, "up9")
    assert "clsact" not in run("tc", "-n", world.ns, "qdisc", "show", "dev", "up9").stdout
    assert not [name for name in links(world) if name.startswith("xv")]
    if decoy:
        assert link(world, "up0")["allmulti"]
        assert "clsact" in run("tc", "-n", world.ns, "qdisc", "show", "dev", "up0").stdout
        ip(world.ns, "link", "del", "up0")
    for args in (("down",), ("name", "up0"), ("up",)):
        ip(world.ns, "link", "set", "up9" if args != ("up",) else "up0", *args)
    wait(lambda: "LOWER_UP" in link(world, "up0")["flags"], "carrier")
    assert of_host(world) == before


@pytest.mark.parametrize("end", ["flush", "term", "kill"])
def test_private_bpffs_is_unmounted(world, end):
    """The bpffs that the daemon mounted goes with the last of what was pinned there."""
    world.stop()
    run("umount", world.bpffs)
    try:
        before = of_host(world)
        assert before["mounts"] == []
        world.start(*["--flush"] * (end == "flush"))
        world.switch()
        world.add_veth("v1", V1)
        world.x("vport", "add", "x1", "switch", "sw0", "xsk", "mac", X1)
        host_with_veth(world)
        assert [m for m in world.mounts() if m.endswith("bpffs")], "no bpffs of its own"
        world.stop(signal.SIGKILL if end == "kill" else signal.SIGTERM)
        if end != "flush":
            host_with_veth(world)
            run(*world.daemon_cmd("--flush-only"))
        assert world.mounts() == [] and not os.path.exists(os.path.join(world.run_dir, "bpffs"))
        assert of_host(world) == before
    finally:
        run("mount", "-t", "bpf", "bpf", world.bpffs)


def lost_events(world):
    """Messages for the daemon's netlink sockets that had no room."""
    with open("/proc/%d/net/netlink" % world.daemon.pid, encoding="ascii") as f:
        rows = [line.split() for line in f][1:]
    return sum(int(row[8]) for row in rows if row[1] == "0")  # NETLINK_ROUTE


def churn(world, name, n=25):
    """Many links that come, change and go."""
    lines = ["link add %s%d type ifb" % (name, i) for i in range(n)]
    lines += ["link set %s%d %s" % (name, i, "mtu %d" % (1000 + k)) for k in range(20) for i in range(n)]
    lines += ["link del %s%d" % (name, i) for i in range(n)]
    run("ip", "-n", world.ns, "-batch", "-", input="\n".join(lines) + "\n")


def test_lost_link_events(world):
    """The daemon reads all links anew: a device made again meanwhile is its VPort's within 2 s, and the tool is
    answered all the time."""
    world.switch()
    world.add_dev("d1", D1)
    world.add_veth("v1", V1)
    pairings(world, ("wire", "d1"))
    world.daemon.send_signal(signal.SIGSTOP)
    try:
        before = lost_events(world)
        rounds = 0
        while lost_events(world) == before:
            assert rounds < 60, "events are not lost"
            churn(world, "c")
            rounds += 1
        world.ports.pop("d1").close()
        ip(world.ns, "link", "del", "d1h")
        ns = world.make_dev("d1", D1)
        churn(world, "e")
        fresh = RawPort("d1", ns, "eth0", D1, ETH_P_ALL, world.ports["v1"].vport_id)
    finally:
        world.daemon.send_signal(signal.SIGCONT)
    start = time.monotonic()
    slowest, vport, todo, got = 0.0, None, [], []
    try:
        while not got:
            assert time.monotonic() - start < 2, "2 s: no frame at d1, %s" % vport
            asked = time.monotonic()
            done = subprocess.run(world.cmd("-j", "vport", "show", "d1"), capture_output=True, timeout=2, check=True)
            slowest = max(slowest, time.monotonic() - asked)
            vport = json.loads(done.stdout)[0]
            todo.append(frame(D1, WIRE_MAC))
            world.ports["wire"].send(todo[-1:])
            time.sleep(0.01)
            got += fresh.take()
        wait(lambda: world.vport("d1")["state"] == "up", "d1 up", max(0.01, start + 2 - time.monotonic()))
        assert "link events were lost" in world.log() and slowest < 2
        fresh.vport_id = world.vport("d1")["id"]
        world.ports["d1"] = fresh
        wait(lambda: got.extend(fresh.take()) or todo[-1] in [d for d, _ in got], "the last frame at d1")
        world.compare("d1", [d for d, _ in got], todo[-len(got):])
        pairings(world, ("wire", "d1"), ("d1", "v1"), ("v1", "d1"), ("wire", "v1"))
        assert world.j("switch", "show")[0]["state"] == "up"
    finally:
        fresh.close()


def test_two_switches_without_uplinks(world):
    """What one of them is refused is not taken from the other."""
    veth_pair(world.ns, "up1", "02:00:00:00:00:03", world.add_ns(world.id + "o"), "w1", "02:00:00:00:00:0b")
    world.switch()
    world.x("switch", "add", "sw1", "uplink", "up1")
    world.add_veth("v1", V1, "id", 7)
    world.add_veth("v2", V2, "id", 8)
    world.ports.pop("wire").close()
    world.ports.pop("host").close()
    up0 = link(world, "up0")["ifindex"]
    for dev in ("up0", "up1"):
        ip(world.ns, "link", "del", dev)
    wait(lambda: all(s["state"] == "down" for s in world.j("switch", "show")), "both down")
    taken = world.add_ns(world.id + "q")
    ip(taken, "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
    before = links(world)

    def all_ways():
        pairings(world, *itertools.permutations(world.ports, 2))
    all_ways()
    for vport_id in (7, 8, 9):
        world.refused("vport", "add", "q1", "switch", "sw1", "veth", "eth0", "netns", taken, "mac", V1, "id", vport_id,
                      says="eth0")
        assert links(world) == before
    # Made while the uplinks are gone: as safe from the other switch as the older ones.
    world.add_veth("v3", X1, "id", 9)
    before = links(world)
    for vport_id in (7, 8, 9):
        world.refused("vport", "add", "q1", "switch", "sw1", "veth", "eth0", "netns", taken, "mac", V1, "id", vport_id,
                      says="eth0")
        assert links(world) == before
    world.x("vport", "add", "q3", "switch", "sw1", "xsk", "mac", X1, "id", 9)
    world.x("vport", "add", "q1", "switch", "sw1", "veth", "eth7", "netns", taken, "mac", V1, "id", 7)
    world.x("vport", "add", "q2", "switch", "sw1", "xsk", "mac", V2, "id", 8)
    all_ways()
    during = links(world)
    for kind in (("veth", "eth7", "netns", taken), ("xsk",)):
        world.refused("vport", "add", "q4", "switch", "sw1", *kind, "mac", WIRE_MAC, "id", 7, says="id 7")
        world.refused("vport", "add", "q4", "switch", "sw0", *kind, "mac", WIRE_MAC, "id", 8, says="id 8")
    assert links(world) == during
    world.x("switch", "del", "sw1")
    number = {name.rstrip("shfc") for name in before if name.startswith("xvl")} - {"xvl%d" % up0}
    assert links(world) == {name: i for name, i in before.items() if name.rstrip("shfc") not in number}
    all_ways()


def test_squatter_of_a_device_name(world):
    """A device of somebody's with the name of a VPort's: the VPort is refused, the device stays."""
    world.switch()
    squat = "xvp%d.7" % link(world, "up0")["ifindex"]
    ip(world.ns, "link", "add", squat, "type", "veth", "peer", "name", "squat2")
    before = links(world)
    ns = world.add_ns(world.id + "q")
    world.refused("vport", "add", "q1", "switch", "sw0", "veth", "eth0", "netns", ns, "mac", V1, "id", 7, says=squat)
    world.refused("vport", "add", "q1", "switch", "sw0", "xsk", "mac", V1, "id", 7, says=squat)
    assert links(world) == before and [x["ifname"] for x in ip_json(ns, "link")] == ["lo"]
    ip(world.ns, "link", "del", squat)
    world.add_veth("q1", V1, "id", 7)
    pairings(world, ("wire", "q1"), ("q1", "wire"))
