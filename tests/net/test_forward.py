# SPDX-License-Identifier: GPL-2.0-only
"""Frames between the wire, the host and guests of every kind: unicast, floods, rules and counters."""
import itertools
import threading

import pytest

import frames
from conftest import V1, X1
from frames import BROADCAST, MULTICAST, frame
from lib import ETH_P_ALL, STRANGER, UPLINK_MAC, RawPort, wait

PORTS = ["wire", "host", "x1", "x2", "v1", "v2", "d1"]
GUESTS = PORTS[2:]


@pytest.mark.parametrize("src,dst", list(itertools.permutations(PORTS, 2)))
def test_unicast(switch, src, dst):
    """Every byte at every size, at the target alone."""
    ports = switch.ports
    todo = [frame(ports[dst].mac, ports[src].mac, size) for size in frames.sizes()]
    with switch.drops({}):
        switch.exchange(src, todo, {dst: todo})


@pytest.mark.parametrize("src", ["wire"] + GUESTS)
def test_unknown_unicast(switch, src):
    """From the wire to the host's stack alone; from guests to the wire alone."""
    todo = [frame(STRANGER, switch.ports[src].mac, size) for size in (60, 64, 512, 1514)]
    with switch.drops({}):
        switch.exchange(src, todo, {"host" if src == "wire" else "wire": todo})


def test_unknown_unicast_from_host(switch):
    todo = [frame(STRANGER, UPLINK_MAC, size) for size in (60, 64, 512, 1514)]
    with switch.drops({}):
        switch.exchange("host", todo, {"wire": todo})


@pytest.mark.parametrize("dst", [BROADCAST, MULTICAST, "33:33:00:00:00:01"])
@pytest.mark.parametrize("src", PORTS)
def test_flood(switch, src, dst):
    """Every port but the source once, the source never."""
    todo = [frame(dst, switch.ports[src].mac, size) for size in (60, 64, 65, 700, 1513, 1514)]
    with switch.drops({}):
        switch.exchange(src, todo, {name: todo for name in PORTS if name != src})


def test_link_local_from_wire(switch):
    todo = [frame("01:80:c2:00:00:%02x" % i, switch.ports["wire"].mac) for i in range(16)]
    with switch.drops({}):
        switch.exchange("wire", todo, {"host": todo})


@pytest.mark.parametrize("src", GUESTS)
def test_link_local_from_guest(switch, src):
    todo = [frame("01:80:c2:00:00:%02x" % i, switch.ports[src].mac) for i in range(16)]
    with switch.drops({src: {"link_local": 16}}):
        switch.exchange(src, todo, {})
    just_past = [frame("01:80:c2:00:00:10", switch.ports[src].mac)]
    switch.exchange(src, just_past, {name: just_past for name in PORTS if name != src})


@pytest.mark.parametrize("src", GUESTS)
def test_spoofed_source(switch, src):
    """A MAC that is no filter of the VPort, also one of another VPort, the uplink's and a multicast one."""
    other = switch.ports["v2" if src != "v2" else "v1"].mac
    sources = [STRANGER, other, UPLINK_MAC, "01:00:5e:00:00:01", "00:00:00:00:00:00"]
    todo = [frame(dst, mac) for mac in sources for dst in (switch.ports["wire"].mac, other, BROADCAST, UPLINK_MAC)]
    before = switch.stats(src)["tx_dropped"]
    with switch.drops({src: {"spoofcheck": len(todo)}}):
        switch.exchange(src, todo, {})
    assert switch.stats(src)["tx_dropped"] == before + len(todo)


@pytest.mark.parametrize("src", ["x1", "v1", "d1"])
def test_spoofcheck_off(switch, src):
    switch.x("vport", "set", src, "spoofcheck", "off")
    assert switch.vport(src)["spoofcheck"] is False
    todo = [frame(switch.ports["wire"].mac, STRANGER), frame(switch.ports["v2"].mac, STRANGER)]
    switch.exchange(src, todo, {"wire": todo[:1], "v2": todo[1:]})
    switch.x("vport", "set", src, "spoofcheck", "on")
    with switch.drops({src: {"spoofcheck": 2}}):
        switch.exchange(src, todo, {})


