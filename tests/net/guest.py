# SPDX-License-Identifier: GPL-2.0-only
"""An AF_XDP guest for the tests, on libxvsw-guest by ctypes: full duplex, and it tells the source VPort
of each frame. Runs as an ordinary user: guest.py LIBRARY SOCKET. Talks JSON, one object a line.

stdin:  {"send": [HEX...]}  {"info": 1}  {"stats": 1}  {"pause": BOOL}  {"quit": 1}
stdout: {"ready": INFO}  {"frame": HEX, "src": N, "flags": N}  {"sent": N}  {"info": INFO}  {"stats": STATS}
        {"error": "TEXT", "errno": N, "call": "recv"}  and the end
"""
import ctypes
import json
import os
import select
import sys


class Frame(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("len", ctypes.c_uint32), ("src", ctypes.c_uint16),
                ("flags", ctypes.c_uint16), ("handle", ctypes.c_uint64)]


class Info(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char * 32), ("vport_id", ctypes.c_uint32), ("mtu", ctypes.c_uint32),
                ("n_macs", ctypes.c_uint32), ("mac", (ctypes.c_uint8 * 6) * 64)]


class Stats(ctypes.Structure):
    _fields_ = [(n, ctypes.c_uint64) for n in (
        "rx_packets", "rx_bytes", "tx_packets", "tx_bytes", "rx_dropped", "rx_ring_full", "rx_fill_empty",
        "tx_invalid")]


BURST = 64


def say(**what):
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


class Guest:
    def __init__(self, library, path):
        self.lib = ctypes.CDLL(library)
        self.lib.xvsw_guest_error.restype = ctypes.c_char_p
        self.handle = ctypes.c_void_p()
        rc = self.lib.xvsw_guest_open(path.encode(), None, ctypes.byref(self.handle))
        self.check("open", rc)

    def check(self, call, rc):
        if rc < 0:
            text = self.lib.xvsw_guest_error()
            say(error=text.decode() if text else "", errno=-rc, call=call)
            sys.exit(1)
        return rc

    def info(self):
        info = Info()
        self.check("info", self.lib.xvsw_guest_info(self.handle, ctypes.byref(info)))
        macs = [":".join("%02x" % b for b in info.mac[i]) for i in range(min(info.n_macs, 64))]
        return {"name": info.name.decode(), "id": info.vport_id, "mtu": info.mtu, "macs": macs}

    def stats(self):
        stats = Stats()
        self.check("stats", self.lib.xvsw_guest_stats(self.handle, ctypes.byref(stats)))
        return {name: getattr(stats, name) for name, _ in Stats._fields_}

    def fd(self):
        return self.lib.xvsw_guest_fd(self.handle)

    def recv(self):
        frames = (Frame * BURST)()
        while True:
            n = self.check("recv", self.lib.xvsw_guest_recv(self.handle, frames, BURST))
            for f in frames[:n]:
                say(frame=ctypes.string_at(f.data, f.len).hex(), src=f.src, flags=f.flags)
            self.lib.xvsw_guest_release(self.handle, frames, n)
            if n < BURST:
                return

    def send(self, todo):
        done = 0
        frames = (Frame * BURST)()
        while done < len(todo):
            want = min(BURST, len(todo) - done)
            n = self.check("alloc", self.lib.xvsw_guest_alloc(self.handle, frames, want))
            for f, data in zip(frames[:n], todo[done:done + n]):
                ctypes.memmove(f.data, data, len(data))
                f.len = len(data)
            at = 0
            while at < n:
                rest = ctypes.byref(frames, at * ctypes.sizeof(Frame))
                at += self.check("send", self.lib.xvsw_guest_send(self.handle, rest, n - at))
                self.check("flush", self.lib.xvsw_guest_flush(self.handle, 2000))
            done += n
        return done


def main():
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    guest = Guest(sys.argv[1], sys.argv[2])
    say(ready=guest.info())
    poll = select.poll()
    poll.register(0, select.POLLIN)
    poll.register(guest.fd(), select.POLLIN)
    text = b""
    while True:
        events = dict(poll.poll())
        if guest.fd() in events:
            guest.recv()
            guest.info()
        if 0 not in events:
            continue
        data = os.read(0, 1 << 20)
        if not data:
            return
        *lines, text = (text + data).split(b"\n")
        for line in lines:
            what = json.loads(line)
            if "send" in what:
                say(sent=guest.send([bytes.fromhex(h) for h in what["send"]]))
            elif "info" in what:
                say(info=guest.info())
            elif "stats" in what:
                say(stats=guest.stats())
            elif "pause" in what:
                if what["pause"]:
                    poll.unregister(guest.fd())
                else:
                    poll.register(guest.fd(), select.POLLIN)
                say(paused=what["pause"])
            else:
                guest.lib.xvsw_guest_close(guest.handle)
                return


main()
