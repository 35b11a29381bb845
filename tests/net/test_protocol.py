# SPDX-License-Identifier: GPL-2.0-only
"""Malformed messages on the control socket, written byte by byte: an error each, and the daemon lives."""
import errno
import itertools
import os
import socket
import struct

import pytest

import frames
from conftest import X1
from lib import World, in_ns, run, wait

NLM_F_REQUEST, NLM_F_ACK, NLMSG_ERROR, NLMSG_DONE = 1, 4, 2, 3
NETLINK_USERSOCK = 2
(HELLO, SWITCH_ADD, SWITCH_DEL, SWITCH_SHOW, VPORT_ADD, VPORT_SET, VPORT_DEL, VPORT_SHOW, FILTER_ADD, FILTER_DEL,
 FILTER_MOVE, FILTER_SHOW) = range(0x20, 0x2c)
NAME, SWITCH, UPLINK, MODE, MAX_VPORTS, ID, KIND, MAC, VLAN_MODE, VLAN_VID, VLAN, VPORT = (
    1, 2, 3, 4, 5, 8, 9, 15, 16, 17, 27, 28)
MAC_NEW = frames.mac_bytes("02:00:00:00:01:99")


def attr(kind, value, length=None):
    """One attribute; length overrides what its header says."""
    data = struct.pack("=HH", 4 + len(value) if length is None else length, kind) + value
    return data + bytes(-len(data) % 4)


def text(kind, value):
    return attr(kind, value.encode() + b"\0")


def u32(kind, value):
    return attr(kind, struct.pack("=I", value))


def message(cmd, *attrs, flags=NLM_F_REQUEST | NLM_F_ACK, seq=7, length=None):
    body = b"".join(attrs)
    return struct.pack("=IHHII", 16 + len(body) if length is None else length, cmd, flags, seq, 0) + body


GOOD = [text(VPORT, "x1"), attr(MAC, MAC_NEW)]
ADD = [text(NAME, "new"), text(SWITCH, "sw0"), attr(KIND, b"\x03")]

BAD = {
    "header only, unknown command": message(0x7f),
    "command 0x1f": message(0x1f),
    "an event as request": message(0x80),
    "an attribute cut short": message(FILTER_ADD, GOOD[0], attr(MAC, MAC_NEW)[:7]),
    "an attribute longer than the message": message(FILTER_ADD, GOOD[0], attr(MAC, MAC_NEW, length=400)),
    "an attribute of length 0": message(FILTER_ADD, *GOOD, attr(VLAN, b"\0\0", length=0)),
    "an attribute of length 3": message(FILTER_ADD, *GOOD, attr(VLAN, b"\0\0", length=3)),
    "an unknown attribute": message(FILTER_ADD, *GOOD, u32(999, 1)),
    "attribute 0": message(FILTER_ADD, *GOOD, u32(0, 1)),
    "an attribute of another command": message(FILTER_ADD, *GOOD, text(UPLINK, "up0")),
    "the nested flag": message(FILTER_ADD, GOOD[0], attr(MAC | 0x8000, MAC_NEW)),
    "a repeated attribute": message(FILTER_ADD, *GOOD, attr(MAC, MAC_NEW)),
    "a repeated name": message(VPORT_DEL, text(NAME, "x1"), text(NAME, "x1")),
    "a missing attribute": message(FILTER_ADD, GOOD[0]),
    "no attribute": message(VPORT_ADD),
    "a MAC of 5 bytes": message(FILTER_ADD, GOOD[0], attr(MAC, MAC_NEW[:5])),
    "a MAC of 8 bytes": message(FILTER_ADD, GOOD[0], attr(MAC, MAC_NEW + b"\0\0")),
    "a name without end": message(VPORT_DEL, attr(NAME, b"x1xx")),
    "an empty name": message(VPORT_DEL, text(NAME, "")),
    "a name of no byte": message(VPORT_DEL, attr(NAME, b"")),
    "a name with a zero inside": message(VPORT_DEL, attr(NAME, b"x1\0x\0")),
    "a name of 32": message(VPORT_ADD, text(NAME, "n" * 32), *ADD[1:]),
    "a name of 3000": message(VPORT_ADD, text(NAME, "n" * 3000), *ADD[1:]),
    "a name with a slash": message(VPORT_ADD, text(NAME, "../../x"), *ADD[1:]),
    "a name with a newline": message(VPORT_ADD, text(NAME, "a\nb"), *ADD[1:]),
    "a u32 of 2 bytes": message(VPORT_ADD, *ADD, attr(ID, b"\1\0")),
    "a u32 of 8 bytes": message(VPORT_ADD, *ADD, attr(ID, bytes(8))),
    "an id out of range": message(VPORT_ADD, *ADD, u32(ID, 4095)),
    "a kind out of range": message(VPORT_ADD, *ADD[:2], attr(KIND, b"\xff")),
    "kind host": message(VPORT_ADD, *ADD[:2], attr(KIND, b"\0")),
    "a VLAN mode out of range": message(VPORT_ADD, *ADD, attr(VLAN_MODE, b"\x09")),
    "a VID out of range": message(VPORT_ADD, *ADD, attr(VLAN_MODE, b"\1"), attr(VLAN_VID, struct.pack("=H", 4095))),
    "a filter VLAN out of range": message(FILTER_ADD, *GOOD, attr(VLAN, struct.pack("=H", 4095))),
    "65 MACs": message(VPORT_ADD, *ADD, *[attr(MAC, MAC_NEW[:5] + bytes([i])) for i in range(65)]),
    "bytes after the last attribute": message(FILTER_ADD, *GOOD, b"\xff\xff\xff"),
    "a switch mode out of range": message(SWITCH_ADD, text(NAME, "sw1"), text(UPLINK, "lo"), attr(MODE, b"\x07")),
    "max-vports of 2^32-1": message(SWITCH_ADD, text(NAME, "sw1"), text(UPLINK, "lo"), u32(MAX_VPORTS, 0xffffffff)),
}
# Nothing in these names a request that could be answered.
UNREADABLE = {
    "one byte": b"\x01",
    "15 bytes": message(SWITCH_SHOW)[:15],
    "nlmsg_len 0": message(SWITCH_SHOW, length=0),
    "nlmsg_len 15": message(SWITCH_SHOW, length=15),
    "nlmsg_len past the end": message(SWITCH_SHOW, length=400),
    "nlmsg_len 2^32-1": message(SWITCH_SHOW, length=0xffffffff),
    "16 zeros": bytes(16),
    "no request flag": message(VPORT_DEL, text(NAME, "x1"), flags=0),
    "60,000 bytes": message(FILTER_ADD, *GOOD, attr(999, bytes(59000))),
    "60,000 zeros": bytes(60000),
    "an acknowledgement": message(NLMSG_ERROR, bytes(20)),
    "a DONE": message(NLMSG_DONE, bytes(4)),
}


