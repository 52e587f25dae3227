use super::{Network, Rule};

impl Rule {
    /// Does this rule match every login that the other one does, so that behind it the other is never
    /// reached?
    fn covers(&self, other: &Self) -> bool {
        let networks = match (&self.networks, &other.networks) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(wide), Some(narrow)) => {
                let inside = |range: &Network| wide.iter().any(|it| it.covers(range));
                narrow.iter().all(inside)
            }
        };
        let local = match (self.local, other.local) {
            (None, _) => true,
            (Some(one), Some(another)) => one == another,
            // Whoever comes from a network is not local.
            (Some(local), None) => !local && other.networks.is_some(),
        };
        networks
            && local
            && covers(self.users.as_ref(), other.users.as_ref())
            && covers(self.groups.as_ref(), other.groups.as_ref())
            && covers(self.services.as_ref(), other.services.as_ref())
    }
}

fn covers<T: PartialEq>(wide: Option<&Vec<T>>, narrow: Option<&Vec<T>>) -> bool {
    match (wide, narrow) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(wide), Some(narrow)) => narrow.iter().all(|it| wide.contains(it)),
    }
}

/// The first of the earlier rules that matches whatever this one does. Both are counted from 0.
pub fn covered_by(rules: &[Rule], rule: usize) -> Option<usize> {
    let (earlier, rest) = rules.split_at_checked(rule)?;
    let rule = rest.first()?;
    earlier.iter().position(|it| it.covers(rule))
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{ANY, groups, networks, services, users};
    use super::*;

    #[test]
    fn a_rule_that_matches_less_than_an_earlier_one_is_never_reached() {
        let alice = Rule {
            users: users(&["alice"]),
            ..ANY
        };
        let two = Rule {
            users: users(&["alice", "bob"]),
            ..ANY
        };
        let wheel = Rule {
            groups: groups(&["wheel"]),
            ..ANY
        };
        let sshd = Rule {
            services: services(&["sshd"]),
            ..alice.clone()
        };
        let far = Rule {
            local: Some(false),
            ..ANY
        };
        let near = Rule {
            local: Some(true),
            ..ANY
        };
        let wide = Rule {
            networks: networks(&["10.0.0.0/8", "::/0"]),
            ..ANY
        };
        let narrow = Rule {
            networks: networks(&["10.1.0.0/16"]),
            ..ANY
        };
        for (earlier, later, is_covered) in [
            (&ANY, &ANY, true),
            (&ANY, &sshd, true),
            (&two, &alice, true),
            (&alice, &two, false),
            (&alice, &sshd, true),
            (&sshd, &alice, false),
            (&alice, &ANY, false),
            (&wheel, &alice, false),
            (&wheel, &wheel, true),
            (&far, &narrow, true),
            (&near, &narrow, false),
            (&near, &far, false),
            (&wide, &narrow, true),
            (&narrow, &wide, false),
            (&wide, &far, false),
        ] {
            let rules = [earlier.clone(), later.clone()];
            let covered = covered_by(&rules, 1);
            assert_eq!(covered, is_covered.then_some(0), "{earlier:?} {later:?}");
        }
        assert_eq!(covered_by(&[alice.clone(), two, alice], 2), Some(0));
        assert_eq!(covered_by(&[ANY], 0), None);
        assert_eq!(covered_by(&[ANY], 1), None);
    }
}
