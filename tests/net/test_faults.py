# SPDX-License-Identifier: GPL-2.0-only
"""Guests that misbehave and devices that vanish: counted, told, and over when the fault is over."""
import errno
import os
import signal

import pytest

from conftest import D1, V1, V2, X1, X2
from frames import BROADCAST, frame
from lib import AS_NOBODY, UPLINK_MAC, WIRE_MAC, GuestPort, World, ip, ip_json, run, veth_pair, wait


@pytest.fixture(scope="module")
def sw():
    """x1, x2 without guests and v1."""
    world = World()
    try:
        world.switch()
        world.add_xsk("x1", X1, guest=False)
        world.add_xsk("x2", X2, guest=False)
        world.add_veth("v1", V1)
        yield world
    finally:
        world.close()


def settle(sw, vport="x1"):
    wait(lambda: sw.vport(vport)["state"] == "waiting", vport + " without guest")


def test_no_guest(sw):
    """Nobody attached: every frame is counted under no_guest, nothing is delivered, floods go on."""
    before = sw.stats("x1")
    todo = [frame(X1, WIRE_MAC, size) for size in (60, 64, 1514) * 100]
    with sw.drops({"x1": {"no_guest": 301}, "x2": {"no_guest": 1}}):
        sw.exchange("wire", todo, {})
    after = sw.stats("x1")
    assert after["rx_packets"] == before["rx_packets"] and after["rx_bytes"] == before["rx_bytes"]
    assert after["rx_dropped"] == before["rx_dropped"] + 301


def test_attach_twice(sw):
    """The second guest is refused, the first one keeps its frames."""
    sw.attach("x1", X1)
    second = GuestPort(sw, "x1", X1, ready=False)
    assert second.failed()["errno"] == errno.EBUSY
    assert second.failed()["error"]
    second.close()
    todo = [frame(X1, WIRE_MAC)]
    sw.exchange("wire", todo, {"x1": todo})
    sw.detach("x1")
    settle(sw)


def test_not_the_owner(sw):
    """Another ordinary user may not attach."""
    other = GuestPort(sw, "x1", X1, uid=65533, ready=False)
    assert other.failed()["errno"] in (errno.EACCES, errno.EPERM)
    other.close()
    assert sw.vport("x1")["state"] == "waiting"


def test_guest_needs_no_capability(sw):
    guest = sw.attach("x1", X1)
    with open("/proc/%d/status" % guest.proc.pid, encoding="ascii") as f:
        status = {key: value.strip() for key, _, value in (line.partition(":") for line in f)}
    assert int(status["CapEff"], 16) == 0 and int(status["CapPrm"], 16) == 0 and status["Uid"].split()[0] == "65534"
    info = guest.ask("info")
    assert (info["name"], info["macs"], info["mtu"]) == ("x1", [X1], 1500)
    sw.detach("x1")
    settle(sw)


def test_guest_learns_macs(sw):
    """The broker tells a guest of filters that come and go."""
    guest, mac = sw.attach("x1", X1), "02:00:00:00:44:01"
    new = sw.x("filter", "add", "vport", "x1", "mac", mac).stdout.split()[0]
    wait(lambda: guest.ask("info")["macs"] == [X1, mac], "two MACs")
    sw.x("filter", "move", new, "vport", "v1")
    wait(lambda: guest.ask("info")["macs"] == [X1], "one MAC")
    sw.x("filter", "del", new)
    sw.detach("x1")
    settle(sw)


