//! Who may what in the shared store, enforced by a real server: what a host can do that has been taken over.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "test code; the lints' own exemption reaches only into functions marked #[test]"
)]

mod shared;

use countersign_fleet::{Engine, EngineError, Settings, Swapped, Version};
use countersign_tests::postgres::{Authority, Identity, Postgres};
use shared::{Fleet, accepted_at, changed, engine, now, settings, user};

fn with(settings: &Settings, identity: &Identity) -> Settings {
    let mut settings = settings.clone();
    let files = settings.tls.as_mut().unwrap();
    files.certificate.clone_from(&identity.certificate);
    files.key.clone_from(&identity.key);
    settings
}

#[test]
fn hosts_see_no_table_and_no_function_but_theirs() {
    let fleet = Fleet::start();
    fleet.enroll("alice");
    let server = &fleet.server;
    for table in ["account", "counter", "host", "tenant", "spent", "migration"] {
        for act in [
            format!("select * from countersign.{table}"),
            format!("delete from countersign.{table}"),
            format!("truncate countersign.{table}"),
            format!("alter table countersign.{table} disable row level security"),
        ] {
            for role in ["web1", "desk"] {
                let told = server.try_sql(role, &act).unwrap_err();
                let is_denied =
                    told.contains("permission denied") || told.contains("must be owner");
                assert!(is_denied, "{role}: {act}: {told}");
            }
        }
    }
    for call in [
        "countersign.list('main', null, 10)",
        "countersign.unlock('main', 'alice')",
        "countersign.disable('main', 'alice')",
        "countersign.take_from_budget()",
        "countersign.enter('main')",
        "countersign.add_tenant('mine')",
        "countersign.add_host('web9', '{main}')",
    ] {
        let told = server
            .try_sql("web1", &format!("select {call}"))
            .unwrap_err();
        assert!(told.contains("permission denied"), "{call}: {told}");
    }
    let told = server
        .try_sql("web1", "set role countersign_owner")
        .unwrap_err();
    assert!(told.contains("permission denied"), "{told}");
}

#[test]
fn a_host_reaches_no_row_of_a_tenant_that_is_not_its_own() {
    let fleet = Fleet::start();
    let (alice, _) = fleet.enroll("alice");
    let tenant = || EngineError::TenantRefused {
        tenant: "main".to_owned(),
    };
    let stranger = fleet.engine("web3");
    fleet.wait(async {
        assert_eq!(stranger.load(&alice).await, Err(tenant()));
        assert_eq!(stranger.attempt(&alice).await, Err(tenant()));
        let swap = stranger
            .swap(&alice, Version::new(1), None, changed())
            .await;
        assert_eq!(swap, Err(tenant()));
    });
    // A tenant that is not there is no different from one that is somebody else's.
    let mut nowhere = fleet.settings("web1");
    nowhere.tenant = "nowhere".to_owned();
    let told = fleet.refusal(&nowhere);
    assert_eq!(
        told,
        EngineError::TenantRefused {
            tenant: "nowhere".to_owned()
        }
    );
    // The same name in the other tenant is another person.
    let mut theirs = fleet.settings("web3");
    theirs.tenant = "other".to_owned();
    let theirs = engine(&theirs).0;
    assert_eq!(
        fleet.wait(theirs.load(&alice)).unwrap().version,
        Version::ABSENT
    );
}

