# Writes events.ics, or reads exported.ics, with python-icalendar.
import sys
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event


def write():
    calendar = Calendar()
    calendar.add('prodid', '-//Zavod//EN')
    calendar.add('version', '2.0')
    calendar.add('x-wr-calname', 'Станкозавод')
    event = Event()
    event.add('uid', '7@zavod.test')
    event.add('summary', 'Сход, «в субботу»; и ужин')
    event.add('dtstart', datetime(2098, 3, 8, 12, 0, tzinfo=ZoneInfo('Asia/Barnaul')))
    event.add('dtstamp', datetime(2026, 1, 1, tzinfo=ZoneInfo('UTC')))
    event.add('location', 'Площадь у проходной, ворота 2')
    event.add('description', 'Первая строка\nвторая ' + 'очень ' * 40)
    calendar.add_component(event)
    open('events.ics', 'wb').write(calendar.to_ical())


def read():
    calendar = Calendar.from_ical(open('exported.ics', 'rb').read())
    assert calendar['VERSION'] == '2.0' and calendar['PRODID'], calendar
    for event in calendar.walk('VEVENT'):
        assert not event.errors, event.errors
        assert event['UID'] and event.decoded('dtstamp'), event
        start = event.decoded('dtstart').astimezone(timezone.utc)
        print('|'.join([str(event['SUMMARY']), start.strftime('%Y-%m-%dT%H:%M:%SZ'), str(event.get('LOCATION'))]))


{'write': write, 'read': read}[sys.argv[1]]()
