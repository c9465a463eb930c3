#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use super::address::LONGEST_URL;
use super::renderer::{MAX_LINKS, MAX_MEDIA};
use super::*;

fn shown(markup: &str) -> Rendered {
    let base = Url::parse("https://blog.example/2026/").unwrap();
    render(markup, Some(&base), 200)
}

#[test]
fn markup_becomes_text_as_people_read_it() {
    let cases = [
        ("<p>One</p><p>Two<br>three</p>", "One\n\nTwo\nthree"),
        ("a<br/><br />b", "a\n\nb"),
        ("<ul><li>one</li><li>two</li></ul>end", "\u{2022} one\n\u{2022} two\n\nend"),
        ("<pre>a\n  b</pre>c", "a\n  b\n\nc"),
        ("<p>Shifts:</p><pre>  Mon   12\n  <b>Tue</b>\t14</pre>  c  d", "Shifts:\n\n  Mon   12\n  Tue 14\n\nc d"),
        ("  much \t\n space&nbsp;&nbsp;here ", "much space here"),
        ("Fish &amp; chips &lt;3 &#8212; &laquo;ok&raquo; &bogus;", "Fish & chips <3 — «ok» &bogus;"),
        ("a<script>alert('<p>x</p>')</script>b<style>p{}</style>c", "abc"),
        ("a<noscript>x</noscript><template><p>y</template><svg><text>z</text></svg>b", "ab"),
        ("a<!-- hidden -->b", "ab"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"),
        ("\u{202e}evil\u{202c} \u{200b}te\u{ad}xt\u{7}", "evil text"),
        ("<html:p xmlns:html='x'>a</html:p><html:p>b</html:p>", "a\n\nb"),
        ("2 < 3 and <unknown>kept</unknown>", "2 < 3 and kept"),
        ("open <b>bold", "open bold"),
        ("<img class='wp-smiley' src='s.png' alt='🙂'> <img src='data:image/png;base64,AA' alt='a map'>", "🙂 a map"),
        ("", ""),
    ];
    for (markup, expected) in cases {
        assert_eq!(shown(markup).text, expected, "{markup}");
    }
}

#[test]
fn text_that_is_crossed_out_is_marked() {
    let cases = [
        ("We meet <s>at 12:00</s> at 14:00", "We meet ~~at 12:00~~ at 14:00"),
        ("<del> at 12:00 </del>at 14:00", "~~at 12:00~~ at 14:00"),
        ("<strike>12</strike>14", "~~12~~14"),
        ("<s>at <b>12</b> <s>or 13</s> o'clock</s>, at 14", "~~at 12 or 13 o'clock~~, at 14"),
        ("<p><s>At noon</s></p><p>At two</p>", "~~At noon~~\n\nAt two"),
        ("<del><p>At noon</p><p>in the hall</p></del>at two", "~~At noon\n\nin the hall~~\n\nat two"),
        ("<span style='text-decoration: Line-Through'>at 12 <span>sharp</span></span> at 14", "~~at 12 sharp~~ at 14"),
        ("<p style='text-decoration:line-through'>at 12<br>here</p>at 14", "~~at 12\nhere~~\n\nat 14"),
        ("<s></s><s> </s><s/>at 14<br style='text-decoration:line-through'>x</s>", "at 14\nx"),
        ("<s>not closed", "~~not closed~~"),
        ("<s><a href='/map'>The map</a></s>", "~~The map~~"),
        ("<ins>at 14</ins> <u>now</u>", "at 14 now"),
    ];
    for (markup, expected) in cases {
        assert_eq!(shown(markup).text, expected, "{markup}");
    }
    let links = |markup: &str| shown(markup).links.iter().map(|link| link.url.to_string()).collect::<Vec<_>>();
    assert_eq!(
        links("<s>https://a.example/x</s> https://b.example/~y"),
        ["https://a.example/x", "https://b.example/~y"]
    );
    let claims = |markup: &str| shown(markup).claims(crate::community::Field::Description, &|_| false).successor;
    assert!(claims("We moved to https://vk.com/zavod2").is_some());
    assert!(claims("<s>We moved to https://vk.com/zavod2</s>").is_none(), "what is withdrawn is no claim");
    let long = shown(&format!("<s>{}", "word ".repeat(1000)));
    assert!(long.text.ends_with("~~") && long.text.chars().count() <= 204, "a mark that is cut off is closed");
}

#[test]
fn links_and_media_are_absolute_and_on_the_web() {
    let rendered = shown(
        "<a href='/about'>About <b>us</b></a> <a href='//cdn.example/x'>x</a> <a href='/about'>again</a>\
         <a href='javascript:alert(1)'>j</a><a href='file:///etc/passwd'>f</a><a href='https://u:p@h.example/'>c</a>\
         <img src='a.jpg' alt='The gate'><img src='t.gif' width=1 height='1'><img src='w.gif' style='' height='0px'>\
         <video src='v.mp4'><source src='w.mp4' type='video/mp4'></video><iframe src='https://tube.example/1'>no</iframe>",
    );
    let links: Vec<_> = rendered.links.iter().map(|link| (link.url.as_str(), link.text.as_deref())).collect();
    assert_eq!(links, [("https://blog.example/about", Some("About us")), ("https://cdn.example/x", Some("x"))]);
    let media: Vec<_> = rendered.media.iter().map(|media| (media.url.as_str(), media.kind)).collect();
    assert_eq!(
        media,
        [
            ("https://blog.example/2026/a.jpg", MediaKind::Picture),
            ("https://blog.example/2026/v.mp4", MediaKind::Video),
            ("https://blog.example/2026/w.mp4", MediaKind::Video),
            ("https://tube.example/1", MediaKind::Frame),
        ]
    );
    assert_eq!(rendered.media.first().and_then(|media| media.text.as_deref()), Some("The gate"));
    assert_eq!(rendered.text, "About us x againjfc");
}

#[test]
fn bombs_end_at_the_limits() {
    let deep = format!("{}end", "<div><svg></svg>".repeat(100_000));
    assert_eq!(shown(&deep).text, "end");
    let long = shown(&"word ".repeat(100_000));
    assert!(long.text.chars().count() <= 200 && long.cut);
    let links: String = (0..10_000).map(|n| format!("<a href='/{n}'></a><img src='/{n}.png'>")).collect();
    let links = shown(&links);
    assert_eq!((links.links.len(), links.media.len(), links.cut), (MAX_LINKS, MAX_MEDIA, true));
    assert_eq!(shown(&format!("<a href='/{}'>x</a>", "y".repeat(LONGEST_URL))).links.len(), 0);
    assert_eq!(shown(&"<svg>".repeat(100_000)).text, "");
}

#[test]
fn named_references_are_those_of_html() {
    assert_eq!(entity("nbsp").as_deref(), Some("\u{a0}"));
    assert_eq!(entity("mdash").as_deref(), Some("—"));
    assert_eq!(entity("bogus"), None);
    assert_eq!(entity("nbsp;<b>"), None);
    assert_eq!(entity(&"a".repeat(1000)), None);
}

#[test]
fn spaces_of_preformatted_text_push_nothing_off_the_screen() {
    let text = shown(&format!("<pre>a{}b</pre>", " ".repeat(150))).text;
    assert_eq!(text, format!("a{}b", " ".repeat(40)));
}
