//! Every item that the core offers an app is exported, or listed here with the reason why not. Both sides are read from
//! the text that declares them: the core's from `api/byway.txt`, this crate's from its sources.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Core types that have another name here, or are a part of something else.
const CROSSES_AS: &[(&str, &str)] = &[
    ("AttachmentError", "BywayError"),
    ("AttachmentFault", "BywayError"),
    ("BuildError", "BywayError"),
    ("BundleError", "BywayError"),
    ("Builder", "Configuration"),
    ("Byway", "Client"),
    ("Changed", "ChangedIds"),
    ("CommunityLink", "SignedLink"),
    ("CommunityLinkError", "BywayError"),
    ("DestinationError", "BywayError"),
    ("EngineEvents", "EventStream"),
    ("ErrorDetails", "Fault"),
    ("FetchError", "BywayError"),
    ("FingerprintsError", "BywayError"),
    ("FolderError", "BywayError"),
    ("GetError", "BywayError"),
    ("GetFault", "BywayError"),
    ("HomeError", "BywayError"),
    ("IdError", "BywayError"),
    ("ImportError", "Fault"),
    ("Imported", "ImportOutcome"),
    ("KeyError", "BywayError"),
    ("KeyFileError", "BywayError"),
    ("KeyFile", "StoreKeySource::File"),
    ("Limits", "HttpLimits"),
    ("LinkError", "BywayError"),
    ("ListPage", "PostPage"),
    ("LoadedFingerprints", "FingerprintsInfo"),
    ("OnionKey", "Configuration::onion_keys"),
    ("OnionKeyError", "BywayError"),
    ("OpenError", "BywayError"),
    ("OpenFault", "Fault"),
    ("OverrideError", "BywayError"),
    ("PlanError", "BywayError"),
    ("RedirectError", "BywayError"),
    ("ReqwestBuilder", "HttpSessionOptions"),
    ("ReqwestEngine", "HttpSession"),
    ("RootsError", "BywayError"),
    ("RoutePackError", "BywayError"),
    ("RowFault", "Fault"),
    ("SealedKeyFile", "StoreKeySource::SealedFile"),
    ("StoreChanges", "ChangeStream"),
    ("StoreError", "BywayError"),
    ("StoreKey", "StoreKeySource::Bytes"),
    ("Strategy", "StrategyInfo"),
    ("StrategyError", "BywayError"),
    ("StreamError", "BywayError"),
    ("TorTransportError", "BywayError"),
    ("TrustReason", "TrustReason::code"),
    ("UrlError", "BywayError"),
    ("VkConfigError", "BywayError"),
];

