//! A user database that errs, hangs, or answers late.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use super::*;

/// Answers by script, once it is let. Counts how often it was asked.
struct Scripted {
    asked: AtomicUsize,
    answer: Finding,
    sources: NameSources,
    /// Each look-up waits for one word, if there is somebody to say it.
    gate: Option<Mutex<Receiver<()>>>,
}

impl GroupDirectory for Scripted {
    fn find(&self, _: &UserName, _: u32, _: &GroupName) -> Finding {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if let Some(gate) = &self.gate {
            // Ends with the test, whose end of the channel is dropped.
            let _ = gate.lock().unwrap().recv();
        }
        self.answer.clone()
    }

    fn sources(&self) -> NameSources {
        self.sources.clone()
    }
}

fn remote() -> NameSources {
    NameSources::Remote(vec!["ldap".into()])
}

fn prompt(answer: Finding, sources: NameSources) -> Arc<Scripted> {
    Arc::new(Scripted {
        asked: AtomicUsize::new(0),
        answer,
        sources,
        gate: None,
    })
}

fn hanging(answer: Finding) -> (Arc<Scripted>, Sender<()>) {
    let (open, gate) = channel();
    let directory = Scripted {
        asked: AtomicUsize::new(0),
        answer,
        sources: remote(),
        gate: Some(Mutex::new(gate)),
    };
    (Arc::new(directory), open)
}

fn patient(directory: &Arc<Scripted>) -> Groups {
    Groups::new(Arc::<Scripted>::clone(directory) as Arc<dyn GroupDirectory>)
}

fn impatient(directory: &Arc<Scripted>) -> Groups {
    Groups {
        patience: Duration::from_millis(50),
        ..patient(directory)
    }
}

async fn find(groups: &Groups, user: &str, group: &str) -> Finding {
    let user = UserName::parse(user).unwrap();
    let group = GroupName::parse(group).unwrap();
    let until = Instant::now() + groups.patience;
    groups.find(&user, Some(100), &group, 0, until).await
}

fn why(finding: Finding) -> String {
    match finding {
        Finding::CannotTell(why) => why,
        told => panic!("{told:?}"),
    }
}

#[tokio::test]
async fn an_answer_from_elsewhere_serves_for_a_while_and_one_from_files_does_not() {
    let far = prompt(Finding::Member, remote());
    let groups = patient(&far);
    for _ in 0..3 {
        assert_eq!(find(&groups, "alice", "staff").await, Finding::Member);
    }
    assert_eq!(far.asked.load(Ordering::SeqCst), 1);
    find(&groups, "alice", "wheel").await;
    find(&groups, "bob", "staff").await;
    assert_eq!(far.asked.load(Ordering::SeqCst), 3);

    let near = prompt(Finding::NotMember, NameSources::Local);
    let groups = patient(&near);
    for _ in 0..3 {
        assert_eq!(find(&groups, "alice", "staff").await, Finding::NotMember);
    }
    assert_eq!(near.asked.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn an_answer_is_not_kept_for_longer_than_said() {
    let far = prompt(Finding::Member, remote());
    let groups = Groups {
        kept: Duration::ZERO,
        ..patient(&far)
    };
    find(&groups, "alice", "staff").await;
    find(&groups, "alice", "staff").await;
    assert_eq!(far.asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn an_error_is_told_and_not_taken_for_a_no() {
    let broken = prompt(Finding::CannotTell("EIO".into()), remote());
    let groups = patient(&broken);
    assert_eq!(why(find(&groups, "alice", "staff").await), "EIO");
}

#[tokio::test]
async fn a_database_that_hangs_is_given_up_and_asked_once() {
    let (stuck, _open) = hanging(Finding::Member);
    let groups = impatient(&stuck);
    assert_eq!(
        why(find(&groups, "alice", "staff").await),
        "no answer within 0 s"
    );
    // The next login does not wait for what has hung for longer than anybody waits.
    tokio::time::sleep(groups.patience).await;
    assert_eq!(
        why(find(&groups, "alice", "staff").await),
        "no answer since 0 s"
    );
    assert_eq!(stuck.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_late_answer_is_there_for_the_next_login() {
    let (slow, open) = hanging(Finding::Member);
    let groups = impatient(&slow);
    why(find(&groups, "alice", "staff").await);
    open.send(()).unwrap();
    let begun = Instant::now();
    while find(&groups, "alice", "staff").await != Finding::Member {
        assert!(begun.elapsed() < Duration::from_secs(5), "it never came");
        tokio::task::yield_now().await;
    }
    assert_eq!(slow.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn whoever_asks_meanwhile_waits_for_the_same_answer() {
    let (slow, open) = hanging(Finding::Member);
    let groups = patient(&slow);
    let both = async {
        tokio::join!(
            find(&groups, "alice", "staff"),
            find(&groups, "alice", "staff"),
            async { open.send(()).unwrap() }
        )
    };
    let (one, other, ()) = both.await;
    assert_eq!((one, other), (Finding::Member, Finding::Member));
    assert_eq!(slow.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_hangs_takes_its_places_and_no_more() {
    let (stuck, _open) = hanging(Finding::Member);
    let groups = impatient(&stuck);
    let users: Vec<_> = (0..20).map(|number| format!("user{number}")).collect();
    for user in &users {
        why(find(&groups, user, "staff").await);
    }
    assert_eq!(stuck.asked.load(Ordering::SeqCst), Groups::PLACES);
}

#[tokio::test]
async fn others_do_not_take_the_places_of_root() {
    let directory = prompt(Finding::Member, remote());
    let groups = Groups {
        for_others: Arc::new(Semaphore::new(0)),
        ..impatient(&directory)
    };
    let (alice, staff) = (
        UserName::parse("alice").unwrap(),
        GroupName::parse("staff").unwrap(),
    );
    let bob = UserName::parse("bob").unwrap();
    let until = |patience| Instant::now() + patience;
    let others = groups.find(&alice, Some(100), &staff, 1000, until(groups.patience));
    why(others.await);
    let root = groups.find(&bob, Some(100), &staff, 0, until(Groups::PATIENCE));
    assert_eq!(root.await, Finding::Member);
}

#[tokio::test]
async fn a_name_that_nobody_has_asks_nobody() {
    let alice = UserName::parse("alice").unwrap();
    let staff = GroupName::parse("staff").unwrap();
    for (sources, found) in [
        (NameSources::Local, Finding::NotMember),
        (
            remote(),
            Finding::CannotTell("the user is not found".into()),
        ),
    ] {
        let directory = prompt(Finding::Member, sources);
        let groups = impatient(&directory);
        let until = Instant::now() + groups.patience;
        let said = groups.find(&alice, None, &staff, 0, until).await;
        assert_eq!(said, found);
        assert_eq!(directory.asked.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test]
async fn more_look_ups_than_are_remembered_are_not_begun() {
    let (stuck, _open) = hanging(Finding::Member);
    let groups = Groups {
        patience: Duration::ZERO,
        ..impatient(&stuck)
    };
    for number in 0..Groups::MOST {
        why(find(&groups, &format!("user{number}"), "staff").await);
    }
    assert_eq!(
        why(find(&groups, "one-more", "staff").await),
        "too many look-ups wait for their answer"
    );

    // Answers make room.
    let prompt = prompt(Finding::Member, remote());
    let groups = patient(&prompt);
    for number in 0..=Groups::MOST {
        let found = find(&groups, &format!("user{number}"), "staff").await;
        assert_eq!(found, Finding::Member);
    }
}