@pytest.fixture(scope="module")
def raw():
    world = World()
    try:
        world.switch()
        world.add_xsk("x1", X1, guest=False)
        with open("/proc/%d/net/netlink" % world.daemon.pid, encoding="ascii") as f:
            rows = [line.split() for line in f][1:]
        ids = [int(r[2]) for r in rows if int(r[1]) == NETLINK_USERSOCK and int(r[2]) >= 0x40000000]
        assert len(ids) == 1, rows
        world.port_id = ids[0]
        yield world
    finally:
        world.close()


PORT_IDS = itertools.count(0x01000000)  # above any process's


def connect(world):
    """A port id of its own: answers still due to an earlier socket's flood would fill this one's queue."""
    with in_ns(world.ns):
        sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_USERSOCK)
    sock.bind((next(PORT_IDS), 0))
    sock.connect((world.port_id, 0))
    sock.settimeout(3)
    return sock


def verdict(sock):
    """-errno of the answer, and its messages' types."""
    types = []
    while True:
        data = sock.recv(65536)
        at = 0
        while at < len(data):
            length, kind, _, seq, _ = struct.unpack_from("=IHHII", data, at)
            assert length >= 16
            types.append(kind)
            if kind in (NLMSG_ERROR, NLMSG_DONE):
                assert kind == NLMSG_DONE or length >= 36
                return (struct.unpack_from("=i", data, at + 16)[0] if kind == NLMSG_ERROR else 0), seq, data
            at += (length + 3) & ~3


def hello(world):
    """A good request still works: the daemon lives and its socket is in order."""
    sock = connect(world)
    sock.send(message(SWITCH_SHOW, seq=99))
    seq = 0
    while seq != 99:  # the port id may have been another socket's: its answers come first
        code, seq, data = verdict(sock)
    sock.close()
    assert code == 0 and b"sw0" in data
    world.alive()


@pytest.mark.parametrize("what", BAD)
def test_bad_message(raw, what):
    before, pid = raw.state(), raw.daemon.pid
    sock = connect(raw)
    sock.send(BAD[what])
    code, seq, data = verdict(sock)
    sock.close()
    assert code < 0 and seq == 7, what
    assert -code in (errno.EINVAL, errno.ERANGE, errno.EOPNOTSUPP, errno.EMSGSIZE, errno.EPROTO, errno.ENAMETOOLONG,
                     errno.ENOENT, errno.E2BIG, errno.EBADMSG, errno.ENOSPC), errno.errorcode.get(-code)
    assert len(data) > 40, "no sentence in the answer"
    hello(raw)
    assert raw.state() == before and raw.daemon.pid == pid


