//! What the live object says of itself.

use countersign_bus::INTROSPECTION;
use countersign_tests::{Caller, Program, Refused, Road, in_lab};
use zbus::OwnedVariant;

/// Prints what an introspection document promises, a line each, in an order of its own.
const PROMISES: &str = r#"
import sys, xml.etree.ElementTree as tree
lines = []
for interface in tree.fromstring(sys.stdin.buffer.read()).findall("interface"):
    name = interface.get("name")
    if not name.startswith("org.countersign1."):
        continue
    for member in interface:
        promise = [name, member.tag, member.get("name")]
        if member.tag == "property":
            promise += [member.get("type"), member.get("access")]
        for part in member:
            if part.tag == "arg":
                default = "out" if member.tag == "signal" else "in"
                promise += ["(%s" % part.get("name"), part.get("type"), part.get("direction", default) + ")"]
            else:
                promise += [part.get("name"), part.get("value")]
        lines.append(" ".join(promise))
print("\n".join(sorted(lines)))
"#;

fn promises(document: &str) -> Vec<String> {
    let text = Program::new("python3")
        .args(["-c", PROMISES])
        .input(document)
        .text();
    text.lines().map(str::to_owned).collect()
}

fn introspect(caller: &Caller) -> String {
    let interface = "org.freedesktop.DBus.Introspectable";
    caller.call_any(interface, "Introspect", &()).unwrap()
}

#[test]
fn the_live_object_is_the_one_in_the_contract() {
    in_lab(|stage| {
        let _lab = stage.road(Road::Bus).user("alice", "pw").start();
        let promised = promises(INTROSPECTION);
        assert_eq!(
            promised.len(),
            19,
            "18 methods and a property: {promised:#?}"
        );
        let live = introspect(&Caller::on_bus("alice"));
        assert_eq!(promises(&live), promised);
    });
}

#[test]
fn the_login_socket_serves_login_and_enrollments_in_the_middle_of_one() {
    in_lab(|stage| {
        let _lab = stage.user("alice", "pw").start();
        let root = Caller::on_login_socket();
        let login = |promise: &String| {
            promise.starts_with("org.countersign1.Login ") || promise.contains("Enrollment ")
        };
        let promised: Vec<String> = promises(INTROSPECTION).into_iter().filter(login).collect();
        assert_eq!(promises(&introspect(&root)), promised);
        let (requirement, _details) = root.prepare("alice").unwrap();
        assert_eq!(requirement, "none");
        for refused in [
            root.status("alice").map(drop),
            root.disable("alice", "", &[]),
            root.export("alice", "", &[]).map(drop),
        ] {
            let name = refused.unwrap_err().name;
            assert_eq!(name, "org.freedesktop.DBus.Error.UnknownMethod");
        }
        for refused in [
            root.list(&[]).map(drop),
            root.import("alice", &[]),
            root.health().map(drop),
            root.store_status().map(drop),
            root.reseal().map(drop),
        ] {
            let name = refused.unwrap_err().name;
            assert_eq!(name, "org.freedesktop.DBus.Error.UnknownInterface");
        }
        // Apart from a login nobody enrolls here.
        let begun = root.begin("alice", &[]).map(drop);
        assert_eq!(begun.unwrap_err().name, "AccessDenied");
    });
}

#[test]
fn the_version_is_that_of_the_release() {
    in_lab(|stage| {
        let _lab = stage.user("alice", "pw").start();
        for caller in [Caller::on_bus("alice"), Caller::on_login_socket()] {
            let version: OwnedVariant = caller
                .call_any(
                    "org.freedesktop.DBus.Properties",
                    "Get",
                    &("org.countersign1.Login", "Version"),
                )
                .unwrap();
            assert_eq!(
                String::try_from(version).unwrap(),
                env!("CARGO_PKG_VERSION")
            );
        }
    });
}

#[test]
fn what_does_not_exist_is_refused_politely() {
    in_lab(|stage| {
        let _lab = stage.user("alice", "pw").start();
        let alice = Caller::on_bus("alice");
        let call = |path: &str, interface: &str, member: &str| {
            let refused = alice.call_at::<()>(path, interface, member, &("alice",));
            refused.unwrap_err().name
        };
        let (object, account) = ("/org/countersign1", "org.countersign1.Account");
        assert_eq!(
            call(object, account, "Enrol"),
            "org.freedesktop.DBus.Error.UnknownMethod"
        );
        assert_eq!(
            call("/org/countersign2", account, "Status"),
            "org.freedesktop.DBus.Error.UnknownObject"
        );
        // The bus's own policy lets no other interface through.
        assert_eq!(
            call(object, "org.countersign1.Accounts", "Status"),
            "org.freedesktop.DBus.Error.AccessDenied"
        );
        assert!(alice.status("alice").is_ok(), "and the daemon goes on");
    });
}

#[test]
fn arguments_of_the_wrong_signature_reach_nobody() {
    in_lab(|stage| {
        let _lab = stage.user("alice", "pw").start();
        let root = Caller::on_bus("root");
        for method in [
            "Login.Prepare",
            "Login.Verify",
            "Account.Status",
            "Account.BeginEnrollment",
            "Account.ConfirmEnrollment",
            "Account.CancelEnrollment",
            "Account.CompleteEnrollment",
            "Account.Export",
            "Account.RenewRecoveryCodes",
            "Account.Resync",
            "Account.Disable",
            "Admin.List",
            "Admin.Unlock",
            "Admin.IssueTemporaryCode",
            "Admin.Import",
            "Admin.Health",
            "Admin.StoreStatus",
            "Admin.Reseal",
        ] {
            for answer in [
                root.call::<()>(method, &()),
                root.call(method, &(1_u32, 2_u32, 3_u32, 4_u32)),
                root.call(method, &(vec!["alice"],)),
            ] {
                let Refused { name, text } = answer.expect_err(method);
                assert!(
                    matches!(
                        name.as_str(),
                        "InvalidArgument" | "org.freedesktop.DBus.Error.InvalidArgs"
                    ),
                    "{method}: {name}: {text}"
                );
            }
        }
        assert!(root.status("alice").is_ok(), "and the daemon goes on");
    });
}
