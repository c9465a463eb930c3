//! Expands recurrence rules (RFC 5545 section 3.3.10) over a window, in the local time of the clock.
//!
//! A period (year, month, week, day, or one step of hours, minutes or seconds) gives a set of days and times, from
//! which the parts of the rule filter. If the rule has no count, the periods before the window are skipped by
//! arithmetic. So a rule that began long ago, or repeats every second, costs only what the window costs.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::{SignedDuration, Span};

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    frequency: Frequency,
    interval: i64,
    count: Option<usize>,
    /// As written: a date, or a date with a time, in UTC or not.
    pub(super) until: Option<String>,
    months: Vec<i64>,
    month_days: Vec<i64>,
    year_days: Vec<i64>,
    weeks: Vec<i64>,
    /// The weekday with its number in the month or year; 0 means each.
    days: Vec<(i64, Weekday)>,
    hours: Vec<i64>,
    minutes: Vec<i64>,
    seconds: Vec<i64>,
    positions: Vec<i64>,
    week_start: Weekday,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Frequency {
    Yearly,
    Monthly,
    Weekly,
    Daily,
    Hourly,
    Minutely,
    Secondly,
}

/// What a period consists of.
enum Candidates {
    /// The days that the rule allows, of so many.
    Days { looked_at: usize, days: Vec<Date> },
    /// One step of hours, minutes or seconds.
    WithinDay(DateTime),
}

/// Occurrences of a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Occurrences {
    pub(super) starts: Vec<DateTime>,
    /// The window holds more than the limit, or it would take too long to find them.
    pub(super) cut: bool,
}

/// The remaining steps for the rules of one calendar.
#[derive(Debug)]
pub(super) struct Budget {
    steps: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { steps: MAX_STEPS }
    }

    /// `false`: it does not have this many steps, and has none from now on.
    pub(super) fn spend(&mut self, steps: usize) -> bool {
        self.steps = self.steps.saturating_sub(steps);
        self.steps > 0
    }

    #[cfg(test)]
    pub(super) fn is_spent(&self) -> bool {
        self.steps == 0
    }
}

