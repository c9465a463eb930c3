//! VK's error codes, and what each kind requires.
//!
//! The classes are those that VK documents at <https://dev.vk.com/ru/reference/errors>. Nothing is concluded from an
//! unknown code: it is reported as VK states it.

use serde_json::Value;

use super::lenient;
use crate::source::plain::one_line;
use crate::source::platform::MAX_MESSAGE;

/// What an error requires of its receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// The token is not accepted: only another token helps.
    Auth,
    /// The owner of the token is refused, or has to do something at VK first.
    User,
    /// The app of the token is refused or unknown.
    App,
    /// Too many requests.
    Throttle,
    /// This token may not see it.
    Access,
    /// It no longer exists.
    Gone,
    /// Its content is blocked.
    Blocked,
    /// It is not shown in this country.
    OtherCountry,
    /// A passing fault of VK.
    Retry,
    /// The request is wrong.
    OurFault,
    /// A code this version does not know.
    Unknown,
}

/// An error as VK states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VkError {
    pub(super) code: i64,
    pub(super) message: String,
}

impl VkError {
    pub(super) fn read(error: &Value) -> Self {
        // Some methods answer with a plain text or number instead of the object.
        let code = lenient::integer(lenient::get(error, "error_code")).or_else(|| lenient::integer(error)).unwrap_or(0);
        let message = [lenient::get(error, "error_msg"), lenient::get(error, "error_text"), error]
            .into_iter()
            .filter_map(Value::as_str)
            .map(|text| one_line(text, MAX_MESSAGE))
            .find(|text| !text.is_empty())
            .unwrap_or_else(|| "no reason given".to_owned());
        Self { code, message }
    }

    pub(super) fn class(&self) -> Class {
        match self.code {
            4 | 5 | 17 | 25 | 27 | 28 | 1114 | 1116 | 1117 | 3609 | 3610 => Class::Auth,
            24 | 37 | 39 | 41 | 3301..=3305 => Class::User,
            2 | 11 | 21 | 34 | 38 | 101 => Class::App,
            6 | 9 | 14 | 29 | 3300 => Class::Throttle,
            7 | 15 | 20 | 23 | 30 | 200 | 201 | 203 | 204 | 212 | 260 => Class::Access,
            18 | 104 => Class::Gone,
            19 => Class::Blocked,
            42 => Class::OtherCountry,
            1 | 10 | 13 | 32 | 36 | 43 => Class::Retry,
            3 | 8 | 16 | 22 | 33 | 40 | 100 | 113 | 125 | 150 => Class::OurFault,
            _ => Class::Unknown,
        }
    }

    /// Whether repeating the call after a pause may help. A captcha (14, 3300) waits for a person, and a spent quota
    /// (29) for the next day: repeating makes both worse.
    pub(super) fn is_passing(&self) -> bool {
        match self.class() {
            Class::Retry => true,
            Class::Throttle => !matches!(self.code, 14 | 29 | 3300),
            _ => false,
        }
    }

    /// Whether VK may mean the name: a wrong or invalid parameter (100), an invalid id of a group (125) or a user
    /// (113). VK answers a call for one community like this if it knows none by that name.
    pub(super) fn blames_the_name(&self) -> bool {
        matches!(self.code, 100 | 113 | 125)
    }

    /// Whether the token was issued to another IP address: the route changed, nothing is blocked.
    pub(super) fn other_address(&self) -> bool {
        let message = self.message.to_lowercase();
        ["another ip", "other ip", "different ip", "другого ip", "другому ip", "другим ip"]
            .iter()
            .any(|words| message.contains(words))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn error(code: i64) -> VkError {
        VkError { code, message: String::new() }
    }

    #[test]
    fn every_code_of_the_list_has_its_class() {
        let table: &[(Class, &[i64])] = &[
            (Class::Auth, &[4, 5, 17, 25, 27, 28, 1114, 1116, 1117, 3609, 3610]),
            (Class::User, &[24, 37, 39, 41, 3301, 3304]),
            (Class::App, &[2, 11, 21, 34, 38, 101]),
            (Class::Throttle, &[6, 9, 14, 29, 3300]),
            (Class::Access, &[7, 15, 20, 23, 30, 203, 212, 260]),
            (Class::Gone, &[18, 104]),
            (Class::Blocked, &[19]),
            (Class::OtherCountry, &[42]),
            (Class::Retry, &[1, 10, 13, 32, 36, 43]),
            (Class::OurFault, &[3, 8, 16, 100, 113, 125]),
            (Class::Unknown, &[0, -1, 12, 1000, 99_999]),
        ];
        for (class, codes) in table {
            for code in *codes {
                assert_eq!(error(*code).class(), *class, "{code}");
            }
        }
    }

    #[test]
    fn what_waits_for_a_person_is_not_asked_again() {
        for code in [14, 3300, 29, 5, 15, 18, 19, 42, 100] {
            assert!(!error(code).is_passing(), "{code}");
        }
        for code in [1, 6, 9, 10, 13, 32, 36, 43] {
            assert!(error(code).is_passing(), "{code}");
        }
    }

    #[test]
    fn an_error_of_any_shape_is_read() {
        let shapes = [
            (json!({"error_code": 5, "error_msg": "User authorization failed"}), 5, "User authorization failed"),
            (json!({"error_code": "19", "error_msg": "Content&nbsp;blocked"}), 19, "Content blocked"),
            (json!("invalid_request"), 0, "invalid_request"),
            (json!({"error_code": [], "error_msg": false}), 0, "no reason given"),
            (json!(null), 0, "no reason given"),
        ];
        for (value, code, message) in shapes {
            assert_eq!(VkError::read(&value), VkError { code, message: message.to_owned() });
        }
        let address = VkError {
            code: 5,
            message: "User authorization failed: access_token was given to another ip address.".to_owned(),
        };
        assert!(address.other_address());
    }
}
