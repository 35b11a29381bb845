# SPDX-License-Identifier: GPL-2.0-only
"""Real protocol stacks over the switch: ping, TCP, and the programs of xvsw-guest."""
import hashlib
import ipaddress
import json
import os
import socket
import struct
import subprocess
import threading

import pytest

import frames
from conftest import V1, V2, D1, X1
from frames import frame
from lib import AS_NOBODY, UPLINK_MAC, WIRE_MAC, World, in_ns, ip, netns_add, run, sysctl, wait

ADDRESS = {"wire": "10.9.0.1", "host": "10.9.0.2", "v1": "10.9.0.11", "v2": "10.9.0.12", "d1": "10.9.0.13",
           "xsk": "10.9.0.21", "tap": "10.9.0.22"}
XSK6, WIRE6, HOST6 = "fd09::21", "fd09::1", "fd09::2"


@pytest.fixture(scope="module", params=["native", "generic"])
def net(request):
    """Addresses on the wire, the host and three containers; an AF_XDP VPort x1 without guest."""
    world = World()
    try:
        world.switch("mode", request.param)
        world.where = {"wire": world.wire_ns, "host": world.ns, "v1": world.add_veth("v1", V1, raw=False),
                       "v2": world.add_veth("v2", V2, raw=False), "d1": world.add_dev("d1", D1)}
        world.add_xsk("x1", X1, guest=False)
        for name, dev in (("wire", "w0"), ("host", "up0"), ("v1", "eth0"), ("v2", "eth0"), ("d1", "eth0")):
            ip(world.where[name], "addr", "add", ADDRESS[name] + "/24", "dev", dev)
        for name, dev, address in (("wire", "w0", WIRE6), ("host", "up0", HOST6)):
            sysctl(world.where[name], "net.ipv6.conf.%s.router_solicitations" % dev, 0)
            sysctl(world.where[name], "net.ipv6.conf.%s.disable_ipv6" % dev, 0)
            ip(world.where[name], "addr", "add", address + "/64", "dev", dev, "nodad")
        yield world
    finally:
        world.close()


def ping(world, where, to, *args):
    done = run("nsenter", "--net=/run/netns/%s" % world.where[where], "ping", "-n", "-c", 3, "-i", 0.05, "-W", 2,
               *args, to, check=False)
    assert done.returncode == 0 and " 0% packet loss" in done.stdout, done.stdout + done.stderr + str(world.reasons())


@pytest.mark.parametrize("src", ["wire", "host", "v1", "v2", "d1"])
@pytest.mark.parametrize("dst", ["wire", "host", "v1", "v2", "d1"])
def test_ping(net, src, dst):
    if src != dst:
        ping(net, src, ADDRESS[dst])
        ping(net, src, ADDRESS[dst], "-s", "1472", "-M", "do")


def transfer(world, src, dst, size=1 << 20):
    """TCP from src to dst and the same bytes back; returns both hashes."""
    data = frames.rng.randbytes(size)
    with in_ns(world.where[dst]):
        server = socket.create_server((ADDRESS[dst], 0))
    with in_ns(world.where[src]):
        client = socket.socket()
    server.settimeout(5)
    client.settimeout(5)

    def echo():
        conn, _ = server.accept()
        with conn:
            conn.settimeout(5)
            while chunk := conn.recv(65536):
                conn.sendall(chunk)
            conn.shutdown(socket.SHUT_WR)
    thread = threading.Thread(target=echo, daemon=True)
    thread.start()
    got = bytearray()
    with client, server:
        client.connect(server.getsockname())

        def send():
            client.sendall(data)
            client.shutdown(socket.SHUT_WR)
        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        while chunk := client.recv(65536):
            got += chunk
        sender.join(5)
        thread.join(5)
    return hashlib.sha256(data).hexdigest(), hashlib.sha256(got).hexdigest()


@pytest.mark.parametrize("src,dst", [("wire", "v1"), ("v1", "wire"), ("v1", "v2"), ("host", "v1"), ("v1", "host"),
                                     ("wire", "host"), ("wire", "d1"), ("d1", "v1"), ("host", "d1")])
def test_tcp(net, src, dst):
    """Offloads as xvswd leaves them at the containers of veth VPorts; off at that of the dev VPort."""
    sent, got = transfer(net, src, dst)
    assert sent == got