/// Core types that are not exported, and why.
const TYPES_LEFT_OUT: &[(&str, &str)] = &[
    ("AddressVerdict", "evidence crosses as an account: AccountAddress"),
    ("AnswerFault", "a part of an error: its code and text"),
    ("Attempt", "evidence crosses as an account: AccountAttempt"),
    ("AttemptId", "a number"),
    ("Cause", "a stable code in accounts, events and errors"),
    ("Opml", "FeedList"),
    ("OpmlEntry", "ListedFeed"),
    ("OpmlError", "an error of Client::import_feeds"),
    ("CertificateFault", "a part of Cause"),
    ("CommunityId", "a text"),
    ("MAX_LINK_BYTES", "a bound of the core; an error says it"),
    ("MAX_LINK_MIRRORS", "a bound of the core; an error says it"),
    ("KeyFingerprint", "a text"),
    ("SignedId", "a text"),
    ("SignedIdError", "no id is taken from an app by itself, only links"),
    ("Country", "a text of two letters"),
    ("Cursor", "a text"),
    ("Destination", "a text of host and port"),
    ("DnsServer", "a part of a strategy's text"),
    ("Failure", "a stable code in accounts and events"),
    ("Finding", "a stable code in accounts and events"),
    ("Fingerprints", "CSV text in the configuration"),
    ("LimitKind", "a part of Cause"),
    ("TorProgress", "the fields of EngineEventKind::TorStarts"),
    ("Lookup", "evidence crosses as an account: AccountLookup"),
    ("LookupAnswer", "evidence crosses as an account: AccountAnswer"),
    ("MessageFault", "a part of Cause"),
    ("MomentError", "no text of a moment is taken from an app"),
    ("Outcome", "a stable code in accounts and events"),
    ("PageComparison", "the core's account does not hold it either"),
    ("PageDigest", "a part of PageComparison"),
    ("PageSimilarity", "a part of PageComparison"),
    ("PlannedLookups", "the fields of PreviewContact"),
    ("PolicyRule", "a part of Cause"),
    ("Protocol", "a part of Cause"),
    ("QueryType", "a stable code in AccountAnswer"),
    ("Redaction", "engine_events(redacted)"),
    ("Resolver", "a text in accounts and previews"),
    ("Response", "the fields of GetResponse"),
    ("Roots", "PEM text in the configuration"),
    ("RuleId", "a stable code"),
    ("SearchOptions", "the arguments of search"),
    ("Secret", "a passphrase is bytes in UTF-8, which are overwritten once they were taken"),
    ("Statement", "evidence crosses as an account: AccountStatement"),
    ("Store", "the client's own; wipe_at needs none"),
    ("TelegramName", "Home::url shows it"),
    ("MAX_BUNDLE_BYTES", "a bound of the core; an error says it"),
    ("UnknownAttachment", "Attachment::Unknown"),
    ("UnknownExposure", "an exposure is an enum"),
    ("UpcomingOptions", "the arguments of upcoming_events"),
    ("Verdict", "evidence crosses as an account: AccountVerdict"),
    ("VkHome", "HomeKind and the fields of Home"),
];

/// Single items of exported types that are not exported, and why.
const ITEMS_LEFT_OUT: &[(&str, &str)] = &[
    ("Account::attempt", "a look-up in the list, for the layer above"),
    ("Access::in_full", "Access::full"),
    (
        "Byway::kept_picture",
        "Client::fetch_attachment answers a kept picture without a network; Client::write_site takes all",
    ),
    ("Byway::opml", "Client::export_feeds"),
    ("Byway::reqwest", "a Rust type; http"),
    ("Community::merge", "for authors of sources"),
    ("Community::restrict", "for authors of sources"),
    ("Community::set_gone", "for authors of sources"),
    ("EngineEventKind::attempt", "a field of each variant"),
    ("EngineEventKind::TorStarts::progress", "EngineEventKind::TorStarts::percent and stall"),
    ("Event::merge", "for authors of sources"),
    ("GetResponse::settle", "without a limit it could wait for long: GetOptions::settle"),
    ("MAX_PACK_BYTES", "a bound of the core; an error says it"),
    ("MAX_ACCESSES", "a bound of the core; the report is that long"),
    ("MAX_IMPORT_BYTES", "a bound of the core; an error says it"),
    ("MAX_IMPORT_LINES", "a bound of the core; an error says it"),
    ("MAX_STRATEGY_BYTES", "a bound of the core; an error says it"),
    ("Moment::utc", "no moment is taken from an app"),
    ("Changed::count_added", "ChangedIds::added and more_added"),
    ("Event::as_of", "Event::status is as of now"),
    ("RoutePack::issued", "for a command that replaces one list by another"),
    ("StoredCommunity::age_at", "synced_at, and the clock of the layer above"),
    ("Note::AgeUnknown", "Note::code"),
    ("Note::LinkKeys", "Note::code"),
    ("Note::PostsGap", "Note::code"),
    ("Note::PostsGap::after", "Note::text says it"),
    ("Note::PostsGap::before", "Note::text says it"),
    ("Note::PostsReadEarlier", "Note::code"),
    ("Note::Source", "Note::code"),
    ("Note::StoreFailed", "Note::code"),
    ("Note::StoreFailed::error", "Note::text says it"),
    ("Post::merge", "for authors of sources"),
    ("Reachability::attempt", "a look-up in the list, for the layer above"),
    ("Reachability::evidence", "AccountVerdict::evidence"),
    ("Reachability::language", "the client's"),
    ("ReachabilityExt::reachability", "HttpResponse::reachability and that of an error"),
    ("Restriction::HTTP_451", "Restriction::stated_by holds it"),
    ("Restriction::OWN_WORD", "Restriction::is_own_word"),
    ("Synced::left", "SyncOutcome::Left"),
    ("Byway::builder", "Client::build"),
    ("is_display_control", "for authors of sources"),
    ("RoutePack::may_have", "pack_routes refuses the others"),
    ("Standing::of", "Client::standing has the client's store and clock"),
    ("KeyProvider::key", "a trait that the app implements: checked by its tests"),
];