@pytest.mark.parametrize("round_", range(5))
def test_guest_killed_and_back_at_once(sw, round_):
    """kill -9 with frames in flight both ways; the next guest attaches at once and gets every frame."""
    first = sw.attach("x1", X1)
    first.proc.send_signal(signal.SIGSTOP)
    sw.ports["wire"].send([frame(X1, WIRE_MAC) for _ in range(300)])
    first.proc.send_signal(signal.SIGCONT)
    first.proc.stdin.write(b'{"send": ["%s"]}\n' % frame(WIRE_MAC, X1).hex().encode() * 50)
    first.proc.stdin.flush()
    first.kill()
    second = sw.attach("x1", X1)
    assert second.info["name"] == "x1"
    todo = [frame(X1, WIRE_MAC, size) for size in (60, 512, 1514) * 20]
    with sw.drops({"x2": {"no_guest": 1}}):
        sw.exchange("wire", todo, {"x1": todo})
    back = [frame(WIRE_MAC, X1, size) for size in (60, 512, 1514) * 20]
    sw.exchange("x1", back, {"wire": back})
    sw.detach("x1")
    settle(sw)


def test_guest_that_never_reads(sw):
    """Its rings fill, the rest is counted under ring_full, others are not disturbed, and when it reads
    again it gets what fitted and everything after."""
    guest = sw.attach("x1", X1)
    guest.ask("pause", True)
    sent = 12000
    before, reasons = sw.stats("x1"), sw.reasons().get("x1", {})
    for _ in range(sent // 500):
        sw.ports["wire"].send([frame(X1, WIRE_MAC, 64) for _ in range(500)])
    todo = [frame(V1, WIRE_MAC)]
    sw.ports.pop("x1")
    sw.exchange("wire", todo, {"v1": todo})
    sent += 1  # the marker

    def counted():
        now = sw.stats("x1")
        return now["rx_packets"] - before["rx_packets"] + now["rx_dropped"] - before["rx_dropped"] == sent
    wait(counted, "every frame counted as delivered or dropped")
    now, after = sw.stats("x1"), sw.reasons()["x1"]
    lost = after.get("ring_full", 0) - reasons.get("ring_full", 0)
    assert 0 < lost == now["rx_dropped"] - before["rx_dropped"] < sent
    guest.take()
    guest.ask("pause", False)
    fitted = []

    def drained():
        fitted.extend(guest.take())
        return len(fitted) == now["rx_packets"] - before["rx_packets"]
    wait(drained, "what fitted in the rings: %d" % (now["rx_packets"] - before["rx_packets"]))
    sw.ports["x1"] = guest
    todo = [frame(X1, WIRE_MAC) for _ in range(100)]
    sw.exchange("wire", todo, {"x1": todo})
    sw.detach("x1")
    settle(sw)


def test_vport_del_with_guest(sw):
    """Succeeds; the guest's library says ENODEV; a new VPort of the same name works."""
    sw.add_xsk("x3", "02:00:00:00:01:03")
    guest = sw.guests["x3"]
    sw.x("vport", "del", "x3")
    assert guest.failed()["errno"] == errno.ENODEV
    sw.detach("x3")
    assert not os.path.exists(os.path.join(sw.run_dir, "guest", "x3.sock"))
    sw.add_xsk("x3", "02:00:00:00:01:03")
    todo = [frame("02:00:00:00:01:03", WIRE_MAC)]
    sw.exchange("wire", todo, {"x3": todo})
    sw.x("vport", "del", "x3")
    sw.detach("x3")


def test_add_and_delete_leaves_nothing(sw):
    """Twenty rounds: the kernel has the same links, pins, mounts and addresses as before."""
    before = sw.host_state()
    ns = sw.add_ns(sw.id + "l")
    for i in range(20):
        sw.x("vport", "add", "t1", "switch", "sw0", "xsk", "mac", "02:00:00:00:09:01")
        sw.x("vport", "add", "t2", "switch", "sw0", "veth", "eth0", "netns", ns, "mac", "02:00:00:00:09:02")
        sw.x("vport", "del", "t1")
        sw.x("vport", "del", "t2")
        assert [x["ifname"] for x in ip_json(ns, "link")] == ["lo"], i
    after = sw.host_state()
    after["namespaces"].remove(ns)
    assert after == before


def test_half_made_is_undone(sw):
    """A VPort whose last step fails (interface name taken in the guest's namespace) leaves nothing."""
    ns = sw.add_ns(sw.id + "h")
    ip(ns, "link", "add", "eth0", "type", "veth", "peer", "name", "other")
    links = ip(ns, "link")
    before = sw.host_state()
    sw.refused("vport", "add", "t1", "switch", "sw0", "veth", "eth0", "netns", ns, "mac", V2, says="eth0")
    assert sw.host_state() == before and ip(ns, "link") == links
    sw.refused("vport", "add", "t1", "switch", "sw0", "veth", "eth9", "netns", ns, "mac", V2, "mac", V1, says=V1)
    assert sw.host_state() == before and ip(ns, "link") == links


def test_dev_vanishes_and_returns(world):
    """VPort down with a reason, its frames counted, not lost silently; up when the name is back."""
    world.switch()
    world.add_dev("d1", D1)
    world.add_veth("v1", V1)
    ip(world.ns, "link", "del", "d1h")
    down = wait(lambda: (v := world.vport("d1"))["state"] == "down" and v, "d1 down")
    assert "d1h" in down["reason"] and [f["mac"] for f in down["filters"]] == [D1]
    world.ports.pop("d1").close()
    for src in ("wire", "v1"):
        todo = [frame(D1, world.ports[src].mac) for _ in range(7)]
        for port in world.ports.values():
            port.take()
        before = world.reasons().get("d1", {})
        world.ports[src].send(todo + [frame(BROADCAST, world.ports[src].mac)])
        got = []

        def accounted():
            for name, port in world.ports.items():
                got.extend(d for d, _ in port.take() if name == "host" and d in todo)
            lost = sum(world.reasons().get("d1", {}).values()) - sum(before.values())
            return len(got) + lost in (7, 8)
        wait(accounted, "7 frames at the host or counted as drops of d1")
    world.make_dev("d1", D1)
    wait(lambda: world.vport("d1")["state"] == "up", "d1 up again")
    assert "reason" not in world.vport("d1")
    world.ports["d1"] = new = type(world.ports["wire"])("d1", world.id + "d1", "eth0", D1, 3, world.vport("d1")["id"])
    for src, dst in (("wire", "d1"), ("d1", "wire"), ("v1", "d1"), ("d1", "v1")):
        todo = [frame(world.ports[dst].mac, world.ports[src].mac, size) for size in (60, 1514)]
        world.exchange(src, todo, {dst: todo})
    assert new.name == "d1"


def test_veth_guest_end_vanishes(world):
    """A container that ends takes its namespace and both ends along: down with a reason, deletable."""
    world.switch()
    world.add_veth("v1", V1, raw=False)
    ip(world.id + "v1", "link", "del", "eth0")
    down = wait(lambda: (v := world.vport("v1"))["state"] == "down" and v, "v1 down")
    assert down["reason"]
    world.x("vport", "del", "v1")
    world.add_veth("v2", V2)
    todo = [frame(V2, WIRE_MAC)]
    world.exchange("wire", todo, {"v2": todo})


def test_guest_end_down_and_up(world):
    """ip link set down inside the container: down or waiting with a reason; up again later."""
    world.switch()
    ns = world.add_veth("v1", V1)
    ip(ns, "link", "set", "eth0", "down")
    down = wait(lambda: (v := world.vport("v1"))["state"] != "up" and v, "v1 not up")
    assert down["reason"]
    ip(ns, "link", "set", "eth0", "up")
    wait(lambda: world.vport("v1")["state"] == "up", "v1 up")
    todo = [frame(V1, WIRE_MAC)]
    world.exchange("wire", todo, {"v1": todo})


def test_uplink_vanishes_and_returns(world):
    """The switch is down with a reason; guests go on among themselves; all is back with the name."""
    world.switch()
    world.add_veth("v1", V1)
    world.add_veth("v2", V2)
    world.add_xsk("x1", X1)
    ip(world.ns, "link", "del", "up0")
    down = wait(lambda: (s := world.j("switch", "show")[0])["state"] == "down" and s, "switch down")
    assert "up0" in down["reason"] and "ifindex" not in down
    world.ports.pop("wire").close()
    world.ports.pop("host").close()
    for src, dst in (("v1", "v2"), ("x1", "v1"), ("v2", "x1")):
        todo = [frame(world.ports[dst].mac, world.ports[src].mac, size) for size in (60, 1514)]
        world.exchange(src, todo, {dst: todo})
    world.make_wire()
    wait(lambda: world.j("switch", "show")[0]["state"] != "down", "switch up again")
    for src, dst in (("wire", "v1"), ("v1", "wire"), ("wire", "x1"), ("x1", "wire"), ("wire", "host"), ("v1", "host")):
        todo = [frame(world.ports[dst].mac, world.ports[src].mac, size) for size in (60, 1514)]
        world.exchange(src, todo, {dst: todo})
    fdb = "".join(world.host_state()["fdb"])
    assert V1 in fdb and V2 in fdb and X1 in fdb


def test_uplink_mac_changes(world):
    """The host's MAC is followed."""
    world.switch()
    world.add_veth("v1", V1)
    new = "02:00:00:00:00:02"
    ip(world.ns, "link", "set", "up0", "address", new)
    wait(lambda: not world.x("filter", "add", "vport", "v1", "mac", UPLINK_MAC, check=False).returncode,
         "the old address is free for a filter")
    world.refused("filter", "add", "vport", "v1", "mac", new, says=new)
    for mac, dst in ((new, "host"),):
        todo = [frame(mac, V1, size) for size in (60, 1514)]
        world.exchange("v1", todo, {dst: todo})
    todo = [frame(UPLINK_MAC, WIRE_MAC)]
    world.exchange("wire", todo, {"v1": todo})


def test_foreign_xdp_program(world, tmp_path):
    """Somebody else's XDP program on the uplink: coexistence by the dispatcher, or a refusal by name; it
    stays there."""
    source = tmp_path / "foreign.c"
    source.write_text('int pass(void *ctx) __attribute__((section("xdp"), used));\nint pass(void *ctx) { return 2; }\n'
                      'char licence[] __attribute__((section("license"), used)) = "GPL";\n')
    obj = tmp_path / "foreign.o"
    run("clang", "-O2", "-g", "-target", "bpf", "-c", source, "-o", obj)
    ip(world.ns, "link", "set", "dev", "up0", "xdp", "obj", obj, "sec", "xdp")
    prog = next(x for x in ip_json(world.ns, "link", "show", "dev", "up0"))["xdp"]["prog"]["id"]
    before = world.host_state()
    world.refused("switch", "add", "sw0", "uplink", "up0", says="up0")
    assert next(x for x in ip_json(world.ns, "link", "show", "dev", "up0"))["xdp"]["prog"]["id"] == prog
    assert world.host_state() == before
    ip(world.ns, "link", "set", "dev", "up0", "xdp", "off")
    world.switch()
    world.add_veth("v1", V1)
    todo = [frame(V1, WIRE_MAC)]
    world.exchange("wire", todo, {"v1": todo})


def test_fallback_to_generic(world):
    """A device without native XDP: native is refused, auto warns, runs in generic mode, degraded."""
    ip(world.ns, "link", "add", "br9", "type", "bridge")
    ip(world.ns, "link", "set", "br9", "up")
    before = ip(world.ns, "link", "show", "br9")
    world.refused("switch", "add", "sw9", "uplink", "br9", "mode", "native", says="native")
    assert ip(world.ns, "link", "show", "br9") == before
    world.x("switch", "add", "sw9", "uplink", "br9")
    switch = world.j("switch", "show", "sw9")[0]
    world.x("switch", "del", "sw9")
    ip(world.ns, "link", "del", "br9")
    assert switch["mode"] == "generic" and switch["state"] == "degraded"
    assert "generic" in world.log(), "no warning"
    assert "generic" in switch["reason"]


def test_uplink_belongs_to_one_switch(world):
    """Also across instances."""
    world.switch()
    other = World(uplink=False, daemon=False)
    try:
        other.ns = world.ns
        other.start()
        done = other.x("switch", "add", "other", "uplink", "up0", check=False)
        assert done.returncode == 1 and "up0" in done.stderr
        world.add_veth("v1", V1)
        todo = [frame(V1, WIRE_MAC)]
        world.exchange("wire", todo, {"v1": todo})
        assert [s["name"] for s in world.j("switch", "show")] == ["sw0"] and other.j("switch", "show") == []
        other.stop()
    finally:
        world.x("switch", "del", "sw0")
        other.close()


def test_two_switches(world):
    """Two switches of one instance do not see each other's frames."""
    world.switch()
    world.add_veth("v1", V1)
    other = world.add_ns(world.id + "o")
    veth_pair(world.ns, "up1", "02:00:00:00:00:03", other, "w0", "02:00:00:00:00:0b")
    world.x("switch", "add", "sw1", "uplink", "up1")
    ns = world.add_ns(world.id + "q")
    # The same MAC on the other switch is another filter.
    world.x("vport", "add", "q1", "switch", "sw1", "veth", "eth0", "netns", ns, "mac", V1)
    ip(ns, "link", "set", "eth0", "up")
    wait(lambda: world.vport("q1")["state"] == "up", "q1 up")
    assert {v["name"] for v in world.j("vport", "show")} == {"sw0/default", "v1", "sw1/default", "q1"}
    world.ports["q1"] = type(world.ports["wire"])("q1", ns, "eth0", V1, 3, 1)
    todo = [frame(V1, WIRE_MAC) for _ in range(10)]
    for port in world.ports.values():
        port.take()
    world.ports["wire"].send(todo + [frame(BROADCAST, WIRE_MAC)])
    got = []

    def arrived():
        got.extend(d for d, _ in world.ports["v1"].take())
        return len(got) == 11
    wait(arrived, "11 frames at v1")
    assert world.ports["q1"].take() == []
    world.refused("vport", "show", "default", says="default")
    world.x("switch", "del", "sw1")
    todo = [frame(V1, WIRE_MAC)]
    world.ports.pop("q1").close()
    world.exchange("wire", todo, {"v1": todo})
    ip(world.ns, "link", "del", "up1")


def test_caller_of_xvswd_not_root(world):
    done = run(*AS_NOBODY, *world.daemon_cmd()[:1], "-i", world.id + "u", check=False)
    assert done.returncode != 0 and done.stderr.strip()


def test_uplink_takes_a_guests_address(world):
    """The uplink's own address is the host's, also when it becomes that of a filter; and back again."""
    world.switch()
    world.add_veth("v1", V1)
    todo = [frame(V1, WIRE_MAC, size) for size in (60, 1514)]
    world.exchange("wire", todo, {"v1": todo})
    ip(world.ns, "link", "set", "up0", "address", V1)
    wait(lambda: world.j("switch", "show", "sw0")[0]["state"] == "degraded", "the clash is told")
    assert V1 in world.j("switch", "show", "sw0")[0]["reason"]
    world.exchange("wire", todo, {"host": todo})
    ip(world.ns, "link", "set", "up0", "address", UPLINK_MAC)
    wait(lambda: world.j("switch", "show", "sw0")[0]["state"] == "up", "the clash is over")
    world.exchange("wire", todo, {"v1": todo})


def test_program_taken_off_the_uplink(world):
    """Somebody takes our XDP program off: the switch says so."""
    world.switch()
    ip(world.ns, "link", "set", "up0", "xdp", "off")
    wait(lambda: world.j("switch", "show", "sw0")[0]["state"] == "degraded", "the loss is told")
    assert "XDP program was taken off" in world.j("switch", "show", "sw0")[0]["reason"]
    world.x("switch", "del", "sw0")
    world.switch()
    assert world.j("switch", "show", "sw0")[0]["state"] == "up"
