//! Sentences about the store, in English.

use super::English;
use crate::sentences::grammar::capital;
use crate::sentences::kept::AttachmentRefusal;
use crate::sentences::phrasebook::KeptPhrases;
use crate::store::{KeyError, KeyFileError, StoreError};

impl KeptPhrases for English {
    fn store(&self, error: &StoreError) -> String {
        match error {
            StoreError::NoKey(KeyError::File(error)) => self.key_file(error),
            _ => capital(&format!("{error}.")),
        }
    }

    fn key(&self, error: &KeyError) -> String {
        match error {
            KeyError::File(error) => self.key_file(error),
            // The app's own words, in the app's language.
            KeyError::App(reason) => format!("The key of the store is not available now: \"{reason}\"."),
        }
    }

    fn key_file(&self, error: &KeyFileError) -> String {
        capital(&format!("{error}."))
    }

    fn not_stored(&self) -> &'static str {
        "This community is not kept on this device, so it cannot be read without the network."
    }

    fn still_read(&self) -> &'static str {
        "Other readings of this community took all the time that was allowed, so Byway sent no further request."
    }

    fn successor_changed(&self) -> &'static str {
        "The named successor has changed: it is not the community, the address or the keys that you were shown. Nothing was \
         decided. Look at what is named now, and answer again."
    }

    fn move_not_followed(&self) -> &'static str {
        "This community is known only as the successor of another one. You asked to stay there, or the keys of that one are no longer \
         trusted. So nothing was contacted. To read it anyway, open its own link."
    }

    fn own_network(&self) -> &'static str {
        "This address of the list is one of your own network or of this device, and lists may come from strangers. So nothing was contacted. \
         To read it anyway, open the address itself."
    }

    fn unknown_exposure(&self) -> &'static str {
        "The link asks for an exposure that Byway does not know, so nothing was contacted; it knows `open`, `proxied` and `tor`."
    }

    fn no_attachment(&self, why: AttachmentRefusal) -> String {
        match why {
            AttachmentRefusal::Kept => "This attachment is not kept on this device.".to_owned(),
            AttachmentRefusal::File => "This attachment is not a file that can be fetched.".to_owned(),
            AttachmentRefusal::Address => {
                "The address of this attachment is not a public web address, so nothing was sent.".to_owned()
            }
            AttachmentRefusal::Cleartext => {
                "This attachment comes without encryption, and its community is not read openly; so nothing was sent."
                    .to_owned()
            }
            AttachmentRefusal::TooLarge { limit } => {
                format!("This attachment is larger than the {limit} bytes that were allowed.")
            }
            AttachmentRefusal::Status { status } => {
                format!("The host answers with status {status} instead of this attachment.")
            }
        }
    }
}
