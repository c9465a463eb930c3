//! What is said about a mistyped command line, in both languages, and how help is reached.

use super::*;

#[test]
fn wrong_usage_is_one_sentence_on_stderr_and_exit_code_2() {
    let directory = TempDir::new().unwrap();
    let empty = file(&directory, "empty", "  \n");
    let two_words = file(&directory, "two words", "one two");
    let endless = file(&directory, "endless", "x".repeat(5000));
    let no_pem = file(&directory, "no.pem", "hello");
    let bad_pem = file(&directory, "bad.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let bad_list = file(&directory, "list", "direct:\nnonsense here 7\n");
    let directory = directory.path().to_str().unwrap();
    let vk = "vk.com/some_club";
    let cases: &[&[&str]] = &[
        &[],
        &["fly"],
        &["open"],
        &["open", vk, "--bogus"],
        &["open", vk, "--vk-token", TOKEN],
        &["open", vk],
        &["open", "not a link"],
        &["open", "https://chat.whatsapp.com/community"],
        &["open", "t.me/+AbCdEf"],
        &["open", "vk.com/id1"],
        &["open", "vk.com/feed"],
        &["open", vk, "--vk-token-file", "/nonexistent/token"],
        &["open", vk, "--vk-token-file", &empty],
        &["open", vk, "--vk-token-file", &two_words],
        &["open", vk, "--vk-token-file", &endless],
        &["open", vk, "--vk-token-file", directory],
        &["open", vk, "--vk-api", "http://vk.example/method/"],
        &["open", vk, "--vk-api", "nonsense"],
        &["get", "example"],
        &["get", "ftp://example.org/"],
        &["get", "https://user:word@example.org/"],
        &["get", "https://example.org/#exposure=onion"],
        &["get", "https://vk.com/zavod#exposure="],
        &["probe", "https://example.org/#a&exposure=onion"],
        &["probe", "vk.com/zavod#EXPOSURE=onion"],
        &["preview", "vk.com/zavod#exposure=onion"],
        &["open", "vk.com/zavod#exposure=onion"],
        &["probe", "example"],
        &["probe", "file:///etc/passwd"],
        &["probe", "http://127.0.0.1/", "--strategy", "teleport:"],
        &["probe", "http://127.0.0.1/", "--strategy", "socks5://user:hunter2@"],
        &["probe", "http://127.0.0.1/", "--strategy", "direct:?dns=nonsense"],
        &["probe", "http://127.0.0.1/", "--strategies", "/nonexistent/list"],
        &["probe", "http://127.0.0.1/", "--strategies", &bad_list],
        &["probe", "http://127.0.0.1/", "--strategies", &empty],
        &["probe", "http://127.0.0.1/", "--exposure", "hidden"],
        &["probe", "http://127.0.0.1/", "--exposure", "tor"],
        &["probe", "http://127.0.0.1/", "--exposure", "proxied", "--strategy", "direct:"],
        &["probe", "http://127.0.0.1/", "--resolve", "a:b"],
        &["probe", "http://127.0.0.1/", "--resolve", "example.org:443:example.net"],
        &["probe", "http://127.0.0.1/", "--ca", "/nonexistent/ca.pem"],
        &["probe", "http://127.0.0.1/", "--ca", &no_pem],
        &["probe", "http://127.0.0.1/", "--ca", &bad_pem],
        &["probe", "http://127.0.0.1/", "--country", "uk"],
        &["probe", "http://127.0.0.1/", "--key-file", "key"],
        &["get", "http://127.0.0.1/", "--strategy", "tor:", "--data-dir", directory, "--tor-dir", directory],
        &["open", vk, "--offline"],
        &["preview", vk, "--strategy", "teleport:"],
        &["list"],
        &["show", vk],
        &["export", "--ics"],
        &["wipe", "--yes"],
        &["probe", "http://127.0.0.1/", "--timeout", "soon"],
        &["probe", "http://127.0.0.1/", "--timeout", "0"],
        &["probe", "http://127.0.0.1/", "--lang", "xx"],
        &["strategies", "/nonexistent/list"],
        &["show", vk, "--limit", "0"],
        &["show", vk, "--limit", "nine"],
        &["opne", vk],
        &["get", "https://example.org/", "extra"],
        &["get", "https://example.org/", "--jsno"],
        &["open", vk, "--events=1"],
        &["open", vk, "--events", "--events"],
        &["export", "--data-dir", "/nonexistent"],
        &["list", "--data-dir", "/nonexistent"],
        &["wipe", "--data-dir", "/nonexistent"],
        &["list", "--data-dir", "/nonexistent", "--key-file", "key", "--passphrase-file", "phrase"],
        &["sync"],
        &["sync", "--data-dir", "/nonexistent"],
        &["sync", "--data-dir", "/nonexistent", "--bytes", "much"],
        &["sync", "--data-dir", "/nonexistent", "--timeout", "soon"],
        &["sync", "--data-dir", "/nonexistent", "--allow-direct"],
        &["open", vk, "--timeout", "2h"],
        &["open", vk, "--timeout", "4000"],
        &["open", vk, "--exposure"],
        &["open", vk, "--timeout"],
    ];
    for case in cases {
        for json in [&[][..], &["--json"][..]] {
            let output = byway().args(*case).args(if case.is_empty() { &[] } else { json }).output().unwrap();
            let said = stderr(&output);
            assert_eq!(output.status.code(), Some(2), "{case:?}: {said}");
            assert_eq!(stdout(&output), "", "{case:?}");
            assert!(said.starts_with("byway: ") && said.ends_with('\n'), "{case:?}: {said}");
            assert_eq!(said.lines().count(), 1, "{case:?}: {said}");
            for never in ["panicked", "Error {", "Err(", "Some(", "hunter2", TOKEN, "error:"] {
                assert!(!said.contains(never), "{case:?}: {said}");
            }
        }
        // The same in Russian, whatever else is wrong with the line.
        let (command, rest) = case.split_at(case.len().min(1));
        let output = byway().args(command).args(["--lang", "ru"]).args(rest).output().unwrap();
        let said = stderr(&output);
        assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{case:?}: {said}");
        assert_is_russian(&said);
        for never in ["hunter2", TOKEN] {
            assert!(!said.contains(never), "{case:?}: {said}");
        }
    }
}

#[test]
fn a_tor_that_forgets_its_guards_says_so_before_it_starts() {
    let directory = TempDir::new().unwrap();
    let directory = directory.path().to_str().unwrap();
    for (arguments, is_said) in [
        (&["--strategy", "direct:"][..], false),
        (&["--strategy", "tor+socks5://127.0.0.1:9050"], false),
        (&["--strategy", "direct:", "--strategy", "tor:"], true),
        (&["--strategy", "tor:", "--tor-dir", directory], false),
    ] {
        // A preview starts nothing.
        let output = byway().args(["preview", "https://example.org/"]).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        assert_eq!(stderr(&output).contains("--tor-dir DIR"), is_said, "{arguments:?}: {}", stderr(&output));
    }
}

/// Whether it is Russian, except for quotations in backquotes or «» and for names and code words.
fn assert_is_russian(said: &str) {
    assert!(said.chars().any(|c| ('а'..='я').contains(&c)), "{said}");
    let unquoted: String = said.split('`').step_by(2).collect();
    let unquoted: String =
        unquoted.split('«').map(|part| part.split_once('»').map_or(part, |(_, after)| after)).collect();
    for word in unquoted.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric())) {
        assert!(!ENGLISH.contains(&word.to_lowercase().as_str()), "`{word}` in: {said}");
    }
}

