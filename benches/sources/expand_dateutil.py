"""Expands the rules of a list over a year with python-dateutil: prints the instants, and the microseconds that it took."""

import datetime as dt
import sys
import time

from dateutil import rrule

FROM = dt.datetime(1969, 12, 31)
TO = dt.datetime(1971, 1, 2)

lines = [line.rstrip("\n").split("|") for line in open(sys.argv[1])]
began = time.perf_counter()
found = []
for start, rule in lines:
    start = dt.datetime.strptime(start, "%Y%m%dT%H%M%SZ")
    found += rrule.rrulestr(rule, dtstart=start).between(FROM, TO, inc=True)
took = time.perf_counter() - began
for instant in found:
    print(int((instant - dt.datetime(1970, 1, 1)).total_seconds()))
print(int(took * 1e6))
