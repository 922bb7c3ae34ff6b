//! HTTP for the lab: a keep-alive server, requests read whole, answers that can go wrong on
//! purpose. It knows no AWS.

pub(crate) mod answer;
pub(crate) mod delivery;
pub(crate) mod request;
pub(crate) mod server;
