"""Reads the feed and the calendar of a published community with feedparser and icalendar, and prints what they say as JSON."""

import json
import sys

import feedparser
import icalendar

folder = sys.argv[1]
feed = feedparser.parse(f"{folder}/feed.xml")
with open(f"{folder}/events.ics", "rb") as file:
    calendar = icalendar.Calendar.from_ical(file.read())
gatherings = [part for part in calendar.walk("VEVENT")]
print(
    json.dumps(
        {
            "is_malformed": bool(feed.bozo),
            "version": feed.version,
            "title": feed.feed.title,
            "entries": [entry.summary if "summary" in entry else entry.content[0].value for entry in feed.entries],
            "ids": [entry.id for entry in feed.entries],
            "gatherings": [
                [str(part["SUMMARY"]), part.decoded("DTSTART").isoformat(), str(part.get("LOCATION", ""))]
                for part in gatherings
            ],
        }
    )
)
