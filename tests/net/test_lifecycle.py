# SPDX-License-Identifier: GPL-2.0-only
"""The daemon comes and goes: readiness, clean stop, --flush, --flush-only, two daemons, options."""
import os
import signal
import socket
import subprocess
import time

import pytest

import frames
from conftest import D1, V1, V2, X1, X2
from frames import BROADCAST, frame
from lib import World, ip, ip_json, run, wait


def fill(world):
    world.switch()
    world.add_veth("v1", V1)
    world.add_veth("v2", V2)
    world.add_dev("d1", D1)


def strip(state):
    """What a test's own VPorts leave in host_state()."""
    state["links"].pop("d1h", None)
    state.pop("namespaces")
    return state


def works(world):
    for src, dst in (("wire", "v1"), ("v1", "wire"), ("v1", "v2"), ("v2", "d1"), ("wire", "host"), ("d1", "host")):
        todo = [frame(world.ports[dst].mac, world.ports[src].mac, size) for size in (60, 700, 1514)]
        world.exchange(src, todo, {dst: todo})
    todo = [frame(BROADCAST, world.ports["wire"].mac)]
    world.exchange("wire", todo, {name: todo for name in world.ports if name != "wire"})


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGKILL])
def test_forwarding_outlives_the_daemon(world, sig):
    """A clean stop, or kill -9, leaves the data path running; --flush-only then puts the host back."""
    before = strip(world.host_state())
    fill(world)
    works(world)
    status = world.stop(sig)
    assert status == (0 if sig == signal.SIGTERM else -signal.SIGKILL)
    works(world)
    done = run(*world.cmd("switch", "show"), check=False)
    assert done.returncode == 3
    run(*world.daemon_cmd("--flush-only"))
    assert strip(world.host_state()) == before
    todo = [frame(V1, world.ports["wire"].mac)]
    for name in ("v1", "v2"):
        world.ports.pop(name).close()
    world.exchange("wire", todo, {"host": todo}, markers=False)
    run(*world.daemon_cmd("--flush-only"))  # nothing left: no error
    world.start()
    assert world.state() == [[], [], []]
    world.switch()
    world.add_xsk("x1", X1)
    todo = [frame(X1, world.ports["wire"].mac)]
    world.ports.pop("d1").close()
    world.exchange("wire", todo, {"x1": todo})


def test_no_frame_lost_while_the_daemon_stops(world):
    """Traffic before, during and after SIGTERM: every frame arrives."""
    fill(world)
    for port in world.ports.values():
        port.take()
    todo = [frame(V1, world.ports["wire"].mac) for _ in range(4000)]
    world.ports["wire"].send(todo[:1000])
    world.daemon.send_signal(signal.SIGTERM)
    world.ports["wire"].send(todo[1000:])
    assert world.daemon.wait(10) == 0
    world.daemon = None
    got = []

    def arrived():
        got.extend(d for d, _ in world.ports["v1"].take())
        return len(got) >= len(todo)
    wait(arrived, "%d frames at v1" % len(todo))
    assert got == todo


def test_flush(world):
    """xvswd --flush takes everything down at the end and puts the host back."""
    world.stop()
    before = strip(world.host_state())
    world.start("--flush")
    fill(world)
    world.add_xsk("x1", X1)
    works(world)
    world.detach("x1")
    assert world.stop() == 0
    assert strip(world.host_state()) == before
    assert not any(n.endswith(".sock") for _, _, names in os.walk(world.run_dir) for n in names)


def test_switch_del_with_everything(world):
    """Guests attached, filters on all: switch del takes VPorts and filters along, and once more."""
    before = strip(world.host_state())
    for _ in range(2):
        world.switch()
        world.add_xsk("x1", X1)
        world.x("vport", "add", "x2", "switch", "sw0", "xsk", "mac", V2)
        world.x("filter", "add", "vport", "sw0/default", "mac", V1)
        during = world.host_state()
        assert V2 in "".join(during["fdb"]) and during != before
        world.x("switch", "del", "sw0")
        world.guests["x1"].failed()
        world.detach("x1")
        assert strip(world.host_state()) == before
        assert world.state() == [[], [], []]


def test_uplink_settings_restored(world):
    """Multicast reception and the like are the user's again, also when the user had set them."""
    ip(world.ns, "link", "set", "up0", "allmulticast", "on")
    before = strip(world.host_state())
    world.switch()
    assert ip_json(world.ns, "link", "show", "dev", "up0")[0]["allmulti"] >= 1
    world.x("switch", "del", "sw0")
    assert strip(world.host_state()) == before
    ip(world.ns, "link", "set", "up0", "allmulticast", "off")
    before = strip(world.host_state())
    world.switch()
    assert ip_json(world.ns, "link", "show", "dev", "up0")[0]["allmulti"] >= 1
    world.x("switch", "del", "sw0")
    assert strip(world.host_state()) == before