/// Every English sentence contains one of these.
const ENGLISH: [&str; 34] = [
    "a",
    "an",
    "the",
    "is",
    "are",
    "be",
    "was",
    "not",
    "no",
    "none",
    "of",
    "and",
    "to",
    "that",
    "it",
    "for",
    "with",
    "this",
    "must",
    "only",
    "cannot",
    "given",
    "found",
    "required",
    "value",
    "unexpected",
    "there",
    "such",
    "in",
    "one",
    "more",
    "tells",
    "has",
    "can",
];

#[test]
fn help_is_a_command_and_a_flag() {
    for arguments in [&["help"][..], &["--help"], &["help", "open"], &["open", "--help"]] {
        let output = byway().args(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert!(stdout(&output).contains("  byway open vk.com/NAME"), "{arguments:?} shows no example");
    }
}

#[test]
fn a_mistyped_command_flag_or_value_gets_a_suggestion() {
    for (arguments, english, russian) in [
        (&["opne", "vk.com/some_club"][..], "did you mean `open`?", "`open`"),
        (&["open", "vk.com/some_club", "--ofline"], "did you mean `--offline`?", "`--offline`"),
        (&["open", "vk.com/some_club", "--exposure", "proxie"], "did you mean `proxied`?", "`proxied`"),
        (&["vk.com/some_club"], "`byway open LINK` reads a community", "`byway open ССЫЛКА`"),
        (&["https://example.org/"], "`byway get URL`", "`byway get URL`"),
        (&["open", "vk.com/some_club", "-s", "tor"], "`tor+socks5://127.0.0.1:9150`", "`tor+socks5://127.0.0.1:9150`"),
        (&["open", "vk.com/some_club", "-s", "192.0.2.1:1080"], "`socks5://HOST:PORT`", "`socks5://HOST:PORT`"),
    ] {
        for (language, expected) in [("C.UTF-8", english), ("ru_RU.UTF-8", russian)] {
            let output = byway().args(arguments).env("LC_ALL", language).output().unwrap();
            let said = stderr(&output);
            assert!(said.contains(expected) && said.lines().count() == 1, "{arguments:?} in {language}: {said}");
            assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        }
    }
}

#[test]
fn the_language_is_the_system_s_unless_it_is_given_anywhere() {
    let said = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = byway();
        command.env_remove("LC_ALL").args(arguments).envs(variables.iter().copied());
        stderr(&command.output().unwrap())
    };
    let is_russian = |said: &str| said.chars().any(|c| ('а'..='я').contains(&c));
    for (arguments, variables, expected) in [
        (&["open", "vk.com/some_club"][..], &[("LANG", "ru_RU.UTF-8")][..], true),
        (&["open", "vk.com/some_club"], &[("LC_MESSAGES", "ru_RU"), ("LANG", "en_GB.UTF-8")], true),
        (&["open", "vk.com/some_club"], &[("LC_ALL", "C"), ("LANG", "ru_RU.UTF-8")], false),
        (&["--lang", "ru", "open", "vk.com/some_club"], &[], true),
        (&["open", "--lang=ru", "vk.com/some_club"], &[], true),
        (&["open", "vk.com/some_club", "--lang", "en"], &[("LANG", "ru_RU.UTF-8")], false),
    ] {
        let said = said(arguments, variables);
        assert_eq!(is_russian(&said), expected, "{arguments:?} {variables:?}: {said}");
    }
}

