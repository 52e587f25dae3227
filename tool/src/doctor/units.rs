//! The units, where systemd runs.

use super::finding::{Finding, Subject};
use super::host::Host;
use super::store::CHECK;
use crate::words::tell;

const SOCKET: &str = "countersign-login.socket";
const SERVICE: &str = "countersignd.service";
/// How systemd ends what it cannot give its credentials to (systemd.exec(5)).
const EXIT_CREDENTIALS: &str = "243";

/// What systemd says of a unit: `enabled`, `disabled`, `masked`, and `active`, `failed`.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Unit {
    /// `systemctl is-enabled`
    pub enabled: String,
    /// `systemctl is-active`
    pub active: String,
}

/// What is known.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Facts {
    /// The login socket and the service; `None` where systemd does not run.
    pub units: Option<[Unit; 2]>,
    /// Did the service end because its credential was not to be had?
    pub no_credential: bool,
}

impl Facts {
    /// Asks systemd.
    pub fn gather(host: &Host<'_>) -> Self {
        // sd_booted(3)
        if !host.has("/run/systemd/system") {
            return Self::default();
        }
        let ask = |what: &str, unit: &str| {
            let ran = host.run("systemctl", &[what, unit]);
            ran.map(|ran| ran.out.trim().to_owned()).unwrap_or_default()
        };
        let unit = |name| Unit {
            enabled: ask("is-enabled", name),
            active: ask("is-active", name),
        };
        let units = host.is_live().then(|| [SOCKET, SERVICE].map(unit));
        let ended = ["show", "--property=ExecMainStatus", "--value", SERVICE];
        let ended = host.run("systemctl", &ended);
        Self {
            units,
            no_credential: ended.is_some_and(|ran| ran.out.trim() == EXIT_CREDENTIALS),
        }
    }
}

/// What the facts mean.
pub fn check(facts: &Facts) -> Vec<Finding> {
    let Some([socket, service]) = &facts.units else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (unit, name) in [(socket, SOCKET), (service, SERVICE)] {
        if unit.enabled == "masked" {
            let what = tell!("doctor-unit-masked", "unit" = name);
            found.push(
                Finding::error(Subject::Daemon, "unit-masked", what).mend(format!(
                    "systemctl unmask {name} && systemctl enable --now {name}"
                )),
            );
        } else if unit.active == "failed" {
            let what = tell!("doctor-unit-failed", "unit" = name);
            let mend = if facts.no_credential && name == SERVICE {
                CHECK.to_owned()
            } else {
                format!("systemctl restart {name}; journalctl -u {name} -n 20")
            };
            found.push(Finding::error(Subject::Daemon, "unit-failed", what).mend(mend));
        } else if name == SOCKET && (unit.active != "active" || unit.enabled == "disabled") {
            let what = tell!("doctor-unit-socket");
            found.push(
                Finding::warning(Subject::Daemon, "unit-socket", what)
                    .mend(format!("systemctl enable --now {name}")),
            );
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(enabled: &str, active: &str) -> Unit {
        Unit {
            enabled: enabled.to_owned(),
            active: active.to_owned(),
        }
    }

    fn ids(socket: Unit, service: Unit) -> Vec<&'static str> {
        let units = Some([socket, service]);
        check(&Facts {
            units,
            no_credential: false,
        })
        .iter()
        .map(|it| it.id)
        .collect()
    }

    #[test]
    fn a_service_that_waits_for_its_first_call_is_well() {
        let idle = unit("disabled", "inactive");
        assert_eq!(ids(unit("enabled", "active"), idle), Vec::<&str>::new());
        assert_eq!(check(&Facts::default()), []);
    }

    #[test]
    fn a_service_without_its_credential_is_mended_by_a_check_of_the_store() {
        for (no_credential, next) in [(true, CHECK), (false, "systemctl restart")] {
            let units = Some([unit("enabled", "active"), unit("disabled", "failed")]);
            let found = check(&Facts {
                units,
                no_credential,
            });
            let mend = found[0].mend.as_deref().unwrap();
            assert!(mend.starts_with(next), "{mend}");
        }
    }

    #[test]
    fn units_that_are_off_failed_or_masked_are_told() {
        let well = || unit("enabled", "active");
        assert_eq!(ids(unit("disabled", "inactive"), well()), ["unit-socket"]);
        assert_eq!(ids(unit("enabled", "failed"), well()), ["unit-failed"]);
        assert_eq!(ids(well(), unit("masked", "inactive")), ["unit-masked"]);
    }
}