/// Single items that have another name here.
const ITEMS_CROSS_AS: &[(&str, &str)] = &[
    ("Access::account", "Access::shareable"),
    ("Access::account_in_full", "Access::full"),
    ("Byway::fetch_attachment_with", "Client::fetch_attachment"),
    ("Byway::get_with", "Client::get"),
    ("Byway::open_with", "Client::open"),
    ("Byway::preview_with", "Client::preview"),
    ("Byway::probe_with", "Client::probe"),
    ("Byway::reqwest_builder", "Client::http_session"),
    ("Builder::build", "Client::build"),
    ("Event::status_at", "Event::status"),
    ("MirrorState::is_fault", "MirrorStanding::is_fault"),
    ("MirrorState::sentence", "MirrorStanding::text"),
    ("RoutePack::strategies", "RoutePack::routes"),
    ("Builder::data_dir", "Configuration::data_directory"),
    ("Builder::fingerprints", "Configuration::fingerprints_csv"),
    ("Builder::onion_key", "Configuration::onion_keys"),
    ("Builder::tor_dir", "Configuration::tor_directory"),
    ("Builder::tor_transport", "Configuration::tor_transports"),
    ("Builder::roots", "Configuration::roots_pem"),
    ("Builder::strategy", "Configuration::strategies"),
    ("GetResponse::response", "GetResponse::body"),
    ("GetResponse::settle_for", "GetOptions::settle"),
    ("Home::Telegram", "HomeKind::Telegram"),
    ("Home::Vk", "HomeKind::VkId"),
    ("Home::Web", "HomeKind::Web"),
    ("Home::vk_id", "Home::vk_id"),
    ("Language::duration", "duration_text"),
    ("Moment::offset", "Moment::offset_seconds"),
    ("Moment::timestamp", "Moment::at"),
    ("Note::Move", "Note::moved"),
    ("Note::sentence", "Note::text"),
    ("Preview::refusal_sentence", "Preview::refusal_text"),
    ("PreviewContact::lookups", "PreviewContact::resolvers_of_host"),
    ("Reachability::account", "Reachability::shareable"),
    ("Reachability::account_in_full", "Reachability::full"),
    ("Reachability::attempts", "Account::attempts"),
    ("Reachability::reached_by", "Account::reached_by"),
    ("Reachability::restriction", "Account::restrictions"),
    ("Reachability::restrictions", "Account::restrictions"),
    ("Reachability::url", "Account::url"),
    ("Reachability::verdict", "Account::verdict"),
    ("SearchHit::Community", "SearchHit::FoundCommunity"),
    ("SearchHit::Community::stored", "SearchHit::FoundCommunity::stored"),
    ("SearchHit::Event", "SearchHit::FoundEvent"),
    ("SearchHit::Event::community", "SearchHit::FoundEvent::community"),
    ("SearchHit::Event::event", "SearchHit::FoundEvent::event"),
    ("SearchHit::Post", "SearchHit::FoundPost"),
    ("SearchHit::Post::community", "SearchHit::FoundPost::community"),
    ("SearchHit::Post::post", "SearchHit::FoundPost::post"),
    ("SearchHit::community", "SearchHit::FoundPost::community"),
    ("StoreChange::Community", "StoreChange::CommunityChanged"),
    ("StoreChange::Community::id", "StoreChange::CommunityChanged::id"),
    ("StoreChange::Events", "StoreChange::EventsChanged"),
    ("StoreChange::Events::events", "StoreChange::EventsChanged::events"),
    ("StoreChange::Events::id", "StoreChange::EventsChanged::id"),
    ("StoreChange::Posts", "StoreChange::PostsChanged"),
    ("StoreChange::Posts::id", "StoreChange::PostsChanged::id"),
    ("StoreChange::Posts::posts", "StoreChange::PostsChanged::posts"),
    ("StoreChange::id", "StoreChange::PostsChanged::id"),
    ("TorTransport::address", "TorTransport::Running::address"),
    ("TorTransport::at", "TorTransport::Running"),
    ("TorTransport::names", "TorTransport::Program::names"),
    ("TorTransport::path", "TorTransport::Program::path"),
    ("TorTransport::program", "TorTransport::Program"),
    ("Trust::sentence", "Trust::text"),
    ("VerdictCode::blames", "Reachability::blames"),
    ("VkToken::service", "VkToken::Service"),
    ("VkToken::user", "VkToken::User"),
    ("attachments", "Client::attachments"),
    ("icalendar", "Client::icalendar"),
    ("is_in_icalendar", "Event::is_in_icalendar"),
    ("parse_resolve_entry", "Configuration::resolve"),
];

