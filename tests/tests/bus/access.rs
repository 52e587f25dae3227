//! Who may call what: every method, by everybody.

use countersign_tests::{Answer, Caller, Refused, in_lab};
use zbus::Variant;

use crate::PASSWORD;

/// What a call came to, as far as access goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Access {
    Allowed,
    Denied,
}
use Access::{Allowed, Denied};

/// A method, who is called by it, and what root, alice and a stranger get. All is about alice.
type Row = (&'static str, fn(&Caller) -> Answer<()>, [Access; 3]);

/// Calls that fail for a reason of their own where they are allowed, so that each can be made by
/// anybody at any time: the one before changes nothing for the next.
const TABLE: &[Row] = &[
    (
        "Login.Prepare",
        |who| who.prepare("alice").map(drop),
        [Allowed, Allowed, Denied],
    ),
    (
        "Login.Verify",
        |who| who.verify("alice", "").map(drop),
        [Allowed, Allowed, Denied],
    ),
    (
        "Account.Status",
        |who| who.status("alice").map(drop),
        [Allowed, Allowed, Denied],
    ),
    (
        "Account.BeginEnrollment",
        |who| who.begin("alice", &[]).map(drop),
        [Allowed, Allowed, Denied],
    ),
    (
        "Account.ConfirmEnrollment",
        |who| who.confirm("alice", "").map(drop),
        [Allowed, Allowed, Denied],
    ),
    (
        "Account.CancelEnrollment",
        |who| who.cancel("alice"),
        [Allowed, Allowed, Denied],
    ),
    (
        "Account.CompleteEnrollment",
        |who| who.complete("alice", "none"),
        [Allowed, Denied, Denied],
    ),
    (
        "Account.Export",
        |who| who.export("alice", "", &[]).map(drop),
        [Allowed, Allowed, Denied],
    ),
    (
        "Account.RenewRecoveryCodes",
        |who| who.renew_recovery_codes("alice", "").map(drop),
        [Allowed, Allowed, Denied],
    ),
    (
        "Account.Resync",
        |who| who.resync("alice", "", ""),
        [Denied, Allowed, Denied],
    ),
    (
        "Account.Disable",
        |who| who.disable("alice", "", &[("name", "none".into())]),
        [Allowed, Allowed, Denied],
    ),
    (
        "Admin.List",
        |who| who.list(&[]).map(drop),
        [Allowed, Denied, Denied],
    ),
    (
        "Admin.Unlock",
        |who| who.unlock("alice").map(drop),
        [Allowed, Denied, Denied],
    ),
    (
        "Admin.IssueTemporaryCode",
        |who| who.issue("alice", &[]).map(drop),
        [Allowed, Denied, Denied],
    ),
    (
        "Admin.Import",
        |who| who.import("alice", &[]),
        [Allowed, Denied, Denied],
    ),
    (
        "Admin.Health",
        |who| who.health().map(drop),
        [Allowed, Denied, Denied],
    ),
    (
        "Admin.StoreStatus",
        |who| who.store_status().map(drop),
        [Allowed, Denied, Denied],
    ),
    (
        "Admin.Reseal",
        |who| who.reseal().map(drop),
        [Allowed, Denied, Denied],
    ),
];

fn access(answer: Answer<()>) -> Access {
    match answer {
        Err(Refused { name, .. }) if name == "AccessDenied" => Denied,
        // The bus's own refusal would say nothing of the daemon.
        Err(Refused { name, .. }) if name.contains("freedesktop") => panic!("{name}"),
        _ => Allowed,
    }
}

#[test]
fn each_method_is_for_those_in_the_table_and_nobody_else() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).user("bob", PASSWORD).start();
        let methods = countersign_bus::INTROSPECTION.matches("<method ").count();
        assert_eq!(TABLE.len(), methods, "every method is in the table");
        let callers = ["root", "alice", "bob", "nobody"].map(|user| (user, Caller::on_bus(user)));
        // Before alice is enrolled, and after.
        for enrolled in [false, true] {
            if enrolled {
                Caller::on_bus("alice").enroll("alice", &[]);
            }
            for (method, call, [root, owner, stranger]) in TABLE {
                for (user, caller) in &callers {
                    let expected = match *user {
                        "root" => root,
                        "alice" => owner,
                        _ => stranger,
                    };
                    assert_eq!(
                        access(call(caller)),
                        *expected,
                        "{method} by {user}, enrolled: {enrolled}"
                    );
                }
            }
        }
    });
}

#[test]
fn strangers_do_not_learn_who_exists_or_is_enrolled() {
    in_lab(|stage| {
        let _lab = stage
            .user("alice", PASSWORD)
            .user("bob", PASSWORD)
            .user("mallory", PASSWORD)
            .start();
        Caller::on_bus("alice").enroll("alice", &[]);
        let mallory = Caller::on_bus("mallory");
        let told = |user: &str| {
            let calls = [
                mallory.prepare(user).map(drop),
                mallory.verify(user, "123456").map(drop),
                mallory.status(user).map(drop),
                mallory.begin(user, &[]).map(drop),
                mallory.confirm(user, "123456").map(drop),
                mallory.cancel(user),
                mallory.export(user, "123456", &[]).map(drop),
                mallory.renew_recovery_codes(user, "123456").map(drop),
                mallory.resync(user, "123456", "654321"),
                mallory.disable(user, "123456", &[]),
                mallory.unlock(user).map(drop),
                mallory.issue(user, &[]).map(drop),
                mallory.import(user, &[]),
            ];
            calls.map(|answer| {
                let Refused { name, text } = answer.unwrap_err();
                (name, text.replace(user, "NAME"))
            })
        };
        let of_alice = told("alice"); // enrolled
        assert_eq!(told("bob"), of_alice); // not enrolled
        assert_eq!(told("nobody-at-all"), of_alice); // does not exist
    });
}

#[test]
fn root_without_an_account_is_told_that_there_is_no_such_user() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).start();
        let root = Caller::on_bus("root");
        let secret = [("secret", Variant::from("2SH3V3GDW7ZNMGYE"))];
        for answer in [
            root.status("nobody-at-all").map(drop),
            root.begin("nobody-at-all", &[]).map(drop),
            root.unlock("nobody-at-all").map(drop),
            root.import("nobody-at-all", &secret),
        ] {
            let refused = answer.unwrap_err();
            assert_eq!(refused.name, "NoSuchUser", "{}", refused.text);
            assert!(refused.text.contains("nobody-at-all"), "{}", refused.text);
        }
    });
}

#[test]
fn what_a_stranger_is_denied_changes_nothing() {
    in_lab(|stage| {
        let _lab = stage.user("alice", PASSWORD).user("bob", PASSWORD).start();
        let alice = Caller::on_bus("alice");
        let (mut secret, recovery_codes) = alice.enroll("alice", &[]);
        let before = alice.status("alice").unwrap();
        let (bob, code) = (Caller::on_bus("bob"), secret.next_code());
        for (_method, call, _) in TABLE {
            assert_eq!(access(call(&bob)), Denied);
        }
        // With right codes too.
        for answer in [
            bob.verify("alice", &code).map(drop),
            bob.verify("alice", &recovery_codes[0]).map(drop),
            bob.export("alice", &code, &[]).map(drop),
            bob.renew_recovery_codes("alice", &code).map(drop),
            bob.disable("alice", &recovery_codes[0], &[]),
        ] {
            assert_eq!(access(answer.map(drop)), Denied);
        }
        assert_eq!(alice.status("alice").unwrap(), before);
        assert_eq!(alice.verify("alice", &code).unwrap(), "accepted");
    });
}