@pytest.mark.parametrize("src", GUESTS)
def test_hairpin(switch, src):
    """To the sender's own VPort; also by the MAC of a second filter."""
    second = "02:00:00:00:77:01"
    filter_id = switch.x("filter", "add", "vport", src, "mac", second).stdout.split()[0]
    mac = switch.ports[src].mac
    todo = [frame(mac, mac), frame(second, mac), frame(mac, second)]
    with switch.drops({src: {"hairpin": 3}}):
        switch.exchange(src, todo, {})
    switch.x("filter", "del", filter_id)
    with switch.drops({src: {"spoofcheck": 1}}):
        switch.exchange(src, [frame(switch.ports["wire"].mac, second)], {})


@pytest.mark.parametrize("src", ["x1", "v1", "d1"])
def test_tag_from_untagged_guest(switch, src):
    mac = switch.ports[src].mac
    todo = [frame(dst, mac, 100, tags=[tag]) for tag in ((0x8100, 5), (0x8100, 4094), (0x8100, 0xe001), (0x88a8, 5))
            for dst in (switch.ports["wire"].mac, switch.ports["x2"].mac, BROADCAST)]
    with switch.drops({src: {"vlan_not_allowed": len(todo)}}):
        switch.exchange(src, todo, {})


@pytest.mark.parametrize("dst", ["x1", "v1", "d1"])
def test_priority_tag(switch, dst):
    """VID 0 counts as untagged and is stripped towards guests."""
    ports = switch.ports
    todo = [frame(ports[dst].mac, ports["wire"].mac, size, tags=[(0x8100, pcp << 13)])
            for size, pcp in ((64, 0), (65, 1), (512, 7), (1518, 3))]
    with switch.drops({}):
        switch.exchange("wire", todo, {dst: [frames.untagged(d) for d in todo]})


def test_priority_tag_from_guest(switch):
    ports = switch.ports
    todo = [frame(ports["v1"].mac, ports["x1"].mac, 200, tags=[(0x8100, 5 << 13)])]
    with switch.drops({}):
        switch.exchange("x1", todo, {"v1": [frames.untagged(d) for d in todo]})


@pytest.mark.parametrize("dst", ["x1", "v1", "d1"])
def test_foreign_vid_from_wire(switch, dst):
    """A VID that nobody has is not the guest's, whatever the MAC: the host gets it, unchanged."""
    ports = switch.ports
    todo = [frame(ports[dst].mac, ports["wire"].mac, size, tags=[(0x8100, 7)]) for size in (64, 300, 1518)]
    tap = RawPort("tap", switch.ns, "up0", UPLINK_MAC, ETH_P_ALL)
    with switch.drops({}):
        # A socket by protocol sees no tag: the kernel takes it off before. The tap sees the frame itself.
        switch.exchange("wire", todo, {"host": [frames.untagged(d) for d in todo]})
    assert [d for d, _ in tap.take() if d in todo] == todo
    tap.close()


def test_priority_tag_to_host(native):
    """From the wire to the host VID 0 passes unchanged (seen before the stack takes it off)."""
    tap = RawPort("tap", native.ns, "up0", UPLINK_MAC, ETH_P_ALL)
    todo = [frame(UPLINK_MAC, native.ports["wire"].mac, 200, tags=[(0x8100, 3 << 13)])]
    native.ports["wire"].send(todo)
    got = []

    def arrived():
        got.extend(d for d, _ in tap.take())
        return got
    wait(arrived, "a frame at the host")
    tap.close()
    assert got == todo