/// Settings of the core's builder that do not cross, and why.
const BUILDER_OF_RUST: &[(&str, &str)] = &[
    ("Builder::net", "a network leaf is Rust code"),
    ("Builder::source", "a source is Rust code"),
    ("Builder::store", "a store of the app's own is a Rust object; data_directory"),
    ("Builder::tor_network", "a private Tor network is for tests"),
];

/// What is so of every type: a record is made of its fields, an enum crosses whole, and its code stands beside it where an
/// app shows it.
const OF_EVERY_TYPE: &[&str] = &["ALL", "code", "new"];

#[test]
fn everything_the_core_offers_an_app_crosses() {
    let (core, crossed) = (core(), crossed());
    let missing: Vec<_> = core.iter().filter(|item| !crosses(item, &crossed)).collect();
    assert!(missing.is_empty(), "neither cross nor stand here with a reason: {missing:#?}");
}

#[test]
fn reasons_speak_of_what_is_there() {
    let (core, crossed) = (core(), crossed());
    let lists = [TYPES_LEFT_OUT, ITEMS_LEFT_OUT, BUILDER_OF_RUST, CROSSES_AS, ITEMS_CROSS_AS];
    for (item, _) in lists.into_iter().flatten() {
        assert!(core.contains(*item), "{item} is not of the core any more");
    }
    for (item, target) in CROSSES_AS.iter().chain(ITEMS_CROSS_AS) {
        assert!(crossed.contains(*target), "{item} is said to cross as {target}, which is not there");
    }
}

