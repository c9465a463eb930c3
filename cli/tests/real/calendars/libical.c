/* Writes events.ics, or reads exported.ics, with libical. */
#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *what) {
    fprintf(stderr, "%s\n", what);
    return 1;
}

static int write_calendar(void) {
    /* libical names a zone of the database by a name of its own, and describes it in the file. */
    icaltimezone *zone = icaltimezone_get_builtin_timezone("Asia/Barnaul");
    if (zone == NULL) return fail("the zone is missing: install tzdata");
    char description[1024] = "Первая строка\nвторая ";
    for (int i = 0; i < 40; i++) strcat(description, "очень ");
    icalproperty *start = icalproperty_new_dtstart(icaltime_from_string("20980308T120000"));
    icalproperty_add_parameter(start, icalparameter_new_tzid(icaltimezone_get_tzid(zone)));
    icalproperty *name = icalproperty_new_x("Станкозавод");
    icalproperty_set_x_name(name, "X-WR-CALNAME");
    icalcomponent *event = icalcomponent_vanew(
        ICAL_VEVENT_COMPONENT, icalproperty_new_uid("7@zavod.test"),
        icalproperty_new_summary("Сход, «в субботу»; и ужин"), start,
        icalproperty_new_dtstamp(icaltime_from_string("20260101T000000Z")),
        icalproperty_new_location("Площадь у проходной, ворота 2"), icalproperty_new_description(description), NULL);
    icalcomponent *calendar = icalcomponent_vanew(
        ICAL_VCALENDAR_COMPONENT, icalproperty_new_prodid("-//Zavod//EN"), icalproperty_new_version("2.0"), name,
        icalcomponent_new_clone(icaltimezone_get_component(zone)), event, NULL);
    FILE *file = fopen("events.ics", "w");
    if (file == NULL || fputs(icalcomponent_as_ical_string(calendar), file) < 0) return fail("cannot write");
    fclose(file);
    icalcomponent_free(calendar);
    return 0;
}

static char *line_of(char *buffer, size_t size, void *file) {
    return fgets(buffer, (int)size, file);
}

static int read_calendar(void) {
    FILE *file = fopen("exported.ics", "r");
    if (file == NULL) return fail("cannot read");
    icalparser *parser = icalparser_new();
    icalparser_set_gen_data(parser, file);
    icalcomponent *calendar = icalparser_parse(parser, line_of);
    /* It marks what it cannot parse, and what may not be there or not twice, as errors. */
    if (calendar == NULL || icalcomponent_isa(calendar) != ICAL_VCALENDAR_COMPONENT) return fail("no calendar");
    if (!icalrestriction_check(calendar)) return fail(icalcomponent_as_ical_string(calendar));
    if (icalcomponent_count_errors(calendar) != 0) return fail(icalcomponent_as_ical_string(calendar));
    icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
    for (; event != NULL; event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) {
        if (icalcomponent_get_uid(event) == NULL) return fail("no UID");
        if (icaltime_is_null_time(icalcomponent_get_dtstamp(event))) return fail("no DTSTAMP");
        struct icaltimetype at = icalcomponent_get_dtstart(event);
        if (at.zone == NULL) return fail("a time in no zone");
        at = icaltime_convert_to_zone(at, icaltimezone_get_utc_timezone());
        const char *place = icalcomponent_get_location(event);
        printf("%s|%04d-%02d-%02dT%02d:%02d:%02dZ|%s\n", icalcomponent_get_summary(event), at.year, at.month, at.day,
               at.hour, at.minute, at.second, place == NULL ? "" : place);
    }
    icalcomponent_free(calendar);
    icalparser_free(parser);
    fclose(file);
    return 0;
}

int main(int count, char **arguments) {
    if (count != 2) return fail("write or read");
    return strcmp(arguments[1], "write") == 0 ? write_calendar() : read_calendar();
}
