#!/usr/bin/env python3
"""W-007: can the time of an answer tell who has an account?

    chancery serve --dev &            # with CHANCERY_TESTING__RATE_LIMITS_OFF=true
    bench/timing.py http://localhost:8080/t/demo [samples]

Sends wrong sign-ins for an address that has an account and for one that has none, and requests for a new password for
both, by turns, and holds the times against each other (Mann-Whitney U, two-sided, normal approximation). A p below 0.01
says that the two can be told apart; the exit code is 1 then. The machine has to be quiet.
"""
import json
import math
import sys
import time
import urllib.error
import urllib.request


def ask(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    begun = time.perf_counter()
    try:
        with urllib.request.urlopen(request) as answer:
            answer.read()
            status = answer.status
    except urllib.error.HTTPError as error:
        error.read()
        status = error.code
    if status not in (202, 401):
        sys.exit(f"{url} answered {status}: are the limits off?")
    return time.perf_counter() - begun


def p_value(one, other):
    ranked = sorted([(time, 0) for time in one] + [(time, 1) for time in other])
    ranks = sum(rank for rank, (_, group) in enumerate(ranked, 1) if group == 0)
    n, m = len(one), len(other)
    u = ranks - n * (n + 1) / 2
    z = (u - n * m / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return math.erfc(abs(z) / math.sqrt(2))


def main():
    issuer = sys.argv[1].rstrip("/")
    samples = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    known, unknown = "ada@demo.test", "nobody@demo.test"
    apart = False
    for path, rest in (("login", {"password": "a wrong password"}), ("forgot-password", {})):
        name = "identifier" if path == "login" else "email"
        url = f"{issuer}/api/v1/auth/{path}"
        times = {known: [], unknown: []}
        for number in range(samples + 10):
            for who in (known, unknown) if number % 2 else (unknown, known):
                took = ask(url, {name: who, **rest})
                if number >= 10:
                    times[who].append(took)
        p = p_value(times[known], times[unknown])
        middle = {who: sorted(all_)[samples // 2] * 1e3 for who, all_ in times.items()}
        print(f"{path}: known {middle[known]:.2f} ms, unknown {middle[unknown]:.2f} ms (medians of {samples}), p = {p:.3f}")
        apart = apart or p < 0.01
    sys.exit(apart)


main()