/// Items of the core's module for admins that are not exported under their own name, and why. `api/byway.txt` lists the
/// default features, so this module is read from its sources.
const PUBLISHER_LEFT_OUT: &[(&str, &str)] = &[
    ("Approvals::beside", "propose and approve_proposal keep the list"),
    ("Approvals::is_there", "as Approvals::beside"),
    ("Approvals::note", "as Approvals::beside"),
    ("CardError::code", "BywayError"),
    ("CardError::sentence", "BywayError"),
    ("CommunityKeys::public", "admin_keys"),
    ("Proposal::approval", "Approved::line"),
    ("Proposal::approve", "approve_proposal"),
    ("Proposal::compare", "read_proposal with a folder"),
    ("Proposal::founding", "propose_founding"),
    ("Proposal::freezing", "ProposedChange::Freeze"),
    ("Proposal::moving", "ProposedChange::Move"),
    ("Proposal::parse", "read_proposal"),
    ("Proposal::recovering", "ProposedChange::Recover"),
    ("Proposal::restating", "ProposedChange::Restate and ProposedChange::Object"),
    ("Proposal::rotating", "ProposedChange::Rotate"),
    ("Proposal::take_approval", "read_proposal with lines"),
    ("Proposal::to_bytes", "Proposal::file"),
    ("PublicKeys::fingerprint", "AdminKeys::decides"),
    ("PublicKeys::fingerprints", "the fields of AdminKeys"),
    ("Publisher::open_with", "publisher_of_proposal"),
    ("RecoveryCard::keys", "CardInfo::keys"),
    ("RecoveryCard::needed", "CardInfo::needed"),
    ("RecoveryCard::number", "CardInfo::number"),
    ("RecoveryCard::read_all", "read_cards"),
    ("RecoveryCard::restore", "restore_key"),
    ("RecoveryCard::set", "CardInfo::set"),
    ("RecoveryCard::split", "split_key"),
    ("RecoveryCard::text", "for a terminal"),
    ("Statement::of", "statement_of"),
    ("route_pack", "pack_routes"),
    ("Publisher::id", "Publisher::link has it"),
    ("Picture::clean", "clean_picture"),
    ("Picture::kind", "Picture::media_type"),
    ("PictureKind::media_type", "Picture::media_type"),
    ("Publisher::edit_with", "Publisher::edit with `pictures`"),
    ("Publisher::post_with", "Publisher::post with `pictures`"),
    ("Publisher::publish_over", "Publisher::publish with `replace`"),
    ("Publisher::written", "Publisher::publish answers with it"),
    ("Publisher::plan", "Publisher::upload"),
    ("Publisher::take_in_remote", "Publisher::upload with `take_in`"),
    ("RemotePlan::is_empty", "Publisher::upload answers with what was written"),
    ("RemotePlan::len", "Publisher::upload answers with what was written"),
    ("Publisher::copy", "copies are made by a machine abroad, with `byway mirror`"),
    ("Publisher::copy_of", "as Publisher::copy"),
    ("Publisher::pictures_to_copy", "as Publisher::copy"),
    ("PostPictures::new", "as Publisher::copy"),
    ("Publisher::state_of", "as Publisher::copy"),
    ("Original::new", "as Publisher::copy"),
    ("BannedKey::new", "BannedKey::key"),
    ("BannedKey::fingerprint", "CommunityProposal shows it in its changes"),
    ("HostHint::new", "HostHint::addresses"),
    ("Statement::of_copy", "as Publisher::copy"),
    ("Site::with_copier", "as Publisher::copy: the publisher's own site has it"),
    (
        "Publisher::open_taking_in",
        "the app of a new admin copies the folder of a mirror, which has the charter with these keys",
    ),
    ("Publisher::open_trusting_clock", "Publisher::open with `trust_clock`"),
    ("CommunityKeys::create", "create_admin_keys; Publisher::found and Publisher::rotate make the file too"),
    ("CommunityKeys::open", "Publisher::open opens the file"),
    ("CommunityKeys::fingerprint", "AdminKeys::decides"),
    ("QrCode::of", "qr_code"),
    ("QrCode::is_dark", "QrCode::modules"),
    ("QrCode::terminal", "for a terminal"),
    ("Site::new", "Client::write_site, as all of Site"),
    ("Site::with_posts", "as Site::new"),
    ("Site::with_events", "as Site::new"),
    ("Site::with_language", "as Site::new"),
    ("Site::with_link", "a reader's copy has no link of the community's"),
    ("Site::as_copy", "as Site::new"),
    ("Site::with_trust", "as Site::new: the site says what may be believed of what is stored"),
    ("Site::with_kept_pictures", "as Site::new: the site takes the pictures that are stored"),
    ("SitePictures::wanted", "as Site::with_kept_pictures"),
    ("SitePictures::take", "as Site::with_kept_pictures"),
    ("SitePictures::len", "as Site::with_kept_pictures"),
    ("SitePictures::is_empty", "as Site::with_kept_pictures"),
    ("SitePictures::left_out", "as Site::with_kept_pictures"),
    ("Site::files", "as Site::new"),
    ("Site::write_to", "as Site::new"),
    ("PublishError::code", "BywayError"),
    ("PublishError::sentence", "BywayError"),
    ("TooLongForQr::code", "BywayError"),
    ("TooLongForQr::sentence", "BywayError"),
];