/// An emptied database, or another one, is no tenant in which nobody is enrolled.
#[test]
fn a_tenant_without_a_key_record_says_of_nobody_that_they_have_no_record() {
    let fleet = Fleet::start();
    let (alice, version) = fleet.enroll("alice");
    let (host, desk) = (fleet.engine("web1"), fleet.engine("desk"));
    let nobody = user("nobody");
    let key = user(".countersign.key");
    let absent = fleet.wait(host.load(&nobody)).unwrap();
    assert_eq!(absent.version, Version::ABSENT);
    let not_founded = || EngineError::NotFounded {
        tenant: "main".to_owned(),
    };
    for loss in [
        "update countersign.account set record = null where name = '.countersign.key'",
        "delete from countersign.account where name = '.countersign.key'",
    ] {
        fleet.server.sql(loss);
        fleet.wait(async {
            assert_eq!(host.load(&nobody).await, Err(not_founded()), "{loss}");
            assert_eq!(host.attempt(&nobody).await, Err(not_founded()), "{loss}");
            let swap = host.swap(&nobody, Version::ABSENT, Some(b"mine"), changed());
            assert_eq!(swap.await, Err(not_founded()), "{loss}");
            assert_eq!(host.load(&alice).await.unwrap().version, version);
        });
    }
    // Which key is the fleet's is an administrator's to say.
    fleet.wait(async {
        assert_eq!(host.load(&key).await.unwrap().record, None);
        let by_host = host.swap(&key, Version::ABSENT, Some(b"theirs"), changed());
        let by_host = by_host.await;
        assert!(
            matches!(by_host, Err(EngineError::Forbidden { .. })),
            "{by_host:?}"
        );
        let by_desk = desk.swap(&key, Version::ABSENT, Some(b"key"), changed());
        assert!(matches!(by_desk.await, Ok(Swapped::Done(_))));
        let Ok(founded) = host.load(&key).await else {
            panic!("a host reads the key record")
        };
        let removed = host.swap(&key, founded.version, None, changed()).await;
        assert!(matches!(removed, Err(EngineError::Forbidden { .. })));
        assert_eq!(host.load(&nobody).await.unwrap().version, Version::ABSENT);
    });
}

#[test]
fn a_function_that_forgot_to_look_at_the_tenant_would_find_no_row_of_another() {
    let fleet = Fleet::start();
    fleet.enroll("alice");
    fleet.server.sql(
        "set role countersign_owner;
         create function countersign.careless() returns bigint language sql security definer
           set search_path = countersign, pg_temp as 'select count(*) from account';
         grant execute on function countersign.careless() to countersign_host",
    );
    let count = |role| {
        fleet
            .server
            .try_sql(role, "select countersign.careless()")
            .unwrap()
    };
    assert_eq!(
        (count("web1"), count("web3")),
        ("2".to_owned(), "1".to_owned()),
        "the tenant's key record and alice; the other tenant's key record"
    );
}

#[test]
fn a_revoked_host_is_refused_by_one_update_on_connections_that_are_open() {
    let fleet = Fleet::start();
    let (alice, version) = fleet.enroll("alice");
    let host = fleet.engine("web1");
    assert!(fleet.wait(host.load(&alice)).is_ok());
    fleet
        .server
        .sql("update countersign.host set revoked_at = now() where name = 'web1'");
    let refused = fleet.wait(host.load(&alice)).unwrap_err();
    assert_eq!(refused, EngineError::HostRefused);
    let swap = fleet.wait(fleet.engine("web1").swap(&alice, version, None, changed()));
    assert_eq!(swap, Err(EngineError::HostRefused));
    assert!(fleet.wait(fleet.engine("web2").load(&alice)).is_ok());
}