def guest(world, vport, *args, uid=True, netns=None, **kw):
    """xvsw-guest as an ordinary user."""
    enter = ["nsenter", "--net=/run/netns/%s" % netns] if netns else []
    return world.popen(*enter, *(AS_NOBODY if uid else []), os.path.join(world.dir, "xvsw-guest"),
                       "--socket", world.guest_socket(vport), *args, **kw)


def up(world, vport):
    wait(lambda: world.vport(vport)["state"] == "up", vport + " up")


def end(world, proc, vport):
    proc.terminate()
    proc.wait(5)
    wait(lambda: world.vport(vport)["state"] == "waiting", vport + " without guest")


def test_echo(net):
    """ARP, ND, echo requests of both families, from the wire, the host and containers."""
    proc = guest(net, "x1", "echo", ADDRESS["xsk"] + "/24", XSK6 + "/64")
    up(net, "x1")
    for src in ("wire", "host", "v1", "d1"):
        ping(net, src, ADDRESS["xsk"])
        ping(net, src, ADDRESS["xsk"], "-s", "1472", "-M", "do")
    for src in ("wire", "host"):
        ping(net, src, XSK6)
        ping(net, src, XSK6, "-s", "1452")
    assert proc.poll() is None
    neigh = ip(net.wire_ns, "neigh", "show", "dev", "w0")
    assert X1 in neigh
    assert ipaddress.ip_address(XSK6).compressed in neigh
    end(net, proc, "x1")


def read_pcap(path):
    """Frames of a capture file: own reader, so that both ends of the test do not share one."""
    with open(path, "rb") as f:
        data = f.read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    assert struct.unpack_from(order + "I", data, 20)[0] & 0xffff == 1, "link type is not Ethernet"
    at, got = 24, []
    while at < len(data):
        _, _, kept, length = struct.unpack_from(order + "IIII", data, at)
        assert kept == length
        got.append(data[at + 16:at + 16 + kept])
        at += 16 + kept
    return got


def test_rx_count_pcap(net):
    path = os.path.join(net.dir, "rx")
    os.mkdir(path)
    os.chmod(path, 0o777)
    count, todo = 500, []
    proc = guest(net, "x1", "-j", "rx", "--count", count, "--pcap", path + "/a.pcap", stdout=subprocess.PIPE, text=True)
    up(net, "x1")

    # The program may still be filling its rings: send until it has what it wants.
    def done():
        burst = [frame(X1, WIRE_MAC, size) for size in frames.sizes()]
        todo.extend(burst)
        net.ports["wire"].send(burst)
        return proc.poll() is not None
    wait(done, "rx --count %d ends" % count, 10)
    assert proc.returncode == 0
    got = read_pcap(path + "/a.pcap")
    # The stacks of wire and host have IPv6 here and may solicit routers meanwhile: a flood is a frame too.
    others = [data for data in got if data[:2] == b"\x33\x33" and data[12:14] == b"\x86\xdd"]
    mine = [data for data in got if data not in others]
    first = todo.index(mine[0])
    assert len(got) == count and len(others) < 20 and mine == todo[first:first + len(mine)]
    total = json.loads(proc.stdout.read().strip().splitlines()[-1])
    assert total["packets"] == count and total["bytes"] == sum(map(len, got))
    assert {"packets", "bytes", "seconds", "pps", "dropped"} == set(total)


def test_tx_pcap(net):
    from scapy.utils import wrpcap
    from scapy.layers.l2 import Ether
    todo = [frame(WIRE_MAC, X1, size) for size in frames.sizes()]
    path = os.path.join(net.dir, "tx.pcap")
    wrpcap(path, [Ether(d) for d in todo])
    os.chmod(path, 0o644)
    net.ports["wire"].take()
    proc = guest(net, "x1", "-j", "tx", "--pcap", path, stdout=subprocess.PIPE, text=True)
    out, _ = proc.communicate(timeout=10)
    assert proc.returncode == 0
    got = []

    def arrived():
        got.extend(d for d, _ in net.ports["wire"].take())
        return len(got) >= len(todo)
    wait(arrived, "%d frames on the wire" % len(todo))
    assert got == todo
    assert json.loads(out.strip().splitlines()[-1])["packets"] == len(todo)