@pytest.mark.parametrize("what", UNREADABLE)
def test_unreadable_message(raw, what):
    """An error or silence, never a success; the next request is answered."""
    before = raw.state()
    sock = connect(raw)
    sock.send(UNREADABLE[what])
    sock.send(message(SWITCH_SHOW, seq=42))
    while True:
        code, seq, _ = verdict(sock)
        if seq == 42:
            assert code == 0
            break
        assert code < 0, what
    sock.close()
    hello(raw)
    assert raw.state() == before


def test_good_message_is_good(raw):
    """The builder of this file makes valid messages, else the tests above would prove nothing."""
    sock = connect(raw)
    sock.send(message(FILTER_ADD, text(VPORT, "x1"), attr(MAC, MAC_NEW[:5] + b"\x98")))
    code, _, _ = verdict(sock)
    assert code == 0
    made = next(f["id"] for f in raw.j("filter", "show") if f["mac"] == "02:00:00:00:01:98")
    sock.send(message(FILTER_DEL, u32(ID, made)))
    assert verdict(sock)[0] == 0
    sock.send(message(VPORT_ADD, *ADD))
    assert verdict(sock)[0] == 0
    sock.send(message(VPORT_DEL, text(NAME, "new")))
    assert verdict(sock)[0] == 0
    sock.close()


def test_flipped_bits(raw):
    """Good messages with random damage behind the command: some may still be good, the daemon answers on."""
    sock = connect(raw)
    sock.setblocking(False)
    for _ in range(3000):
        data = bytearray(frames.rng.choice([message(FILTER_ADD, *GOOD), message(VPORT_SHOW, text(NAME, "x1")),
                                            message(FILTER_SHOW, text(VPORT, "x1"))]))
        for _ in range(frames.rng.randint(1, 4)):
            data[frames.rng.randrange(6, len(data))] ^= 1 << frames.rng.randrange(8)
        if frames.rng.random() < 0.2:
            del data[frames.rng.randrange(1, len(data)):]

        def send():
            try:
                while sock.recv(65536):
                    pass
            except BlockingIOError:
                pass
            try:
                return sock.send(data)
            except BlockingIOError:
                return 0
        wait(send, "room to send")
    sock.close()
    hello(raw)
    for f in raw.j("filter", "show"):
        if f["mac"] != X1:
            raw.x("filter", "del", f["id"])


def test_peer_that_never_reads(raw):
    """Its answers are lost, nobody else waits."""
    sock = connect(raw)
    sock.setblocking(False)
    try:
        for _ in range(5000):
            sock.send(message(SWITCH_SHOW))
    except BlockingIOError:
        pass
    assert raw.x("-j", "switch", "show").returncode == 0
    sock.close()
    hello(raw)


def test_unprivileged_sender(raw):
    """An ordinary user's message is refused with EPERM, whatever it says."""
    code = ("import socket,struct,sys\n"
            "s=socket.socket(socket.AF_NETLINK,socket.SOCK_RAW,2)\n"
            "s.bind((0,0)); s.connect((%d,0)); s.settimeout(3)\n"
            "s.send(bytes.fromhex('%s'))\n"
            "d=s.recv(65536); print(struct.unpack_from('=i',d,16)[0])\n")
    before = raw.state()
    for data in (message(VPORT_DEL, text(NAME, "x1")), message(SWITCH_SHOW), message(HELLO)):
        done = run("nsenter", "--net=/run/netns/" + raw.ns, "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                   "/usr/bin/python3", "-c", code % (raw.port_id, data.hex()))
        assert int(done.stdout) == -errno.EPERM
    assert raw.state() == before


def test_garbage_at_the_broker(raw):
    """The guests' socket: garbage, a cut message, silence; a real guest attaches afterwards."""
    path = raw.guest_socket("x1")
    for data in (b"\0", b"\xff" * 8, os.urandom(64), bytes(1024), struct.pack("<HHI", 1, 1, 9999) + bytes(16),
                 struct.pack("<HHI", 1, 999, 24) + bytes(16), struct.pack("<HHI", 2, 1, 8), b"x" * 4000):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sock.settimeout(3)
        sock.connect(path)
        sock.send(data)
        sock.recv(4096)  # a refusal, or the end
        sock.close()
    silent = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    silent.connect(path)
    raw.attach("x1", X1)
    silent.close()
    raw.detach("x1")
    raw.alive()