#[test]
fn everything_an_admin_can_do_crosses() {
    let crossed = crossed();
    let mut core = BTreeSet::new();
    let mut folders = vec![here().join("../../src/publisher")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { functions(&fs::read_to_string(path).unwrap(), &mut core) }
        }
    }
    assert!(core.len() > 25 && core.contains("Publisher::announce") && core.contains("bundle_of"), "{core:#?}");
    let left_out = |item: &String| PUBLISHER_LEFT_OUT.iter().any(|(known, _)| known == item);
    let missing: Vec<_> = core.iter().filter(|item| !crossed.contains(*item) && !left_out(item)).collect();
    assert!(missing.is_empty(), "neither cross nor stand here with a reason: {missing:#?}");
    for (item, _) in PUBLISHER_LEFT_OUT {
        assert!(core.contains(*item), "{item} is not of the core any more");
    }
}

/// The public functions of a source file, as `Type::function` and `function`.
fn functions(code: &str, names: &mut BTreeSet<String>) {
    let word = |text: &str| text.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap().to_owned();
    let mut owner = String::new();
    for line in code.split("#[cfg(test)]\nmod tests").next().unwrap().lines() {
        if let Some(of) = line.strip_prefix("impl") {
            owner = word(of.trim_start_matches("<'a>").trim_start());
        } else if let Some(rest) = line.strip_prefix("    pub fn ") {
            names.insert(format!("{owner}::{}", word(rest)));
        } else if let Some(rest) = line.strip_prefix("pub fn ") {
            names.insert(word(rest));
        }
    }
}

#[test]
fn a_new_item_of_the_core_is_noticed() {
    let crossed = crossed();
    for new in
        ["Byway::teleport", "Opened::mood", "Mood", "EngineEventKind::Slept", "Attachment::Photo::smell", "teleport"]
    {
        assert!(!crosses(new, &crossed), "{new}");
    }
}

fn crosses(item: &str, crossed: &BTreeSet<String>) -> bool {
    let lists = [TYPES_LEFT_OUT, ITEMS_LEFT_OUT, BUILDER_OF_RUST, CROSSES_AS, ITEMS_CROSS_AS];
    if lists.into_iter().flatten().any(|(known, _)| *known == item) {
        return true;
    }
    let Some((owner, rest)) = item.split_once("::") else { return crossed.contains(item) };
    if OF_EVERY_TYPE.contains(&rest) || TYPES_LEFT_OUT.iter().any(|(known, _)| *known == owner) {
        return true;
    }
    match CROSSES_AS.iter().find(|(known, _)| *known == owner) {
        // A type of its own: its items must be there too.
        Some((_, target @ ("Client" | "Configuration"))) => crossed.contains(&format!("{target}::{rest}")),
        // An error, a key or a page: it is worded, opened or listed by the core.
        Some(_) => true,
        None => crossed.contains(item),
    }
}