def test_tx_count_rate(net):
    """--count frames of --size bytes, at --rate."""
    before = net.stats("x1")
    proc = guest(net, "x1", "-j", "tx", "--dst", WIRE_MAC, "--size", 128, "--count", 1000, "--rate", 5000,
                 stdout=subprocess.PIPE, text=True)
    out, _ = proc.communicate(timeout=10)
    total = json.loads(out.strip().splitlines()[-1])
    assert proc.returncode == 0 and total["packets"] == 1000 and total["bytes"] == 128000
    assert 0.15 <= total["seconds"] <= 2, "1000 frames at 5000 a second"
    after = net.stats("x1")
    assert after["tx_packets"] - before["tx_packets"] == 1000
    assert after["tx_bytes"] - before["tx_bytes"] == 128000


def test_tap(net):
    """The VPort as a TAP interface in a namespace of its own: any program can use it."""
    ns = net.add_ns(net.id + "tap")
    mac = "02:00:00:00:01:77"
    net.add_xsk("xt", mac, guest=False, owner="root")
    proc = guest(net, "xt", "tap", "tap0", uid=False, netns=ns)
    wait(lambda: "tap0" in ip(ns, "link"), "tap0")
    up(net, "xt")
    ip(ns, "link", "set", "tap0", "address", mac)
    ip(ns, "link", "set", "tap0", "up")
    ip(ns, "addr", "add", ADDRESS["tap"] + "/24", "dev", "tap0")
    net.where["tap"] = ns
    for src in ("wire", "host", "v1"):
        ping(net, src, ADDRESS["tap"])
    ping(net, "tap", ADDRESS["v2"])
    assert transfer(net, "wire", "tap", 200000)[0]
    sent, got = transfer(net, "tap", "v1", 200000)
    assert sent == got
    end(net, proc, "xt")
    net.x("vport", "del", "xt")


def test_guest_program_errors(net):
    """Not the owner, no such VPort, bad arguments: a sentence and a status."""
    net.add_xsk("xr", "02:00:00:00:01:78", guest=False, owner="root")
    program = os.path.join(net.dir, "xvsw-guest")
    done = run(*AS_NOBODY, program, "--socket", net.guest_socket("xr"), "rx", "--seconds", 1, check=False)
    assert done.returncode in (1, 4) and done.stderr.startswith("xvsw-guest: ") and done.stderr.count("\n") == 1
    net.x("vport", "del", "xr")
    done = run(program, "--socket", "/nonexistent", "rx", "--seconds", 1, check=False)
    assert done.returncode in (1, 3) and done.stderr.startswith("xvsw-guest: ")
    for bad in (["rx", "--count", "x"], ["echo"], ["echo", "10.9.0.300"], ["tx"], ["tx", "--dst", "zz"], ["nope"], []):
        done = run(program, "--socket", net.guest_socket("x1"), *bad, check=False)
        assert done.returncode in (1, 2) and "xvsw-guest" in done.stderr, bad
    assert net.vport("x1")["state"] == "waiting"


@pytest.mark.parametrize("mode", ["native", "generic"])
def test_host_address_survives(world, mode):
    """The uplink's own address answers before, during and after: no ping of a running stream is lost."""
    ip(world.wire_ns, "addr", "add", "10.9.0.1/24", "dev", "w0")
    ip(world.ns, "addr", "add", "10.9.0.2/24", "dev", "up0")
    stream = world.popen("nsenter", "--net=/run/netns/%s" % world.wire_ns, "ping", "-n", "-i", "0.05", "-c", 60, "-W", 1,
                         "10.9.0.2", stdout=subprocess.PIPE, text=True)
    for _ in range(3):
        world.switch("mode", mode)
        world.add_veth("v%d" % len(world.namespaces), V1, raw=False)
        world.x("switch", "del", "sw0")
    out, _ = stream.communicate(timeout=20)
    assert "60 packets transmitted, 60 received" in out, out
    assert UPLINK_MAC in ip(world.wire_ns, "neigh", "show")


def test_namespace_helper(world):
    """A container's namespace given by path instead of name works too."""
    ns = world.id + "p"
    netns_add(ns)
    world.namespaces.append(ns)
    world.switch()
    world.x("vport", "add", "v1", "switch", "sw0", "veth", "eth0", "netns", "/run/netns/" + ns, "mac", V1)
    assert V1 in ip(ns, "link", "show", "eth0")