@pytest.mark.parametrize("dst", ["x2", "v2", "d1"])
def test_mtu(switch, dst):
    """Payload at the limit passes, one byte more is dropped on the target's side and counted."""
    ports = switch.ports
    old = switch.vport(dst)["mtu"]
    switch.x("vport", "set", dst, "mtu", 1000)
    assert switch.vport(dst)["mtu"] == 1000
    try:
        for src in ("wire", "x1", "v1"):
            fits = frame(ports[dst].mac, ports[src].mac, 1014)
            too_long = frame(ports[dst].mac, ports[src].mac, 1015)
            flood = frame(BROADCAST, ports[src].mac, 1015)
            before = switch.stats(dst)["rx_dropped"]
            with switch.drops({dst: {"mtu": 2}}):
                switch.exchange(src, [too_long, fits, flood], {
                    **{name: [flood] for name in PORTS if name not in (src, dst)}, dst: [fits]})
            assert switch.stats(dst)["rx_dropped"] == before + 2
    finally:
        switch.x("vport", "set", dst, "mtu", old)


@pytest.mark.parametrize("src,dst", [("wire", "x1"), ("x1", "wire"), ("x1", "x2"), ("x1", "v1"), ("v1", "x2"),
                                     ("v1", "v2"), ("wire", "v1"), ("v1", "wire"), ("d1", "v1"), ("v1", "d1"),
                                     ("host", "x1"), ("x1", "host"), ("host", "v1"), ("v1", "host"), ("wire", "host")])
def test_counters(switch, src, dst):
    """rx and tx, packets and bytes, equal what was sent: the unicasts and the flood that follows them."""
    ports = switch.ports
    todo = [frame(ports[dst].mac, ports[src].mac, size) for size in (60, 61, 999, 1514)]
    flooded = 100
    name = {"host": "sw0/default"}
    before = {p: switch.stats(name.get(p, p)) for p in PORTS if p != "wire"}
    switch.exchange(src, todo, {dst: todo})
    after = {p: switch.stats(name.get(p, p)) for p in PORTS if p != "wire"}
    for port in before:
        delta = {k: after[port][k] - before[port][k] for k in before[port]}
        sent, here = port == src, port == dst
        expect = {"rx_packets": here * 4 + (not sent), "rx_bytes": here * sum(map(len, todo)) + (not sent) * flooded,
                  "tx_packets": sent * 5, "tx_bytes": sent * (sum(map(len, todo)) + flooded),
                  "rx_dropped": 0, "tx_dropped": 0}
        assert delta == expect, port


def test_filter_move_under_traffic(switch):
    """While a filter moves to and fro, each frame arrives at exactly one of the two VPorts, none elsewhere."""
    mac, total = "02:00:00:00:55:01", 6000
    filter_id = switch.x("filter", "add", "vport", "v1", "mac", mac).stdout.split()[0]
    for port in switch.ports.values():
        port.take()
    todo = [frame(mac, switch.ports["wire"].mac, 64) for _ in range(total)]
    sender = threading.Thread(target=lambda: [switch.ports["wire"].send(todo[i:i + 20]) for i in range(0, total, 20)])
    sender.start()
    moves = 0
    while sender.is_alive() or moves < 4:
        switch.x("filter", "move", filter_id, "vport", ("v2", "x1", "v1")[moves % 3])
        moves += 1
    sender.join()
    got = {name: [] for name in PORTS}

    def all_there():
        for name in PORTS:
            got[name] += [d for d, _ in switch.ports[name].take()]
        return sum(map(len, got.values())) >= total
    wait(all_there, "all %d frames" % total)
    everything = sorted(got["v1"] + got["v2"] + got["x1"])
    assert len(everything) == total and everything == sorted(todo)
    assert not got["wire"] and not got["host"] and not got["x2"] and not got["d1"]
    assert moves >= 4 and got["v2"]
    switch.x("filter", "del", filter_id)


