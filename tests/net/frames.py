# SPDX-License-Identifier: GPL-2.0-only
"""Test frames: ethertype 0x88b5, a serial number and random bytes, so that each is one of its kind."""
import os
import random
import struct

ETHERTYPE = 0x88b5
BROADCAST = "ff:ff:ff:ff:ff:ff"
MULTICAST = "01:00:5e:00:00:fb"
HEAD = struct.Struct("!4sBxHI")
DATA, MARKER = 1, 2

SEED = int(os.environ.get("SEED", "0")) or int.from_bytes(os.urandom(4), "big")
rng = random.Random(SEED)
_serial = 0

# Every length near a power of two, the smallest and the largest, and some at random.
SIZES = [60, 61, 62, 63, 64, 65, 127, 128, 129, 255, 256, 257, 511, 512, 513, 1023, 1024, 1025, 1280, 1498, 1499,
         1500, 1501, 1512, 1513, 1514]


def sizes():
    return SIZES + [rng.randint(60, 1514) for _ in range(6)]


def mac_bytes(mac):
    return bytes.fromhex(mac.replace(":", ""))


def frame(dst, src, size=100, kind=DATA, tags=()):
    """One frame of size bytes, Ethernet header included, FCS not; tags: [(TPID, TCI)...]."""
    global _serial
    _serial += 1
    head = mac_bytes(dst) + mac_bytes(src)
    for tpid, tci in tags:
        head += struct.pack("!HH", tpid, tci)
    head += struct.pack("!H", ETHERTYPE) + HEAD.pack(b"xvsw", kind, os.getpid() & 0xffff, _serial)
    return head + rng.randbytes(size - len(head))


def untagged(data):
    """The frame without its outer tag."""
    return data[:12] + data[16:]


def kind(data):
    """DATA, MARKER, or None for a frame that is not of this process' tests."""
    at = 12
    while struct.unpack_from("!H", data, at)[0] in (0x8100, 0x88a8) and len(data) > at + 4:
        at += 4
    if struct.unpack_from("!H", data, at)[0] != ETHERTYPE or len(data) < at + 2 + HEAD.size:
        return None
    magic, what, pid, _ = HEAD.unpack_from(data, at + 2)
    return what if magic == b"xvsw" and pid == os.getpid() & 0xffff else None


def short(data):
    """For messages: addresses, length and the first bytes."""
    return "%s→%s len %d %s" % (data[6:12].hex(":"), data[:6].hex(":"), len(data), data[12:32].hex())
