//! The schema as it is made, met in another version, and missed.

mod shared;

use countersign_fleet::migrate::{KNOWN, MigrateError, Migrated, migrate};
use countersign_fleet::{EngineError, Settings};
use shared::{Fleet, engine, patient};

#[test]
fn without_a_schema_the_host_is_told_how_to_make_one() {
    let fleet = Fleet::without_schema();
    fleet.server.sql("create role web1 login");
    let refused = fleet.refusal(&fleet.settings("web1"));
    assert_eq!(refused, EngineError::SchemaMissing);
    assert!(refused.to_string().contains("countersign store migrate"));
}

#[test]
fn a_schema_of_a_later_version_is_refused_by_hosts_and_left_alone_by_migrations() {
    let fleet = Fleet::start();
    let later = KNOWN + 1;
    fleet.server.sql(&format!(
        "insert into countersign.migration (version, name) values ({later}, 'later')"
    ));
    let newer = EngineError::SchemaNewer {
        found: later,
        known: KNOWN,
    };
    let refused = fleet.refusal(&fleet.settings("web1"));
    assert_eq!(refused, newer);
    assert!(
        refused
            .to_string()
            .contains("upgrade Countersign on this host")
    );
    let migrated = fleet.wait(migrate(&fleet.superuser()));
    assert_eq!(migrated, Err(MigrateError::Engine(newer)));
}

#[test]
fn a_schema_of_an_earlier_version_is_refused_with_the_command_that_mends_it() {
    let fleet = Fleet::start();
    fleet
        .server
        .sql("update countersign.migration set version = 0");
    let refused = fleet.refusal(&fleet.settings("web1"));
    assert_eq!(
        refused,
        EngineError::SchemaOlder {
            found: 0,
            needed: 1
        }
    );
    assert!(refused.to_string().contains("countersign store migrate"));
}

#[test]
fn migrating_again_changes_nothing() {
    let fleet = Fleet::start();
    let (alice, version) = fleet.enroll("alice");
    let again = fleet.wait(migrate(&fleet.superuser()));
    assert_eq!(
        again,
        Ok(Migrated {
            from: KNOWN,
            to: KNOWN
        })
    );
    let there = fleet.wait(fleet.engine("web1").load(&alice)).unwrap();
    assert_eq!(there.version, version);
}

#[test]
fn of_migrations_at_the_same_moment_one_does_it_and_all_succeed() {
    let fleet = Fleet::without_schema();
    let settings = fleet.superuser();
    let done = fleet.wait(async {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..6 {
            let settings = settings.clone();
            tasks.spawn(async move { migrate(&settings).await.unwrap().from });
        }
        tasks.join_all().await
    });
    let made = done.iter().filter(|from| **from == 0).count();
    assert_eq!(made, 1, "{done:?}");
}

#[test]
fn a_role_without_the_rights_for_it_makes_nothing_and_is_told_which_it_needs() {
    let fleet = Fleet::without_schema();
    fleet.server.sql("create role nobody_much login");
    let url = fleet.server.socket_url("nobody_much");
    let settings = patient(Settings::new(vec![url], "main".to_owned(), None));
    let refused = fleet.wait(migrate(&settings)).unwrap_err();
    let told = refused.to_string();
    assert!(told.contains("rights to make roles"), "{told}");
    let roles = "select count(*) from pg_roles where rolname like 'countersign%'";
    assert_eq!(fleet.server.sql(roles), "0");
}

#[test]
fn an_administrator_who_is_no_superuser_can_make_it_and_add_hosts() {
    let fleet = Fleet::without_schema();
    fleet
        .server
        .sql("create role dba login createrole; grant create on database countersign to dba");
    let url = fleet.server.socket_url("dba");
    let settings = patient(Settings::new(vec![url], "main".to_owned(), None));
    assert_eq!(fleet.wait(migrate(&settings)).map(|it| it.to), Ok(KNOWN));
    for sql in [
        "select countersign.add_tenant('main')",
        "select countersign.add_host('web1', '{main}')",
        "update countersign.host set revoked_at = null where name = 'web1'",
    ] {
        fleet
            .server
            .try_sql("dba", sql)
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    let (host, _) = engine(&fleet.settings("web1"));
    let loaded = fleet.wait(host.load(&shared::user("alice")));
    let tenant = "main".to_owned();
    assert_eq!(loaded, Err(EngineError::NotFounded { tenant }));
    let told = fleet
        .server
        .try_sql("dba", "select countersign.add_host('web2', '{main,typo}')");
    assert!(told.unwrap_err().contains("countersign.add_tenant"));
}
