//! Enrolls, shows, exports and disables authenticator codes for logins.
fn main() {}