impl Rule {
    /// Reads a rule. `None`: it has no frequency, or a part that cannot be read. Ignoring such a part would invent
    /// dates.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rule = Self {
            frequency: Frequency::Yearly,
            interval: 1,
            count: None,
            until: None,
            months: Vec::new(),
            month_days: Vec::new(),
            year_days: Vec::new(),
            weeks: Vec::new(),
            days: Vec::new(),
            hours: Vec::new(),
            minutes: Vec::new(),
            seconds: Vec::new(),
            positions: Vec::new(),
            week_start: Weekday::Monday,
        };
        let mut frequency = None;
        for part in text.split(';').filter(|part| !part.trim().is_empty()) {
            let (key, value) = part.split_once('=')?;
            let value = value.trim().to_ascii_uppercase();
            match key.trim().to_ascii_uppercase().as_str() {
                "FREQ" => {
                    frequency = Some(match value.as_str() {
                        "YEARLY" => Frequency::Yearly,
                        "MONTHLY" => Frequency::Monthly,
                        "WEEKLY" => Frequency::Weekly,
                        "DAILY" => Frequency::Daily,
                        "HOURLY" => Frequency::Hourly,
                        "MINUTELY" => Frequency::Minutely,
                        "SECONDLY" => Frequency::Secondly,
                        _ => return None,
                    });
                }
                "INTERVAL" => {
                    rule.interval = value.parse().ok().filter(|interval| (1..=MAX_INTERVAL).contains(interval))?
                }
                "COUNT" => rule.count = Some(value.parse().ok()?),
                "UNTIL" => rule.until = Some(value),
                "BYMONTH" => rule.months = numbers(&value, 1, 12, false)?,
                "BYMONTHDAY" => rule.month_days = numbers(&value, 1, 31, true)?,
                "BYYEARDAY" => rule.year_days = numbers(&value, 1, 366, true)?,
                "BYWEEKNO" => rule.weeks = numbers(&value, 1, 53, true)?,
                "BYHOUR" => rule.hours = numbers(&value, 0, 23, false)?,
                "BYMINUTE" => rule.minutes = numbers(&value, 0, 59, false)?,
                "BYSECOND" => rule.seconds = numbers(&value, 0, 59, false)?,
                "BYSETPOS" => rule.positions = numbers(&value, 1, 366, true)?,
                "BYDAY" => {
                    rule.days = value.split(',').take(MAX_NUMBERS).map(day).collect::<Option<_>>()?;
                    rule.days.sort_unstable_by_key(|(nth, day)| (*nth, day.to_monday_zero_offset()));
                    rule.days.dedup();
                }
                "WKST" => rule.week_start = day(&value)?.1,
                // Extensions do not concern Gregorian dates.
                key if key.starts_with("X-") => {}
                _ => return None,
            }
        }
        rule.frequency = frequency?;
        Some(rule)
    }

    /// The occurrences from `from` to `to` of a rule that starts at `start`. `is_past_end` says whether a time is after
    /// the rule's `UNTIL`, which its zone decides.
    pub(super) fn occurrences(
        &self,
        start: DateTime,
        (from, to): (DateTime, DateTime),
        is_past_end: impl Fn(DateTime) -> bool,
        budget: &mut Budget,
    ) -> Occurrences {
        let mut found = Occurrences::default();
        let rule = self.with_defaults(start);
        let mut period = if self.count.is_some() { 0 } else { rule.periods_before(start, from) };
        let mut counted = 0;
        let mut empty = 0;
        loop {
            if !budget.spend(1) || empty > MAX_EMPTY {
                // If the period is a day or longer, this many empty periods mean that the rule allows no day at all.
                found.cut |= empty <= MAX_EMPTY || rule.frequency > Frequency::Daily;
                return found;
            }
            let Some((begins, candidates)) = rule.period(start, period) else { return found };
            period += 1;
            if begins > to {
                return found;
            }
            // What a period costs is known before it is paid: a short rule can name every second of a year.
            if !budget.spend(rule.cost(&candidates)) {
                found.cut = true;
                return found;
            }
            let set = rule.times(&candidates);
            empty = if set.is_empty() { empty + 1 } else { 0 };
            for at in set {
                if at < start {
                    continue;
                }
                counted += 1;
                if self.count.is_some_and(|count| counted > count) || at > to || is_past_end(at) {
                    return found;
                }
                if at >= from {
                    if found.starts.len() >= MAX_OCCURRENCES {
                        found.cut = true;
                        return found;
                    }
                    found.starts.push(at);
                }
            }
        }
    }

    /// Takes from the start what the rule does not say.
    fn with_defaults(&self, start: DateTime) -> Self {
        let mut rule = self.clone();
        let no_days =
            rule.weeks.is_empty() && rule.year_days.is_empty() && rule.month_days.is_empty() && rule.days.is_empty();
        if no_days {
            match rule.frequency {
                Frequency::Yearly => {
                    if rule.months.is_empty() {
                        rule.months = vec![start.month().into()];
                    }
                    rule.month_days = vec![start.day().into()];
                }
                Frequency::Monthly => rule.month_days = vec![start.day().into()],
                Frequency::Weekly => rule.days = vec![(0, start.weekday())],
                _ => {}
            }
        }
        let own = |list: &mut Vec<i64>, value: i8, is_set: bool| {
            if list.is_empty() && is_set {
                list.push(value.into());
            }
        };
        own(&mut rule.hours, start.hour(), rule.frequency < Frequency::Hourly);
        own(&mut rule.minutes, start.minute(), rule.frequency < Frequency::Minutely);
        own(&mut rule.seconds, start.second(), rule.frequency < Frequency::Secondly);
        rule
    }

    /// How many periods, counted by the interval, certainly lie before the window.
    fn periods_before(&self, start: DateTime, from: DateTime) -> i64 {
        let seconds = from.duration_since(start).as_secs();
        let days = seconds / 86_400;
        let periods = match self.frequency {
            Frequency::Yearly => i64::from(from.year()) - i64::from(start.year()),
            Frequency::Monthly => {
                (i64::from(from.year()) - i64::from(start.year())) * 12 + i64::from(from.month())
                    - i64::from(start.month())
            }
            Frequency::Weekly => days / 7,
            Frequency::Daily => days,
            Frequency::Hourly => seconds / 3600,
            Frequency::Minutely => seconds / 60,
            Frequency::Secondly => seconds,
        };
        (periods / self.interval - 1).max(0)
    }

    /// The start of a period, and what may be in it. `None`: it lies after the end of the calendar.
    fn period(&self, start: DateTime, period: i64) -> Option<(DateTime, Candidates)> {
        let step = period.checked_mul(self.interval)?;
        let (begins, months) = match self.frequency {
            Frequency::Yearly => {
                let year = i16::try_from(i64::from(start.year()) + step).ok()?;
                let month = |month: i64| Date::new(year, i8::try_from(month).ok()?, 1).ok();
                let months = self.months.iter().filter_map(|number| month(*number));
                let months: Vec<_> = months.map(|first| (first, first.days_in_month().into())).collect();
                let first = Date::new(year, 1, 1).ok()?;
                (first, if months.is_empty() { vec![(first, first.days_in_year().into())] } else { months })
            }
            Frequency::Monthly => {
                let first = start.date().first_of_month().checked_add(Span::new().try_months(step).ok()?).ok()?;
                (first, vec![(first, first.days_in_month().into())])
            }
            Frequency::Weekly => {
                let back = i64::from(start.weekday().since(self.week_start));
                let days = Span::new().try_days(step.checked_mul(7)? - back).ok()?;
                let first = start.date().checked_add(days).ok()?;
                (first, vec![(first, 7)])
            }
            Frequency::Daily => {
                let day = start.date().checked_add(Span::new().try_days(step).ok()?).ok()?;
                (day, vec![(day, 1)])
            }
            Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
                let seconds = match self.frequency {
                    Frequency::Hourly => 3600,
                    Frequency::Minutely => 60,
                    _ => 1,
                };
                let at = start.checked_add(SignedDuration::from_secs(step.checked_mul(seconds)?)).ok()?;
                return Some((at, Candidates::WithinDay(at)));
            }
        };
        let all = months
            .iter()
            .flat_map(|(first, length)| (0..*length).filter_map(|day| first.checked_add(Span::new().days(day)).ok()));
        let looked_at = months.iter().map(|(_, length)| usize::try_from(*length).unwrap_or_default()).sum();
        let days = all.filter(|day| self.allows(*day)).collect();
        Some((begins.to_datetime(Time::midnight()), Candidates::Days { looked_at, days }))
    }

    /// The steps that they cost: each day against the lists of the rule, and each time of a day that the rule allows.
    fn cost(&self, candidates: &Candidates) -> usize {
        let lists = [&self.months, &self.month_days, &self.year_days, &self.weeks].map(Vec::len);
        let of_a_day = 1 + (lists.iter().sum::<usize>() + self.days.len()) / ENTRIES_A_STEP;
        match candidates {
            Candidates::Days { looked_at, days } => {
                looked_at * of_a_day + days.len() * self.hours.len() * self.minutes.len() * self.seconds.len()
            }
            Candidates::WithinDay(_) => of_a_day + self.minutes.len().max(1) * self.seconds.len().max(1),
        }
    }

    /// Their times in order.
    fn times(&self, candidates: &Candidates) -> Vec<DateTime> {
        let days = match candidates {
            Candidates::Days { days, .. } => days,
            Candidates::WithinDay(at) => return self.within_day(*at),
        };
        let mut set = Vec::new();
        for day in days {
            for hour in &self.hours {
                for minute in &self.minutes {
                    set.extend(self.seconds.iter().filter_map(|second| at(*day, *hour, *minute, *second)));
                }
            }
        }
        set.sort_unstable();
        self.positioned(&set)
    }

    /// The times of one step of hours, minutes or seconds.
    fn within_day(&self, step: DateTime) -> Vec<DateTime> {
        let is_in = |list: &[i64], value: i8| list.is_empty() || list.contains(&value.into());
        if !self.allows(step.date()) || !is_in(&self.hours, step.hour()) {
            return Vec::new();
        }
        let one = |value: i8| vec![i64::from(value)];
        let (minutes, seconds) = match self.frequency {
            Frequency::Hourly => (self.minutes.clone(), self.seconds.clone()),
            Frequency::Minutely if is_in(&self.minutes, step.minute()) => (one(step.minute()), self.seconds.clone()),
            Frequency::Secondly if is_in(&self.minutes, step.minute()) && is_in(&self.seconds, step.second()) => {
                (one(step.minute()), one(step.second()))
            }
            _ => return Vec::new(),
        };
        let times = minutes.iter().flat_map(|minute| seconds.iter().map(move |second| (*minute, *second)));
        let mut set: Vec<DateTime> =
            times.filter_map(|(minute, second)| at(step.date(), step.hour().into(), minute, second)).collect();
        set.sort_unstable();
        self.positioned(&set)
    }

    fn allows(&self, date: Date) -> bool {
        let in_month: i64 = date.day().into();
        let from_month_end = in_month - i64::from(date.days_in_month()) - 1;
        let in_year: i64 = date.day_of_year().into();
        let from_year_end = in_year - i64::from(date.days_in_year()) - 1;
        let any = |list: &[i64], values: &[i64]| list.is_empty() || values.iter().any(|value| list.contains(value));
        any(&self.months, &[date.month().into()])
            && any(&self.month_days, &[in_month, from_month_end])
            && any(&self.year_days, &[in_year, from_year_end])
            && (self.weeks.is_empty() || any(&self.weeks, &self.week_of(date)))
            && (self.days.is_empty() || self.days.iter().any(|(nth, day)| self.is_day(date, *nth, *day)))
    }

    fn is_day(&self, date: Date, nth: i64, day: Weekday) -> bool {
        if date.weekday() != day {
            return false;
        }
        let (position, length): (i64, i64) = match self.frequency {
            Frequency::Yearly if self.months.is_empty() && self.weeks.is_empty() => {
                (date.day_of_year().into(), date.days_in_year().into())
            }
            Frequency::Yearly | Frequency::Monthly if self.weeks.is_empty() => {
                (date.day().into(), date.days_in_month().into())
            }
            _ => return true,
        };
        match nth {
            0 => true,
            1.. => (position - 1) / 7 + 1 == nth,
            _ => (length - position) / 7 + 1 == -nth,
        }
    }

    /// The week number of a day, from the start and from the end of the year (section 3.3.10, BYWEEKNO).
    fn week_of(&self, date: Date) -> [i64; 2] {
        let back = i64::from(date.weekday().since(self.week_start));
        // The fourth day of a week lies in the year to which the week belongs.
        let Ok(fourth) = date.checked_add(Span::new().days(3 - back)) else { return [0, 0] };
        let day: i64 = fourth.day_of_year().into();
        let number = (day - 1) / 7 + 1;
        let weeks = number + (i64::from(fourth.days_in_year()) - day) / 7;
        [number, number - weeks - 1]
    }

    fn positioned(&self, set: &[DateTime]) -> Vec<DateTime> {
        if self.positions.is_empty() {
            return set.to_vec();
        }
        let chosen = self.positions.iter().filter_map(|position| {
            let size = usize::try_from(position.unsigned_abs()).ok()?;
            set.get(if *position > 0 { size - 1 } else { set.len().checked_sub(size)? })
        });
        let mut chosen: Vec<DateTime> = chosen.copied().collect();
        chosen.sort_unstable();
        chosen.dedup();
        chosen
    }
}

