# SPDX-License-Identifier: GPL-2.0-only
"""The bench's cases. Variants of a case take turns, and the turn moves on each round."""
import contextlib
import time

from lab import GUEST, HOST, RUN, WIRE, BenchError, mac

A, B, C, SENDER = mac(1), mac(2), mac(3), mac(0xfe)
LIVE = ("--netns", WIRE, "--dev", "wire0")
# 1,000 VPorts of 60 filters each.
SCALE_VPORTS, SCALE_EACH = 1000, 60
SCALE_BASE = 0x020100000000


def interleave(lab, rounds, variants):
    """variants: {name: function(lab) → rate}. {name: [rate of each round]}"""
    rates = {n: [] for n in variants}
    names = list(variants)
    for r in range(rounds):
        for i in range(len(names)):
            n = names[(r + i) % len(names)]
            rates[n].append(variants[n](n))
    return rates


def on_veth(lab, name, context):
    with context:
        return lab.measure(name, ("--netns", GUEST, "--dev", "gg0"), (*LIVE, "--dst", A))


def case_veth(lab, report, rounds):
    rates = interleave(lab, rounds, {
        "xvsw": lambda n: on_veth(lab, n, lab.switch(("v1", "dev", "gh0", "mac", A))),
        "bare redirect": lambda n: on_veth(lab, n, lab.bare("up0", "gh0")),
        "linux bridge": lambda n: on_veth(lab, n, lab.bridge({A: "gh0"}, "up0", "gh0")),
    })
    ratios = report.case("wire -> veth guest, 64-byte frames, XDP drop at the guest's end", rates)
    report.target("wire -> veth guest / bare redirect", ratios["bare redirect"], 0.85)
    report.target("wire -> veth guest / Linux bridge", ratios["linux bridge"], 3)


def reader(lab, spin):
    wait = ("--spin",) if spin else ()
    bare = ("--netns", GUEST, "--xsk", "gg1", *wait)
    guest = ("--socket", lab.socket("g1"), *wait)
    gen = (*LIVE, "--dst", A)

    def xvsw(name):
        with lab.switch(("g1", "xsk", "mac", A)):
            return lab.measure(name, guest, gen)

    def control(name):
        with lab.bare("up0", "gh1"):
            return lab.measure(name, bare, gen)

    def bridge(name):
        with lab.bridge({A: "gh1"}, "up0", "gh1"):
            return lab.measure(name, bare, gen)

    def library(name):
        """Bare on the uplink, the library behind it: is the reader as fast as the bare one?"""
        with lab.switch(("g1", "xsk", "mac", A)):
            dev = lab.xvsw_json("vport", "show", "g1")[0]["dev"]
            with lab.bare("up0", dev):
                return lab.measure(name, guest, gen)

    return {"xvsw": xvsw, "bare redirects": control, "linux bridge": bridge,
            "bare uplink, xvsw guest end": library}


def case_xsk(lab, report, rounds):
    for spin in (True, False):
        rates = interleave(lab, rounds, reader(lab, spin))
        how = "spinning" if spin else "sleeping in poll()"
        ratios = report.case(f"wire -> AF_XDP guest, 64-byte frames, reader {how}", rates)
        if spin:
            report.target("wire -> AF_XDP guest / bare redirects", ratios["bare redirects"], 0.85)


def from_guest(lab, to_xsk):
    own = ("--socket", lab.socket("g1"), "--src", A, "--dst", B)
    bare = ("--netns", GUEST, "--xsk", "gg1", "--src", A, "--dst", B)
    drop = ("--netns", GUEST, "--dev", "gg0")
    own_sink = ("--socket", lab.socket("g2"), "--spin") if to_xsk else drop
    bare_sink = ("--netns", GUEST, "--xsk", "gg2", "--spin") if to_xsk else drop
    target = ("g2", "xsk", "mac", B) if to_xsk else ("v1", "dev", "gh0", "mac", B)
    gh = "gh2" if to_xsk else "gh0"

    def xvsw(name):
        with lab.switch(("g1", "xsk", "mac", A), target):
            return lab.measure(name, own_sink, own)

    def control(name):
        with lab.bare("gh1", gh), lab.bare("gg1", ns=GUEST):
            return lab.measure(name, bare_sink, bare)

    def bridge(name):
        with lab.bridge({B: gh}, "gh1", gh), lab.bare("gg1", ns=GUEST):
            return lab.measure(name, bare_sink, bare)

    return {"xvsw": xvsw, "bare redirect": control, "linux bridge": bridge}


def case_guests(lab, report, rounds):
    report.case("AF_XDP guest -> veth guest, 64-byte frames",
                interleave(lab, rounds, from_guest(lab, False)))
    report.case("AF_XDP guest -> AF_XDP guest, 64-byte frames, reader spinning",
                interleave(lab, rounds, from_guest(lab, True)))


def write_dsts(name, macs):
    """Always as many lines, so that the generator's own cost is the same."""
    path = f"{RUN}/{name}.dsts"
    n = SCALE_VPORTS * SCALE_EACH
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(f"{macs[i % len(macs)]}\n" for i in range(n))
    return path