/// The items of the core's surface, without those that authors of sources and network leaves need.
fn core() -> BTreeSet<String> {
    let text = fs::read_to_string(here().join("../../api/byway.txt")).unwrap();
    let declares = |line: &str| -> Option<String> {
        let line = line.strip_prefix("#[non_exhaustive] ").unwrap_or(line).strip_prefix("pub ")?;
        if ["mod ", "trait ", "type ", "use ", "macro "].iter().any(|other| line.starts_with(other)) {
            return None;
        }
        let path = line.split(' ').find(|word| word.starts_with("byway::"))?.strip_prefix("byway::")?;
        let path = path.strip_prefix("community::").unwrap_or(path);
        let name = path.split(['(', '<', ' ']).next()?;
        // `Changed<Id>::len`: the name goes on behind the parameter.
        let rest = path.split_once('>').map_or("", |(_, rest)| rest).split('(').next()?;
        let name = if rest.starts_with("::") { format!("{name}{rest}") } else { name.to_owned() };
        let name = name.trim_end_matches(':').to_owned();
        let of_authors = ["net::", "source::"].iter().any(|module| name.starts_with(module));
        (!of_authors).then_some(name)
    };
    let mut names: BTreeSet<String> = text.lines().filter_map(declares).collect();
    // `api/byway.txt` lists the default features, so what needs Tor is read from the sources.
    with_tor(&fs::read_to_string(here().join("../../src/client/builder.rs")).unwrap(), "Builder", &mut names);
    names
}

/// The public functions of a source file that are built with the feature `tor` alone.
fn with_tor(code: &str, owner: &str, names: &mut BTreeSet<String>) {
    let mut is_gated = false;
    for line in code.lines().map(str::trim_start) {
        if let Some(rest) = line.strip_prefix("pub fn ") {
            let name = rest.split('(').next().unwrap();
            names.extend(is_gated.then(|| format!("{owner}::{name}")));
        }
        let goes_on = line.starts_with("#[") || line.starts_with("///");
        is_gated = line == "#[cfg(feature = \"tor\")]" || (is_gated && goes_on);
    }
}

/// What this crate declares for export, as `Type`, `Type::item`, `Enum::Variant::field` and `function`.
fn crossed() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders = vec![here().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
            declared(code, &mut names);
        }
    }
    names
}

fn declared(code: &str, names: &mut BTreeSet<String>) {
    let (mut owner, mut variant) = (None::<String>, None::<String>);
    for line in code.lines() {
        let indent = line.len() - line.trim_start().len();
        let word = |text: &str| text.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap().to_owned();
        let public = line.trim_start().strip_prefix("pub ");
        let function =
            public.and_then(|rest| rest.strip_prefix("async ").unwrap_or(rest).strip_prefix("fn ")).map(word);
        if indent == 0 {
            let named =
                ["pub struct ", "pub enum ", "impl "].iter().find_map(|start| line.strip_prefix(start)).map(word);
            if named.is_some() || line.starts_with('}') {
                if let Some(name) = named.as_ref().filter(|_| !line.starts_with("impl")) {
                    names.insert(name.clone());
                }
                (owner, variant) = (named, None);
            }
            names.extend(function);
            continue;
        }
        // A mirrored enum: `Name of path, else Fallback {`, or a page: `Name of Item, from ...`.
        if indent == 4
            && line.contains(" of ")
            && line.contains("::")
            && line.trim_end().ends_with(['{', ')'])
            && !line.trim_start().starts_with("///")
        {
            let name = word(line.trim_start());
            names.insert(name.clone());
            (owner, variant) = (Some(name), None);
            continue;
        }
        let Some(owner) = &owner else { continue };
        if let Some(name) = function {
            names.insert(format!("{owner}::{name}"));
        } else if let Some(rest) = public {
            names.insert(format!("{owner}::{}", word(rest)));
        } else if line.trim_start().starts_with(char::is_uppercase) && line.trim_end().ends_with([',', '{']) {
            let name = word(line.trim_start());
            names.insert(format!("{owner}::{name}"));
            variant = Some(name);
        } else if let (Some(variant), 8) = (&variant, indent)
            && line.trim_start().starts_with(char::is_lowercase)
            && line.contains(": ")
        {
            names.insert(format!("{owner}::{variant}::{}", word(line.trim_start())));
        }
    }
}

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
