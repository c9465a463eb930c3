//! What exiftool, which knows more kinds of metadata than any other program, finds in a picture before and after it is published.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use image::{ImageFormat, Rgb, RgbImage};

use crate::daemon::{demand, folder};

/// What it finds, each as `[Group] Name`.
fn found(picture: &Path) -> Vec<String> {
    let exiftool = demand("exiftool", "libimage-exiftool-perl");
    let output = Command::new(exiftool).args(["-a", "-u", "-U", "-G1", "-s"]).arg(picture).output();
    let said = String::from_utf8_lossy(&output.unwrap().stdout).into_owned();
    let names = said.lines().filter_map(|line| {
        let (name, _) = line.split_once(':')?;
        Some(name.split_whitespace().collect::<Vec<_>>().join(" "))
    });
    // What every file has, and how the picture is coded.
    let is_metadata = |name: &String| {
        let group = name.split(']').next().unwrap_or_default();
        !matches!(group, "[ExifTool" | "[System" | "[File" | "[JFIF" | "[PNG" | "[RIFF" | "[Composite")
    };
    names.filter(is_metadata).collect()
}

#[test]
fn exiftool_finds_nothing_in_a_published_picture() {
    let device = folder();
    let at = |name: &str| device.path().join(name);
    let byway = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_byway"));
        command
            .current_dir(device.path())
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .arg("community")
            .args(arguments);
        let output =
            command.args(["--dir", "zavod", "--keys", "keys", "--passphrase-file", "passphrase"]).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    };
    fs::write(at("passphrase"), "correct horse battery\n").unwrap();
    byway(&["new", "Zavod"]);
    let image = RgbImage::from_fn(64, 48, |x, y| Rgb([(x * 4) as u8, (y * 5) as u8, 90]));
    for (name, format) in [("a.jpg", ImageFormat::Jpeg), ("b.png", ImageFormat::Png), ("c.webp", ImageFormat::WebP)] {
        let picture = at(name);
        image.save_with_format(&picture, format).unwrap();
        let written = Command::new(demand("exiftool", "libimage-exiftool-perl"))
            .args(["-q", "-m", "-overwrite_original", "-n", "-Orientation=6", "-Make=CANARY", "-SerialNumber=CANARY"])
            .args(["-GPSLatitude=53.3", "-GPSLongitude=83.7", "-GPSLatitudeRef=N", "-GPSLongitudeRef=E"])
            .args(["-DateTimeOriginal=2026:11:29 12:00:00", "-XMP:Creator=CANARY", "-XMP:CreatorTool=CANARY"])
            .args(["-IPTC:By-line=CANARY", "-Comment=CANARY", "-ICC_Profile:all=", "-Photoshop:URL=http://a.example/"])
            .arg(&picture)
            .status();
        assert!(written.unwrap().success(), "{name}");
        let before = found(&picture);
        assert!(before.len() > 8 && before.iter().any(|tag| tag.starts_with("[GPS]")), "{name}: {before:?}");
        let _ = fs::remove_dir_all(at("zavod/files"));
        byway(&["post", name, "--picture", name, "--alt", "The gate"]);
        let mut files = fs::read_dir(at("zavod/files")).unwrap().map(|entry| entry.unwrap().path());
        let (published, more) = (files.next().unwrap(), files.next());
        assert!(more.is_none());
        assert_eq!(found(&published), ["[IFD0] Orientation"], "{name}");
        assert!(!fs::read(&published).unwrap().windows(6).any(|window| window == b"CANARY"), "{name}");
        assert!(fs::read_to_string(at("zavod/index.html")).unwrap().contains("alt=\"The gate\""));
    }
}