def scale_load(lab):
    """999 more VPorts beside v0, 60,000 filters in all. Seconds it took, and the MACs by VPort."""
    macs = [[mac(v * SCALE_EACH + i, SCALE_BASE) for i in range(SCALE_EACH)]
            for v in range(SCALE_VPORTS)]
    lines = [f"vport add v{v} switch many veth s{v} netns {GUEST} "
             + " ".join(f"mac {m}" for m in macs[v]) for v in range(1, SCALE_VPORTS)]
    lines += [f"filter add vport v0 mac {m}" for m in macs[0]]
    return lab.batch(lines), macs


def case_scale(lab, report, rounds):
    n = SCALE_VPORTS * SCALE_EACH
    sink = {"many": ("--netns", GUEST, "--dev", "gg0"), "one": ("--netns", GUEST, "--dev", "gg1")}
    wire = {"many": "wire0", "one": "wire1"}

    def rate(switch, dsts):
        return lambda name: lab.measure(name, sink[switch],
                                        ("--netns", WIRE, "--dev", wire[switch], "--dsts", dsts,
                                         "--random"))

    one = write_dsts("one", [A])
    with contextlib.ExitStack() as stack:
        # A switch of its own for the single filter: both stand at once, so rounds interleave.
        stack.enter_context(lab.switch(("o1", "dev", "gh1", "mac", A), name="one", uplink="up1"))
        stack.enter_context(lab.switch(("v0", "dev", "gh0", "mac", A), name="many",
                                       options=("max-vports", "1100")))
        report.case("before loading: are the two switches alike? (one filter each)",
                    interleave(lab, rounds, {"one filter, switch 2": rate("many", one),
                                             "one filter, switch 1": rate("one", one)}))
        seconds, macs = scale_load(lab)
        have = len(lab.xvsw_json("filter", "show"))
        if have != n + 2:
            raise BenchError(f"{have} filters instead of {n + 2}")
        print(f"\nloaded {SCALE_VPORTS} VPorts and {n} filters in {seconds:.1f} s")
        spread = write_dsts("spread", macs[0])
        every = write_dsts("every", [m for v in macs for m in v])
        rates = interleave(lab, rounds, {"spread over 60 filters": rate("many", spread),
                                         "same switch, 1 of its filters": rate("many", one),
                                         "one filter in all": rate("one", one)})
        title = f"{SCALE_VPORTS} VPorts, {n} filters; 60 filters of one VPort"
        ratios = report.case(title, rates)
        report.target("1,000 VPorts, 60,000 filters / one filter", ratios["one filter in all"],
                      0.9)
        lab.batch([f"filter move from v{v} to v0" for v in range(1, SCALE_VPORTS)])
        rates = interleave(lab, rounds, {"spread over 60,000 filters": rate("many", every),
                                         "one filter in all": rate("one", one)})
        report.case(f"{SCALE_VPORTS} VPorts, all {n} filters on one VPort", rates)


def case_vport_add(lab, report, _rounds):
    times = []
    with lab.switch():
        for i in range(20):
            start = time.monotonic()
            lab.xvsw("vport", "add", "g1", "switch", "sw", "xsk", "mac", A)
            times.append(time.monotonic() - start)
            lab.xvsw("vport", "del", "g1")
    m = report.times("vport add ... xsk, the whole run of the tool", times)
    report.target("vport add ... xsk", m * 1e3, 50, at_least=False, unit=" ms")


def case_batch(lab, report, rounds):
    n, times = 10000, []
    for _ in range(rounds):
        with lab.switch(("v1", "dev", "gh0")):
            times.append(lab.batch(f"filter add vport v1 mac {mac(i, SCALE_BASE)}"
                                   for i in range(n)))
            have = len(lab.xvsw_json("filter", "show"))
            if have != n:
                raise BenchError(f"{have} filters instead of {n}")
    m = report.times("10,000 filters from one batch", times)
    report.target("10,000 filters from one batch", m, 1, at_least=False, unit=" s")


# The heaviest last: the daemon is given nothing to do behind it.
CASES = {"veth": case_veth, "xsk": case_xsk, "guests": case_guests, "vport-add": case_vport_add,
         "batch": case_batch, "scale": case_scale}


def controls(lab, report, rounds):
    """Without xvsw: the controls alone, to see what the machine gives."""
    report.case("controls: wire -> veth", interleave(lab, rounds, {
        "bare redirect": lambda n: on_veth(lab, n, lab.bare("up0", "gh0")),
        "linux bridge": lambda n: on_veth(lab, n, lab.bridge({A: "gh0"}, "up0", "gh0"))}))
    for spin in (True, False):
        v = reader(lab, spin)
        report.case(f"controls: wire -> AF_XDP, reader {'spinning' if spin else 'sleeping'}",
                    interleave(lab, rounds, {k: v[k] for k in ("bare redirects", "linux bridge")}))
    for to_xsk in (False, True):
        v = from_guest(lab, to_xsk)
        report.case(f"controls: AF_XDP -> {'AF_XDP' if to_xsk else 'veth'}",
                    interleave(lab, rounds, {k: v[k] for k in ("bare redirect", "linux bridge")}))
