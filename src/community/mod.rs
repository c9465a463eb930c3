//! WHAT is reached: plain data. Knows no network.
#![allow(missing_docs)]
use serde::{Deserialize, Serialize};
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Community {}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Post {}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {}
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Home {}
