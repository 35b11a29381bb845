# SPDX-License-Identifier: GPL-2.0-only
"""Medians, ratios and targets, as text and for the JSON file."""
import json
import statistics


class Report:
    def __init__(self):
        self.cases = []
        self.targets = []

    def case(self, title, rates, over=None):
        """rates: {variant: [a rate for each round]}; the first variant is compared with `over`.

        A ratio is the median of the rounds' ratios: what disturbs a round disturbs both sides.
        """
        names = list(rates)
        ratios = {o: statistics.median(a / b for a, b in zip(rates[names[0]], rates[o]))
                  for o in (over if over is not None else names[1:])}
        self.cases.append({"case": title, "rounds": rates,
                           "median_pps": {n: round(statistics.median(v))
                                          for n, v in rates.items()},
                           "ratios": {f"{names[0]}/{o}": round(r, 3)
                                      for o, r in ratios.items()}})
        print(f"\n{title}")
        for n, v in rates.items():
            m = statistics.median(v)
            ratio = f"  {names[0]} is {ratios[n]:.2f} of it" if n in ratios else ""
            print(f"  {n:<36} {m / 1e6:7.3f} Mpps  ({min(v) / 1e6:.3f} to {max(v) / 1e6:.3f})"
                  f"{ratio}", flush=True)
        return ratios

    def times(self, title, seconds, unit_ms=True):
        m = statistics.median(seconds)
        self.cases.append({"case": title, "seconds": seconds, "median_seconds": m})
        k, unit = (1e3, "ms") if unit_ms else (1, "s")
        print(f"\n{title}\n  median {m * k:.2f} {unit}  ({min(seconds) * k:.2f} to "
              f"{max(seconds) * k:.2f}, {len(seconds)} times)", flush=True)
        return m

    def target(self, text, value, limit, at_least=True, unit=""):
        met = value >= limit if at_least else value < limit
        self.targets.append({"target": text, "value": round(value, 4), "limit": limit,
                             "met": met})
        sign = "at least" if at_least else "under"
        self.targets[-1]["line"] = (f"{'PASS' if met else 'MISS'}  {text}: {value:.2f}{unit} "
                                    f"(wanted {sign} {limit}{unit})")

    def broken(self, case, text):
        """A case that did not come to its end is a target missed."""
        self.targets.append({"target": f"case {case}", "met": False, "error": text,
                             "line": f"FAIL  case {case}: {text}"})
        print(f"\nbench: case {case}: {text}", flush=True)

    def finish(self, path, world, frames):
        print()
        for t in self.targets:
            print(t["line"])
        missed = sum(not t["met"] for t in self.targets)
        print(f"{len(self.targets) - missed} targets met, {missed} missed")
        if path:
            with open(path, "w", encoding="utf-8") as f:
                json.dump({"world": world, "cases": self.cases, "targets": self.targets,
                           "measurements": frames}, f, indent=1)
                f.write("\n")
        return missed