def test_foreign_tc_survives(world):
    """A clsact qdisc and a filter of somebody else on the uplink stay."""
    run("tc", "-n", world.ns, "qdisc", "add", "dev", "up0", "clsact")
    run("tc", "-n", world.ns, "filter", "add", "dev", "up0", "egress", "pref", 77, "protocol", "ip", "u32", "match", "u32",
        0, 0, "flowid", "1:1")

    def filters():
        return run("tc", "-n", world.ns, "filter", "show", "dev", "up0", "egress").stdout
    before = filters()
    assert "pref 77" in before
    world.switch()
    assert "pref 77" in filters()
    world.add_veth("v1", V1)
    todo = [frame(V1, world.ports["host"].mac)]
    world.exchange("host", todo, {"v1": todo})
    world.x("switch", "del", "sw0")
    assert filters() == before


def test_two_daemons_of_one_instance(world):
    """The second one says so and ends; the first one goes on; a namespace apart makes no difference."""
    fill(world)
    state = world.state()
    for ns in (world.ns, world.wire_ns):
        cmd = world.daemon_cmd()
        cmd[cmd.index("--netns") + 1] = ns
        done = run(*cmd, check=False)
        assert done.returncode not in (0, None) and world.id in done.stderr, done.stderr
        world.alive()
        assert world.state() == state
    works(world)


def test_flush_only_while_running(world):
    """Refused: the daemon is there."""
    fill(world)
    done = run(*world.daemon_cmd("--flush-only"), check=False)
    assert done.returncode != 0 and done.stderr.strip()
    works(world)


def test_two_instances_side_by_side(world):
    """One namespace, two daemons, two uplinks: each has its own switch."""
    other = World()
    try:
        world.switch()
        world.add_veth("v1", V1)
        other.switch()
        other.add_veth("v1", V1)
        for w in (world, other):
            assert [v["name"] for v in w.j("vport", "show")] == ["sw0/default", "v1"]
            todo = [frame(V1, w.ports["wire"].mac)]
            w.exchange("wire", todo, {"v1": todo})
        other.x("switch", "del", "sw0")
        todo = [frame(V1, world.ports["wire"].mac)]
        world.exchange("wire", todo, {"v1": todo})
    finally:
        other.close()


def test_bad_options(world):
    daemon = world.daemon_cmd()[0]
    for args in (["--bogus"], ["-i"], ["-i", "../x"], ["-i", ""], ["--log-level", "loud"],
                 ["-i", world.id + "z", "--netns", "no-such-ns"], ["extra"]):
        done = run(daemon, *args, check=False)
        assert done.returncode != 0 and done.stderr.strip(), args
    assert run(daemon, "--help").stdout and run(daemon, "--version").stdout


def test_sd_notify(world):
    """READY=1 on the socket of the service manager."""
    path = os.path.join(world.dir, "notify")
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(path)
    sock.settimeout(10)
    world.stop()
    world.popen(*world.daemon_cmd(), env={**os.environ, "NOTIFY_SOCKET": path}, stderr=-3)
    while b"READY=1" not in sock.recv(4096):
        pass
    sock.close()
    assert world.state() == [[], [], []]
    world.procs[-1].terminate()
    assert world.procs[-1].wait(10) == 0


def test_private_bpffs(world):
    """Where no bpffs is, the daemon mounts one under its run directory and the switch says degraded."""
    world.stop()
    run("umount", world.bpffs)
    try:
        world.start()
        world.switch()
        switch = world.j("switch", "show")[0]
        assert switch["state"] == "degraded" and "bpf" in switch["reason"]
        world.add_veth("v1", V1)
        todo = [frame(V1, world.ports["wire"].mac)]
        world.exchange("wire", todo, {"v1": todo})
        world.x("switch", "del", "sw0")
        world.stop()
        run(*world.daemon_cmd("--flush-only"))
    finally:
        run("mount", "-t", "bpf", "bpf", world.bpffs)


def test_killed_while_it_works(world):
    """kill -9 at a random moment of switch add and vport add: --flush-only puts the host back each time."""
    before = strip(world.host_state())
    for _ in range(12):
        tool = world.popen(*world.cmd("-b", "-"), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, text=True)
        tool.stdin.write("switch add sw0 uplink up0\nvport add x1 switch sw0 xsk mac %s\n"
                         "vport add x2 switch sw0 xsk mac %s\n" % (X1, X2))
        tool.stdin.close()
        moment = time.monotonic() + frames.rng.uniform(0, 0.06)
        wait(lambda: time.monotonic() > moment, "the moment")
        assert world.stop(signal.SIGKILL) == -signal.SIGKILL
        tool.kill()
        tool.wait()
        run(*world.daemon_cmd("--flush-only"))
        assert strip(world.host_state()) == before
        world.start()
