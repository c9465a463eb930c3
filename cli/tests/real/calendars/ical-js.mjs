// Writes events.ics, or reads exported.ics, with ical.js, which is at the path of the second argument.
import fs from "node:fs";

const [deed, path] = process.argv.slice(2);
const { default: ICAL } = await import(path);

// A zone whose name no database knows.
function zone() {
  const standard = new ICAL.Component("standard");
  standard.addPropertyWithValue("dtstart", ICAL.Time.fromString("1970-01-01T00:00:00"));
  standard.addPropertyWithValue("tzoffsetfrom", ICAL.UtcOffset.fromString("+07:00"));
  standard.addPropertyWithValue("tzoffsetto", ICAL.UtcOffset.fromString("+07:00"));
  const zone = new ICAL.Component("vtimezone");
  zone.addPropertyWithValue("tzid", "Заводское время");
  zone.addSubcomponent(standard);
  return zone;
}

function write() {
  const calendar = new ICAL.Component("vcalendar");
  calendar.addPropertyWithValue("prodid", "-//Zavod//EN");
  calendar.addPropertyWithValue("version", "2.0");
  calendar.addPropertyWithValue("x-wr-calname", "Станкозавод");
  calendar.addSubcomponent(zone());
  const event = new ICAL.Event(new ICAL.Component("vevent"));
  const noon = { year: 2098, month: 3, day: 8, hour: 12, minute: 0, second: 0 };
  event.uid = "7@zavod.test";
  event.summary = "Сход, «в субботу»; и ужин";
  event.startDate = ICAL.Time.fromData(noon, new ICAL.Timezone(zone()));
  event.location = "Площадь у проходной, ворота 2";
  event.description = "Первая строка\nвторая " + "очень ".repeat(40);
  event.component.addPropertyWithValue("dtstamp", ICAL.Time.fromString("2026-01-01T00:00:00Z"));
  calendar.addSubcomponent(event.component);
  fs.writeFileSync("events.ics", calendar.toString());
}

function read() {
  const text = fs.readFileSync("exported.ics", "utf8");
  // It refuses what is not well formed.
  const calendar = new ICAL.Component(ICAL.parse(text));
  if (calendar.getFirstPropertyValue("version") !== "2.0") throw new Error(text);
  for (const component of calendar.getAllSubcomponents("vevent")) {
    const event = new ICAL.Event(component);
    if (!event.uid || !component.getFirstPropertyValue("dtstamp")?.toUnixTime()) throw new Error(text);
    // A local time counts by the zone that the file describes.
    const start = event.startDate.convertToZone(ICAL.Timezone.utcTimezone);
    console.log([event.summary, start.toString(), event.location].join("|"));
  }
}

({ write, read })[deed]();