#[test]
fn without_a_token_the_error_says_how_to_get_one() {
    for (language, expected) in [("en", "Create an app at id.vk.com"), ("ru", "Создайте приложение на id.vk.com")]
    {
        let output = byway().args(["open", "vk.com/some_club", "--lang", language]).output().unwrap();
        let said = stderr(&output);
        assert!(said.contains(expected) && said.contains("--vk-token-of app"), "{said}");
        assert!(said.trim_end().ends_with('.'), "several sentences end with a stop: {said}");
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn completions_and_manual_pages_are_made() {
    for (shell, mark) in [("bash", "complete"), ("zsh", "#compdef byway"), ("fish", "complete -c byway")] {
        let output = byway().args(["completions", shell]).output().unwrap();
        assert!(stdout(&output).contains(mark), "{shell}");
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(byway().arg("man").arg(folder.path()).output().unwrap().status.success());
    let page = std::fs::read_to_string(folder.path().join("byway-open.1")).unwrap();
    assert!(page.contains(".TH") && page.contains("strategy"), "{page}");
    let missing = folder.path().join("man/man1");
    assert!(byway().arg("man").arg(&missing).output().unwrap().status.success());
    assert!(missing.join("byway.1").is_file());
    let output = byway().arg("man").arg(missing.join("byway.1")).output().unwrap();
    assert!(
        stderr(&output).contains("it is not a directory") && output.status.code() == Some(2),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_token_in_the_environment_is_judged_like_one_in_a_file() {
    for token in ["", "two words", "line\nbreak", "naïve"] {
        let output = byway().args(["open", "vk.com/some_club"]).env("BYWAY_VK_TOKEN", token).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        assert!(stderr(&output).contains("BYWAY_VK_TOKEN"), "{}", stderr(&output));
    }
}

#[test]
fn help_and_version_are_no_mistakes() {
    for arguments in [&["--help"][..], &["--version"], &["open", "--help"], &["probe", "-h"]] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(0));
        assert!(stdout(&output).contains("byway"), "{}", stdout(&output));
        assert_eq!(stderr(&output), "");
    }
}

#[test]
fn usage_errors_are_in_russian_too() {
    for (arguments, part) in [
        (&["get", "ftp://example.org/"][..], "Прочитать можно только адреса http и https"),
        (&["probe", "nonsense"], "не URL"),
        (&["get", "https://example.org/", "-s", "gopher://x"], "--strategy: Схема `gopher` неизвестна"),
        (&["get", "https://example.org/", "-s", "direct:", "--exposure", "tor"], "Режим `tor` не допускает"),
        (&["get", "https://example.org/", "--resolve", "x"], "--resolve: Запись `x`"),
    ] {
        let output = run(&[arguments, &["--lang", "ru"]].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(stderr(&output).contains(part), "{part} is not in: {}", stderr(&output));
        assert!(!stderr(&output).trim_end().ends_with('.'), "{}", stderr(&output));
    }
}

#[test]
fn errors_of_files_and_values_are_in_russian_too() {
    let directory = TempDir::new().unwrap();
    let empty = file(&directory, "empty", " \n");
    let two_words = file(&directory, "two words", "one two");
    let not_text = file(&directory, "not text", [0xff, 0xfe]);
    let half_text = file(&directory, "half text", b"direct:\n\nsocks5://h:1#\xff\n");
    let list = file(&directory, "list", "direct:\nnonsense here 7\n");
    let same = file(&directory, "same", "direct:\ndirect:\n");
    let (vk, url) = ("vk.com/some_club", "http://127.0.0.1/");
    let inside = format!("{empty}/store");
    let cases: &[(&[&str], &str)] = &[
        (&["open", vk, "--vk-token-file", "/nonexistent"], "не удаётся прочитать /nonexistent: такого файла нет"),
        (&["open", vk, "--vk-token-file", &empty], "пусто, а должен быть ключ ВКонтакте"),
        (&["open", vk, "--vk-token-file", &two_words], "нет ключа ВКонтакте"),
        (&["open", vk, "--data-dir", &inside, "--key-file", "/nonexistent/key"], "это не папка"),
        (&["probe", url, "--ca", "/nonexistent"], "не удаётся прочитать"),
        (&["probe", url, "--strategies", &empty], "нет ни одного пути"),
        (&["probe", url, "--strategies", &not_text], "не текст в UTF-8"),
        (&["probe", url, "--strategies", &half_text], "строка 3: это не текст в UTF-8"),
        (&["strategies", &half_text], "строка 3: это не текст в UTF-8"),
        (&["probe", url, "--strategies", &list], "строка 2: "),
        (&["probe", url, "--fingerprints", "/nonexistent"], "не удаётся прочитать"),
        (&["probe", url, "--country", "uk"], "`uk`: это не код страны"),
        (&["probe", url, "--timeout", "soon"], "`soon`: это не длительность"),
        (&["probe", url, "--timeout", "0"], "время должно быть"),
        (&["strategies", &list], "не каждая строка"),
        (&["strategies", "/nonexistent"], "такого файла нет"),
    ];
    for (arguments, part) in cases {
        let output = run(&[arguments, &["--lang", "ru"][..]].concat());
        let said = stderr(&output);
        assert_eq!((output.status.code(), said.lines().count()), (Some(2), 1), "{arguments:?}: {said}");
        assert!(said.contains(part), "{part} is not in: {said}");
        for english in ["cannot", "there is", "holds", "is no ", "line "] {
            assert!(!said.contains(english), "{said}");
        }
    }
    let listed = run(&["strategies", &same, "--lang", "ru"]);
    assert!(stdout(&listed).contains("то же, что в строке 1"), "{}", stdout(&listed));
}

#[test]
fn no_help_page_promises_what_cannot_be_kept() {
    let commands = ["open", "preview", "list", "show", "export", "wipe", "get", "probe", "strategies", "demo"];
    for command in commands.iter().map(std::slice::from_ref).chain([&[][..]]) {
        let help = stdout(&run(&[command, &["--help"]].concat())).to_lowercase();
        assert!(help.contains("usage"), "{help}");
        for word in ["safe", "secur", "anonym", "protect"] {
            assert!(!help.contains(word), "`{word}` in byway {command:?} --help");
        }
    }
}

#[test]
fn what_could_follow_is_named_at_each_level() {
    for (arguments, expected) in [
        (&["routes"][..], "say what to do: pack or import"),
        (&["community", "key"], "say what to do: new or show"),
        (&[], ", mirror, "),
        (&["export"], "`--site DIR`"),
        (&["export", "--lang", "ru"], "`--site DIR` (сайт"),
        (&["routes", "--lang", "ru"], "укажите команду: pack или import"),
    ] {
        let output = run(arguments);
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(said.contains(expected), "{arguments:?}: {said}");
    }
}