fn at(date: Date, hour: i64, minute: i64, second: i64) -> Option<DateTime> {
    let part = |value: i64| i8::try_from(value).ok();
    Some(date.to_datetime(Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok()?))
}

/// `1,-3,5`, each within the bounds; negative numbers count from the end if that is allowed.
fn numbers(text: &str, least: i64, most: i64, signed: bool) -> Option<Vec<i64>> {
    let mut numbers = Vec::new();
    for number in text.split(',').take(MAX_NUMBERS) {
        let number: i64 = number.trim().trim_start_matches('+').parse().ok()?;
        let size = if signed { number.abs() } else { number };
        if !(least..=most).contains(&size) {
            return None;
        }
        numbers.push(number);
    }
    numbers.sort_unstable();
    numbers.dedup();
    Some(numbers)
}

/// `MO`, `-1FR`.
fn day(text: &str) -> Option<(i64, Weekday)> {
    let text = text.trim();
    let (nth, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let day = match name {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    };
    let nth = if nth.is_empty() { 0 } else { nth.trim_start_matches('+').parse().ok()? };
    (-53..=53).contains(&nth).then_some((nth, day))
}

/// Occurrences of one rule in the window: a daily one over a year has 366.
const MAX_OCCURRENCES: usize = 400;

/// Periods, days and times that are examined for all rules of a calendar: a thousand daily rules over a year, and some more.
const MAX_STEPS: usize = 1_500_000;

/// Entries of the lists of a rule that a day is compared with for one step.
const ENTRIES_A_STEP: usize = 32;

/// After this many periods without an occurrence there will be none: leap days are at most 8 years apart, and there are
/// 13 Fridays the 13th within 28 years.
const MAX_EMPTY: usize = 20_000;

const MAX_INTERVAL: i64 = 100_000;
const MAX_NUMBERS: usize = 400;
