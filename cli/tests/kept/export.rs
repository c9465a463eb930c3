//! `export` and `import`: calendars, web sites, lists of feeds.

use super::*;

#[test]
fn an_exported_calendar_is_read_back() {
    let device = Device::new();
    device.read();
    let output = device.byway(&["export", "--ics"]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    let file = stdout(&output);
    assert!(
        file.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:") && file.ends_with("END:VCALENDAR\r\n"),
        "{file}"
    );
    assert!(file.split("\r\n").all(|line| line.len() <= 75 && !line.contains('\n')), "{file}");
    let unfolded = file.replace("\r\n ", "");
    for line in [
        "UID:vk:-777@byway",
        "DTSTART:20161119T050000Z",
        "DTEND:20161119T070000Z",
        "SUMMARY:Gathering\\; canary\\, all",
        "LOCATION:The square",
        &format!("CONTACT:{NAME}"),
    ] {
        assert!(unfolded.split("\r\n").any(|known| known == line), "{line} is not in:\n{unfolded}");
    }

    let out = device.text("events.ics");
    let output = device.byway(&["export", "--ics", LINK, "--out", &out]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), ""));
    assert_eq!(fs::read_to_string(&out).unwrap(), file, "the same reading, the same file");
    assert_eq!(device.byway(&["export", "--ics", "vk.com/never_read"]).status.code(), Some(4));
}

#[test]
fn an_exported_site_shows_what_is_kept_and_is_a_copy() {
    let device = Device::new();
    device.read();
    let folder = device.text("site");
    let output = device.byway(&["export", LINK, "--site", &folder]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""));
    assert_eq!(stdout(&output), format!("{folder}/index.html\n"));
    let page = fs::read_to_string(device.path("site/index.html")).unwrap();
    assert!(page.contains(NAME) && page.contains(POST) && page.contains("reader&#39;s copy"), "{page}");
    assert!(fs::read_to_string(device.path("site/feed.xml")).unwrap().contains(POST));
    assert!(fs::read_to_string(device.path("site/events.ics")).unwrap().contains("UID:vk:-777@byway"));
    assert_eq!(device.byway(&["export", "--site", &folder]).status.code(), Some(2), "one community");
    assert_eq!(device.byway(&["export", LINK, "--ics", "--site", &folder]).status.code(), Some(2));
}

