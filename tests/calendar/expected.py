"""Writes expected.txt: rules, and the instants that python-dateutil makes of them.

    pip install python-dateutil && python3 tests/calendar/expected.py > tests/calendar/expected.txt

A line is: zone, start by the clock there, rule, and of the starts from a day before 2026-03-01T12:00:00Z to 366 days after
it how many there are, the first eight and the last eight. A time that the clock skips is told by the offset before it, one that comes twice is the first (RFC 5545 section 3.3.5).
"""

import datetime as dt
import random
import zoneinfo

from dateutil import rrule, tz

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Novosibirsk", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata"]
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.timezone.utc)


def instant(clock, zone):
    aware = tz.resolve_imaginary(clock.replace(tzinfo=tz.gettz(zone), fold=0))
    return aware.replace(tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(dt.timezone.utc)


def drawn(lot):
    frequency = lot.choice(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"])
    parts = [f"FREQ={frequency}"]
    if lot.random() < 0.5:
        parts.append(f"INTERVAL={lot.randint(2, 5) if frequency != 'HOURLY' else lot.randint(30, 90)}")
    elif frequency == "HOURLY":
        parts.append("INTERVAL=36")
    if lot.random() < 0.3:
        parts.append(f"COUNT={lot.randint(1, 40)}")
    elif lot.random() < 0.3:
        parts.append(f"UNTIL=2026{lot.randint(5, 12):02}15T120000Z")
    if lot.random() < 0.3:
        parts.append("BYMONTH=" + ",".join(map(str, sorted(lot.sample(range(1, 13), lot.randint(1, 6))))))
    if frequency in ("YEARLY", "MONTHLY") and lot.random() < 0.4:
        parts.append("BYMONTHDAY=" + ",".join(map(str, lot.sample([1, 2, 15, 28, 29, 30, 31, -1, -2, -31], 3))))
    elif lot.random() < 0.5:
        days = lot.sample(DAYS, lot.randint(1, 3))
        # Days with and without a number are an intersection for dateutil, and a union by the specification.
        if frequency in ("YEARLY", "MONTHLY") and lot.random() < 0.7:
            days = [lot.choice(["1", "2", "-1", "-2", "5"]) + day for day in days]
        parts.append("BYDAY=" + ",".join(days))
    elif frequency == "YEARLY" and lot.random() < 0.5:
        parts.append("BYWEEKNO=" + ",".join(map(str, lot.sample([1, 2, 20, 52, 53, -1], 2))) + ";BYDAY=MO,SU")
    elif frequency == "YEARLY":
        parts.append("BYYEARDAY=" + ",".join(map(str, lot.sample([1, 60, 100, 200, 366, -1, -100], 3))))
    if frequency != "HOURLY" and lot.random() < 0.2:
        parts.append(f"BYHOUR={lot.randint(0, 5)},{lot.randint(6, 23)}")
    if frequency in ("YEARLY", "MONTHLY", "WEEKLY") and lot.random() < 0.2:
        parts.append("BYSETPOS=" + lot.choice(["1", "-1", "1,-1", "2"]))
    if lot.random() < 0.3:
        parts.append("WKST=" + lot.choice(DAYS))
    return ";".join(parts)


def main():
    lot = random.Random(5545)
    for _ in range(400):
        zone = lot.choice(ZONES)
        clock = dt.datetime(lot.randint(2015, 2026), lot.randint(1, 12), lot.randint(1, 28), lot.choice([0, 1, 2, 3, 9, 18, 23]), lot.choice([0, 30]))
        if lot.random() < 0.2:
            clock = clock.replace(month=lot.choice([1, 3, 5, 12]), day=31)
        rule = drawn(lot)
        local_until = rule
        until = None
        if "UNTIL=" in rule:
            text = rule.split("UNTIL=")[1].split(";")[0]
            until = dt.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.timezone.utc)
            local_until = rule.replace(f"UNTIL={text}", "UNTIL=20270601T000000")
        # The start of an event is its first one, whether or not its rule gives it (RFC 5545 section 3.8.5.3).
        starts = [instant(clock, zone)]
        starts = [at for at in starts if NOW - dt.timedelta(days=1) <= at <= NOW + dt.timedelta(days=366) and not (until and at > until)]
        for start in rrule.rrulestr(local_until, dtstart=clock):
            at = instant(start, zone)
            if at > NOW + dt.timedelta(days=366) or start > dt.datetime(2027, 6, 1) or (until and at > until):
                break
            if at >= NOW - dt.timedelta(days=1):
                starts.append(at)
        # A calendar has one gathering at one instant, though the clock may show two times there.
        starts = sorted(set(starts))
        if len(starts) <= 400:
            written = " ".join(at.strftime("%Y-%m-%dT%H:%M:%SZ") for at in starts[:8] + starts[8:][-8:])
            print(f"{zone}|{clock.strftime('%Y%m%dT%H%M%S')}|{rule}|{len(starts)}|{written}")


main()