def test_filter_del_and_add(switch):
    """A deleted filter's MAC is unknown at once; the id is not used again."""
    mac, wire = "02:00:00:00:55:02", switch.ports["wire"].mac
    first = int(switch.x("filter", "add", "vport", "v1", "mac", mac).stdout.split()[0])
    todo = [frame(mac, wire)]
    switch.exchange("wire", todo, {"v1": todo})
    assert mac in "".join(switch.host_state()["fdb"])
    switch.x("filter", "del", first)
    switch.exchange("wire", todo, {"host": todo})
    assert mac not in "".join(switch.host_state()["fdb"])
    second = int(switch.x("filter", "add", "vport", "x1", "mac", mac).stdout.split()[0])
    assert second > first
    switch.exchange("wire", todo, {"x1": todo})
    switch.x("filter", "del", second)


def test_filter_of_a_vlan_the_vport_has_not(switch):
    """An untagged VPort can have no filter of VLAN 9."""
    switch.refused("filter", "add", "vport", "v1", "mac", "02:00:00:00:55:03", "vlan", 9, says="vlan 9")


@pytest.mark.parametrize("src,dst", list(itertools.permutations(["x1", "v1", "d1"], 2)))
def test_isolated(switch, src, dst):
    """Isolated to isolated: dropped and counted, never sent to the wire instead; all else goes on."""
    ports = switch.ports
    for name in (src, dst):
        switch.x("vport", "set", name, "isolated", "on")
    try:
        todo = [frame(ports[dst].mac, ports[src].mac), frame(ports["x2"].mac, ports[src].mac),
                frame(ports["wire"].mac, ports[src].mac), frame(UPLINK_MAC, ports[src].mac)]
        with switch.drops({dst: {"isolated": 1}}):
            switch.exchange(src, todo, {"x2": todo[1:2], "wire": todo[2:3], "host": todo[3:]}, markers=False)
        flood = [frame(BROADCAST, ports[src].mac), frame(ports["v2"].mac, ports[src].mac)]
        switch.exchange(src, flood, {**{n: flood[:1] for n in PORTS if n not in (src, dst)}, "v2": flood},
                        markers=False)
        for name in (src, dst):
            todo = [frame(ports[name].mac, ports["wire"].mac)]
            switch.exchange("wire", todo, {name: todo})
    finally:
        for name in (src, dst):
            switch.x("vport", "set", name, "isolated", "off")


def test_default_vport_filter(switch):
    """A filter on the default VPort: guests' frames for it go to the host, not to the wire."""
    mac = "02:00:00:00:55:04"
    filter_id = switch.x("filter", "add", "vport", "sw0/default", "mac", mac).stdout.split()[0]
    for src in ("wire", "x1", "v1"):
        todo = [frame(mac, switch.ports[src].mac)]
        switch.exchange(src, todo, {"host": todo})
    switch.x("filter", "del", filter_id)
    todo = [frame(mac, X1)]
    switch.exchange("x1", todo, {"wire": todo})


def test_move_from_to(switch):
    """All filters of a VPort at once."""
    macs = ["02:00:00:00:66:%02x" % i for i in range(5)]
    for mac in macs:
        switch.x("filter", "add", "vport", "d1", "mac", mac)
    own = [f["mac"] for f in switch.j("filter", "show", "vport", "d1")]
    switch.x("filter", "move", "from", "d1", "to", "v2")
    assert switch.j("filter", "show", "vport", "d1") == []
    todo = [frame(mac, switch.ports["wire"].mac) for mac in own]
    switch.exchange("wire", todo, {"v2": todo})
    for f in switch.j("filter", "show", "vport", "v2"):
        if f["mac"] in macs:
            switch.x("filter", "del", f["id"])
        elif f["mac"] in own:
            switch.x("filter", "move", f["id"], "vport", "d1")
    todo = [frame(switch.ports["d1"].mac, switch.ports["wire"].mac)]
    switch.exchange("wire", todo, {"d1": todo})


def test_big_burst_to_container(switch):
    """Some thousand frames of random sizes back to back: none lost, none out of order."""
    todo = [frame(V1, switch.ports["wire"].mac, frames.rng.randint(60, 1514)) for _ in range(3000)]
    with switch.drops({}):
        switch.exchange("wire", todo, {"v1": todo})