#[test]
fn an_exported_list_is_imported_on_another_device() {
    let (one, other) = (Device::new(), Device::new());
    let server = one.read();
    let list = one.text("feeds.opml");
    let output = one.byway(&["export", "--opml", "--out", &list]);
    assert_eq!((output.status.code(), stdout(&output).as_str(), stderr(&output).as_str()), (Some(0), "", ""));
    let text = fs::read_to_string(&list).unwrap();
    assert!(text.contains("<outline type=\"link\"") && text.contains("canary_club"), "{text}");

    let odd = text.replace("</body>", "<outline xmlUrl=\"javascript:x\"/></body>");
    let odd = other.file("odd.opml", odd);
    let base = format!("http://{}", server.address);
    let output = other.byway(&["import", &odd, "--json", "--vk-api", &base]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    let imported = document(&output);
    assert_eq!((&imported["odd"], &imported["communities"][0]["error"]), (&1.into(), &Value::Null), "{imported}");
    assert_eq!(document(&other.byway(&["list", "--json"]))["communities"].as_array().unwrap().len(), 1);

    let wrong = other.file("wrong.opml", "<rss/>");
    let output = other.byway(&["import", &wrong]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("is not a list of feeds"), "{}", stderr(&output));
}

/// The exposure of one entry binds its whole host, so nothing may be sent before it is known.
#[test]
fn a_list_raises_all_its_exposures_before_it_is_read() {
    let feed = r#"<rss version="2.0"><channel><title>Zavod</title><item><title>A post</title><guid>1</guid></item></channel></rss>"#;
    for (mark, status, is_read) in [("", 0, true), ("#exposure=tor", 4, false)] {
        let (device, server) = (Device::new(), HttpServer::start(move |_: &ReceivedRequest| Answer::page(feed)));
        let port = server.address.port();
        let outline = |rest: String| format!("<outline xmlUrl=\"http://zavod.example:{port}/{rest}\"/>");
        let entries = outline("feed".to_owned()) + &outline(format!("other{mark}"));
        let list = device.file("feeds.opml", format!("<opml><body>{entries}</body></opml>"));
        let resolve = format!("zavod.example:{port}:127.0.0.1");
        let output = device.byway(&["import", &list, "--json", "--strategy", "direct:", "--resolve", &resolve]);
        assert_eq!(output.status.code(), Some(status), "{}{}", stdout(&output), stderr(&output));
        assert_eq!(document(&output)["communities"].as_array().unwrap().len(), 2);
        assert_eq!(!server.asked().is_empty(), is_read, "{mark}: {:?}", server.asked());
    }
}

/// A list may be a stranger's. A person may open the same address, and then a list may name it too.
#[test]
fn a_list_does_not_lead_into_the_readers_own_network() {
    let feed = r#"<rss version="2.0"><channel><title>Zavod</title><item><title>A post</title><guid>1</guid></item></channel></rss>"#;
    let (device, server) = (Device::new(), HttpServer::start(move |_: &ReceivedRequest| Answer::page(feed)));
    let link = format!("http://{}/feed", server.address);
    let list = device.file("feeds.opml", format!("<opml><body><outline xmlUrl=\"{link}\"/></body></opml>"));
    let import = || device.byway(&["import", &list, "--strategy", "direct:"]);
    let refused = import();
    assert_eq!(refused.status.code(), Some(4), "{}{}", stdout(&refused), stderr(&refused));
    assert!(server.asked().is_empty(), "{:?}", server.asked());
    let said = stdout(&refused);
    assert!(said.contains(&link) && said.contains("your own network"), "{said}");
    assert_eq!(device.byway(&["open", &link, "--strategy", "direct:"]).status.code(), Some(0));
    assert_eq!(import().status.code(), Some(0), "it is followed already");
}

#[test]
fn export_replaces_nothing_but_a_plain_file() {
    use std::os::unix::fs::symlink;
    let device = Device::new();
    device.read();
    let export = |out: &str| device.byway(&["export", "--ics", "--out", out]);
    let mode = |name: &str| fs::metadata(device.path(name)).unwrap().permissions().mode() & 0o777;

    // A file exists and is open to all: its mode is not inherited, and a file called FILE.new belongs to someone else.
    let out = device.file("events.ics", "BEGIN:VCALENDAR\r\nold");
    device.file("events.ics.new", "mine");
    fs::set_permissions(device.path("events.ics"), fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(export(&out).status.code(), Some(0));
    assert!(fs::read_to_string(&out).unwrap().starts_with("BEGIN:VCALENDAR"));
    assert_eq!(
        (mode("events.ics"), fs::read_to_string(device.path("events.ics.new")).unwrap().as_str()),
        (0o600, "mine")
    );

    // A link, to a file or to nowhere, is not followed; nor is a pipe, a device or a folder replaced.
    let letter = device.file("letter", "a letter");
    symlink(&letter, device.path("link")).unwrap();
    symlink(device.path("nowhere"), device.path("dangling")).unwrap();
    fs::create_dir(device.path("folder")).unwrap();
    assert!(Command::new("mkfifo").arg(device.path("pipe")).status().unwrap().success());
    let before = fs::read_dir(device.folder.path()).unwrap().count();
    for name in ["link", "dangling", "folder", "pipe"] {
        let said = refused(&export(&device.text(name)));
        assert!(said.contains(name), "{said}");
    }
    refused(&export("/dev/null"));
    assert_eq!(fs::read_to_string(&letter).unwrap(), "a letter");
    assert!(device.path("link").is_symlink() && !device.path("nowhere").exists());
    assert_eq!(fs::read_dir(device.folder.path()).unwrap().count(), before, "nothing half is left");

    // A folder on the path may be a link, as the user named it. A hyphen means standard output.
    symlink(device.path("folder"), device.path("way")).unwrap();
    assert_eq!(export(&device.text("way/events.ics")).status.code(), Some(0));
    assert!(device.path("folder/events.ics").is_file());
    assert!(stdout(&export("-")).starts_with("BEGIN:VCALENDAR") && !Path::new("-").exists());
}
