//! What a terminal and a pipe get: colour, width, language, hostile text.

use unicode_width::UnicodeWidthStr;

use super::*;

#[test]
fn a_community_reads_calmly_in_a_pipe() {
    let output = open(&vk("Some club", "newer"), &[]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{}", stderr(&output));
    for part in ["Some club", "389 members", "newer", "older", "2025-10-10", "How it was reached", "Read directly"] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    assert!(text.find("newer") < text.find("older"));
    assert!(text.contains("stays on this device") && !text.contains("provider"), "the API is on this device:\n{text}");
    assert!(!text.contains('\u{1b}'));
    assert_eq!(stderr(&output), "", "no progress line without a terminal");
}

#[test]
fn russian_is_spoken_where_it_is_asked_for() {
    let text = stdout(&open(&vk("Some club", "newer"), &["--lang", "ru"]));
    for part in ["389 участников", "Записи", "Как прочитано", "Прочитано напрямую"]
    {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
}

#[test]
fn a_hostile_post_does_not_drive_the_terminal() {
    let hostile = "a\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}gpj.exe\u{8}\u{8}";
    let text = stdout(&open(&vk(hostile, hostile), &[]));
    assert!(text.contains("gpj.exe"), "{text}");
    assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{text:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_accident() {
    let server = HttpServer::start(|_| Answer::page("x".repeat(1 << 20)));
    let mut child = byway()
        .args(["get", &format!("http://{}/", server.address)])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(5), "the result was not read whole: {}", stderr(&output));
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
}

/// Runs it on its own terminal (util-linux's `script`), and returns what standard output showed there.
fn on_a_terminal(server: &HttpServer, environment: &str) -> String {
    let line = format!(
        "{environment} BYWAY_VK_TOKEN={TOKEN} {} open vk.com/some_club --vk-api http://{} 2>/dev/null",
        env!("CARGO_BIN_EXE_byway"),
        server.address
    );
    let output = Command::new("script").args(["-qec", &line, "/dev/null"]).stdin(Stdio::null()).output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Runs a command line on a terminal of its own with this many columns; both outputs go there. Returns its rows, as they
/// are written one over the other.
fn at_width(columns: usize, line: &str) -> Vec<String> {
    let line = format!("stty cols {columns} rows 50; BYWAY_VK_TOKEN={TOKEN} TERM=xterm {line}");
    let output = Command::new("script")
        .args(["-qec", &line, "/dev/null"])
        .env("TZ", "UTC")
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).split(['\n', '\r']).map(without_escapes).collect()
}

/// Without the sequences that set colours and move the cursor.
fn without_escapes(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.extend(part.chars().skip_while(|c| !c.is_ascii_alphabetic()).skip(1));
    }
    out
}

#[test]
fn every_screen_fits_its_terminal() {
    let byway = env!("CARGO_BIN_EXE_byway");
    let long = "Рабочие станкозавода, профсоюз, соседи и все, кто с нами с самого начала: https://example.org/a/very/long/link";
    let server = vk(long, long);
    let open = format!("{byway} open vk.com/some_club --vk-api http://{}", server.address);
    for columns in [40, 80, 120] {
        for language in ["en", "ru"] {
            for line in [
                format!("{byway} help"),
                format!("{byway} help open"),
                format!("{byway} community new --help"),
                format!("{open} --lang {language}"),
                format!("{byway} open vk.com/id1 --lang {language}"),
                format!("{byway} open vk.com/some_club -s tor --lang {language}"),
                format!("{byway} get 127.0.0.1:1 -s direct: -s socks5://127.0.0.1:1 --lang {language}"),
                format!("{byway} link vk.com/some_club --qr --lang {language}"),
            ] {
                let rows = at_width(columns, &line);
                let wide = rows.iter().find(|row| UnicodeWidthStr::width(row.as_str()) > columns);
                assert_eq!(wide, None, "{columns} columns: {line}");
                assert!(rows.iter().any(|row| !row.trim().is_empty()), "{line} shows nothing");
            }
        }
    }
}

#[test]
fn a_qr_code_is_drawn_only_where_it_fits() {
    let id = "afcea585fe06e39c3a12d1e7cfd8900f21b9618926cf9a472679e4b67333d5a1";
    let line = format!(
        "{} link 'byway:{id}?mirror=https://zavod.example/ochen/dlinnyj/adres/' --qr",
        env!("CARGO_BIN_EXE_byway")
    );
    for (columns, fits) in [(40, false), (80, true)] {
        let rows = at_width(columns, &line);
        assert_eq!(rows.iter().any(|row| row.contains('█') || row.contains('▀')), fits, "{rows:?}");
        assert_eq!(rows.iter().any(|row| row.contains("--svg")), !fits, "{rows:?}");
    }
}

#[test]
fn progress_is_one_line_at_any_width() {
    let (address, _held) = silent();
    for columns in [40, 120] {
        let line =
            format!("{} get http://{address}/{} --timeout 900ms", env!("CARGO_BIN_EXE_byway"), "long".repeat(40));
        let rows = at_width(columns, &line);
        let progress: Vec<_> = rows.iter().filter(|row| row.starts_with("Reading")).collect();
        assert!(!progress.is_empty(), "{rows:?}");
        for row in progress {
            assert!(UnicodeWidthStr::width(row.as_str()) <= columns, "{row}");
        }
    }
}

#[test]
fn the_zone_of_the_times_is_named_once() {
    for (language, zone) in [("en", "Times: UTC"), ("ru", "Время: UTC")] {
        let text = stdout(&open(&vk("Some club", "newer"), &["--lang", language]));
        assert_eq!(text.matches(zone).count(), 1, "{text}");
    }
}

#[test]
fn colour_is_for_terminals_that_want_it() {
    let server = vk("Some club", "newer");
    assert!(on_a_terminal(&server, "TERM=xterm").contains("\u{1b}[1mSome club"));
    for plain in ["TERM=xterm NO_COLOR=1", "TERM=dumb"] {
        let text = on_a_terminal(&server, plain);
        assert!(text.contains("Some club") && !text.contains('\u{1b}'), "{text:?}");
    }
}