#[test]
fn a_host_that_asks_for_everybody_runs_out_of_its_budget() {
    let fleet = Fleet::start();
    let (alice, _) = fleet.enroll("alice");
    fleet
        .server
        .sql("update countersign.host set budget = 30 where name = 'web1'");
    let host = fleet.engine("web1");
    fleet.wait(async {
        let mut given = 0;
        let ended = loop {
            match host.load(&alice).await {
                Ok(_) => given += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(ended, EngineError::HostLimited);
        // The first minute may have ended on the way.
        assert!((30..=60).contains(&given), "{given}");
        assert_eq!(host.attempt(&alice).await, Err(EngineError::HostLimited));
        assert!(fleet.engine("web2").load(&alice).await.is_ok());
    });
}

#[test]
fn a_user_whose_codes_are_tried_without_end_is_handed_out_no_more_until_unlocked() {
    let fleet = Fleet::start();
    let (alice, _) = fleet.enroll("alice");
    let host = fleet.engine("web1");
    // Both hours, if one ends on the way.
    fleet.server.sql(
        "update countersign.counter set in_hour = 600, hour = floor(extract(epoch from clock_timestamp()) / 3600)",
    );
    let refused = fleet.wait(host.attempt(&alice));
    assert_eq!(refused, Err(EngineError::UserLimited));
    let unlocked = fleet
        .server
        .try_sql("desk", "select countersign.unlock('main', 'alice')");
    assert_eq!(unlocked.as_deref(), Ok("t"));
    assert!(fleet.wait(host.attempt(&alice)).is_ok());
}

#[test]
fn nothing_that_a_swap_compares_may_be_null() {
    let fleet = Fleet::start();
    let (_alice, version) = fleet.enroll("alice");
    let step = now(&fleet.server);
    let swap = |what: String| {
        let sql = format!(
            "select verdict from countersign.swap('main', 'alice', {what}, gen_random_uuid())"
        );
        fleet.server.try_sql("web1", &sql)
    };
    let version = version.get();
    let accepted = swap(format!("{version}, 'sealed', 'accepted', 7, {step}"));
    assert_eq!(accepted.as_deref(), Ok("done"));
    let next = version + 1;
    for what in [
        format!("null, 'sealed', 'accepted', 7, {step}"),
        format!("{next}, 'sealed', null, 7, {step}"),
        format!("{next}, 'sealed', 'accepted', 7, null"),
        format!("{next}, 'sealed', 'accepted', null, {step}"),
    ] {
        let refused = swap(what.clone()).unwrap_err();
        assert!(refused.contains("a swap is accepted"), "{what}: {refused}");
    }
    let again = swap(format!("{next}, 'sealed', 'accepted', 7, {step}"));
    assert_eq!(again.as_deref(), Ok("spent"), "the step is remembered");
}

#[test]
fn names_without_a_record_do_not_use_the_budget_up() {
    let fleet = Fleet::start();
    let (alice, _) = fleet.enroll("alice");
    let host = fleet.engine("web1");
    fleet
        .server
        .sql("update countersign.host set budget = 20 where name = 'web1'");
    for number in 0..50 {
        let nobody = user(&format!("nobody{number}"));
        assert!(fleet.wait(host.load(&nobody)).is_ok());
        assert!(fleet.wait(host.attempt(&nobody)).is_ok());
    }
    assert!(fleet.wait(host.load(&alice)).is_ok());
}

#[test]
fn who_becomes_a_host_again_administers_no_more() {
    let fleet = Fleet::start();
    fleet
        .server
        .sql("select countersign.add_host('desk', '{main}')");
    let forbidden = fleet.wait(fleet.engine("desk").list(None, 10));
    assert!(
        matches!(forbidden, Err(EngineError::Forbidden { .. })),
        "{forbidden:?}"
    );
}

#[test]
fn an_administrators_role_lists_unlocks_and_disables() {
    let fleet = Fleet::start();
    let (alice, version) = fleet.enroll("alice");
    let forbidden = fleet.wait(fleet.engine("web1").list(None, 10));
    assert!(
        matches!(forbidden, Err(EngineError::Forbidden { .. })),
        "{forbidden:?}"
    );
    let desk = fleet.engine("desk");
    let listed = fleet.listed(&desk).unwrap();
    assert_eq!(listed, [(alice.clone(), version, b"sealed".to_vec())]);
    let host = fleet.engine("web1");
    let step = now(&fleet.server);
    let far = accepted_at(step + 800);
    let pushed = fleet.wait(host.swap(&alice, version, Some(b"new"), far));
    let Ok(Swapped::Done(version)) = pushed else {
        panic!("{pushed:?}")
    };
    let sql = |sql| fleet.server.try_sql("desk", sql).unwrap();
    assert_eq!(sql("select countersign.unlock('main', 'alice')"), "t");
    let swap = fleet.wait(host.swap(&alice, version, Some(b"new"), accepted_at(step)));
    assert!(matches!(swap, Ok(Swapped::Done(_))), "{swap:?}");
    assert_eq!(sql("select countersign.disable('main', 'alice')"), "t");
    assert_eq!(sql("select countersign.disable('main', 'alice')"), "f");
    assert_eq!(fleet.wait(host.load(&alice)).unwrap().record, None);
    assert_eq!(fleet.listed(&desk).unwrap(), []);
}

#[test]
fn how_things_stand_is_told_to_the_host_that_asks() {
    let fleet = Fleet::start();
    let ask = |engine: &Engine| fleet.wait(engine.standing(0.0)).unwrap();
    let host = ask(&fleet.engine("web1"));
    assert!(
        host.listed && !host.administers && !host.is_standby,
        "{host:?}"
    );
    assert_eq!((host.tenants, host.schema), (vec!["main".to_owned()], 1));
    assert_eq!(
        host.commit_waits,
        countersign_fleet::CommitWaits::ForTheDisk
    );
    let now = f64::from(u32::try_from(now(&fleet.server)).unwrap());
    assert!((host.clock_skew - now).abs() < 60.0, "{}", host.clock_skew);
    assert!(host.server.starts_with("PostgreSQL"), "{}", host.server);
    assert!(ask(&fleet.engine("desk")).administers);
    fleet
        .server
        .sql("update countersign.host set revoked_at = now() where name = 'web1'");
    let revoked = ask(&fleet.engine("web1"));
    assert!(!revoked.listed && revoked.tenants.is_empty(), "{revoked:?}");
}

#[test]
fn a_certificate_of_another_host_of_another_authority_or_of_the_past_is_of_no_use() {
    let fleet = Fleet::start();
    let authority = fleet.server.authority();
    let web1 = fleet.settings("web1");
    let elsewhere = tempfolder();
    let strangers = Authority::new(&elsewhere);
    for (what, identity) in [
        ("another host's", authority.issue("web2")),
        ("another authority's", strangers.issue("web1")),
        ("an expired one", authority.issue_expired("web1")),
    ] {
        let refused = fleet.refusal(&with(&web1, &identity));
        assert!(
            matches!(refused, EngineError::Rejected(_)),
            "{what}: {refused:?}"
        );
        let told = refused.to_string();
        assert!(told.contains("pg_hba.conf"), "{told}");
    }
    std::fs::remove_dir_all(elsewhere).unwrap();
}

#[test]
fn a_server_that_does_not_prove_who_it_is_is_told_nothing() {
    let fleet = Fleet::start();
    let server = &fleet.server;
    let untrusted = |settings: &Settings, why: &str| {
        let refused = fleet.refusal(settings);
        let told = refused.to_string();
        assert!(matches!(refused, EngineError::Untrusted(_)), "{told}");
        assert!(told.contains(why), "{told}");
    };
    let elsewhere = tempfolder();
    let mut settings = fleet.settings("web1");
    settings.tls.as_mut().unwrap().ca = Authority::new(&elsewhere).certificate();
    untrusted(&settings, "UnknownIssuer");

    let mut settings = fleet.settings("web1");
    let port = server.port();
    settings.urls = vec![format!(
        "postgres://web1@db.example:{port}/countersign?hostaddr=127.0.0.1"
    )];
    untrusted(&settings, "db.example");

    server.present(&server.authority().issue_expired("server"));
    server.sql("select pg_reload_conf()");
    untrusted(&fleet.settings("web1"), "expired");
    std::fs::remove_dir_all(elsewhere).unwrap();
}

#[test]
fn without_tls_nothing_is_sent() {
    let server = Postgres::start_with("ssl = off");
    let settings = settings(server.authority(), "web1", vec![server.url("web1")]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let refused = runtime.block_on(engine(&settings).0.load(&user("alice")));
    let refused = refused.unwrap_err();
    assert!(matches!(refused, EngineError::Untrusted(_)), "{refused:?}");
    assert!(refused.to_string().contains("no TLS"), "{refused}");
}

#[test]
fn a_role_that_nobody_added_is_told_so() {
    let fleet = Fleet::start();
    fleet.server.sql("create role stranger login");
    let refused = fleet.refusal(&fleet.settings("stranger"));
    assert!(matches!(refused, EngineError::Rejected(_)), "{refused:?}");
    // In the group by hand, without a row.
    fleet.server.sql("grant countersign_host to stranger");
    let refused = fleet.refusal(&fleet.settings("stranger"));
    assert_eq!(refused, EngineError::HostRefused);
}

fn tempfolder() -> std::path::PathBuf {
    let number = shared::transaction().0[15];
    let path = std::env::temp_dir().join(format!("authority-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    path
}
