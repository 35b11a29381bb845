# SPDX-License-Identifier: GPL-2.0-only
"""Fixtures: worlds (lib.py) that live for a module or for one test."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import frames  # noqa: E402
import lib  # noqa: E402

X1, X2 = "02:00:00:00:01:01", "02:00:00:00:01:02"
V1, V2 = "02:00:00:00:02:01", "02:00:00:00:02:02"
D1 = "02:00:00:00:03:01"


def pytest_configure(config):
    config.addinivalue_line("markers", "slow: takes more than some seconds; check --quick leaves it out")


def pytest_report_header():
    return "SEED=%d repeats the random frames of this run" % frames.SEED


def pytest_terminal_summary(terminalreporter):
    if terminalreporter.stats.get("failed") or terminalreporter.stats.get("error"):
        terminalreporter.write_line("SEED=%d repeats the random frames of this run" % frames.SEED)


def pytest_sessionstart():
    if os.geteuid():
        raise pytest.UsageError("these tests make network namespaces: run them as root")


def populate(world):
    """Two VPorts of each software kind but dev, of which one."""
    world.add_xsk("x1", X1)
    world.add_xsk("x2", X2)
    world.add_veth("v1", V1)
    world.add_veth("v2", V2)
    world.add_dev("d1", D1)


def world_with_leak_check(*switch_opts):
    world = lib.World()
    try:
        before = world.host_state()
        world.switch(*switch_opts)
        populate(world)
    except BaseException:
        world.close()
        raise
    return world, before


def end_of_world(world, before):
    """switch del puts the host back; then the usual end."""
    try:
        world.alive()
        for stats in world.j("-s", "vport", "show"):
            reasons = next(s["reasons"] for s in world.j("stats", stats["name"], "reasons"))
            assert sum(reasons.values()) == stats["stats"]["rx_dropped"] + stats["stats"]["tx_dropped"], stats["name"]
        world.x("switch", "del", "sw0")
        after = world.host_state()
        after["links"].pop("d1h", None)
        before["namespaces"] = after["namespaces"] = [n for n in after["namespaces"] if n in before["namespaces"]]
        assert after == before
        assert world.state() == [[], [], []]
    finally:
        world.close()


@pytest.fixture(scope="module", params=["native", "generic"])
def switch(request):
    """A switch with x1 x2 (xsk, guests attached), v1 v2 (veth), d1 (dev), wire and host; both modes."""
    world, before = world_with_leak_check("mode", request.param)
    world.mode = request.param
    yield world
    end_of_world(world, before)


@pytest.fixture(scope="module")
def native():
    """The same, native mode only."""
    world, before = world_with_leak_check()
    world.mode = "native"
    yield world
    end_of_world(world, before)


@pytest.fixture
def world():
    """A daemon and a wire, no switch, for one test."""
    made = lib.World()
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared():
    """A daemon and a wire, no switch, for a module."""
    made = lib.World()
    yield made
    made.close()
