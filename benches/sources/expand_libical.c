/* Parses a calendar and expands its rules over a year with libical: prints the instants, and the microseconds that it took. */

#include <libical/ical.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define FROM (-86400L)
#define TO (366L * 86400L)
#define MOST 100000

static char *contents(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END)) exit(1);
    long length = ftell(file);
    rewind(file);
    char *text = malloc(length + 1);
    if (!text || fread(text, 1, length, file) != (size_t)length) exit(1);
    text[length] = 0;
    fclose(file);
    return text;
}

int main(int count, char **arguments) {
    if (count < 2) return 1;
    char *text = contents(arguments[1]);
    static long found[MOST];
    size_t length = 0;
    struct timespec began, ended;
    clock_gettime(CLOCK_MONOTONIC, &began);
    icalcomponent *calendar = icalparser_parse_string(text);
    if (!calendar) return 1;
    icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
    for (; event; event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT)) {
        icalproperty *property = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY);
        struct icalrecurrencetype rule = icalproperty_get_rrule(property);
        icalrecur_iterator *iterator = icalrecur_iterator_new(rule, icalcomponent_get_dtstart(event));
        if (!iterator) return 1;
        for (;;) {
            struct icaltimetype next = icalrecur_iterator_next(iterator);
            if (icaltime_is_null_time(next)) break;
            long instant = (long)icaltime_as_timet(next);
            if (instant > TO) break;
            if (instant >= FROM && length < MOST) found[length++] = instant;
        }
        icalrecur_iterator_free(iterator);
    }
    clock_gettime(CLOCK_MONOTONIC, &ended);
    for (size_t index = 0; index < length; index++) printf("%ld\n", found[index]);
    printf("%ld\n", (ended.tv_sec - began.tv_sec) * 1000000L + (ended.tv_nsec - began.tv_nsec) / 1000L);
    return 0;
}
