//! Looks through the snapshot after a start, which itself reads its index only: what is damaged is told
//! of before somebody is refused over it.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use super::base::Base;
use super::compaction::Beside;
use super::notice::{Notice, Report};

/// How many blocks are read before others have the disk again.
const SLICE: usize = 32;
/// How many damaged blocks have a line each in the log.
const TOLD: usize = 8;

/// Reads every block once, as long as the snapshot is in use.
pub(super) fn scrub(base: &Weak<Base>, beside: &dyn Beside, report: &Report) {
    let (mut damaged, mut block) = (0, 0);
    loop {
        let begun = Instant::now();
        let Some(base) = base.upgrade() else { break };
        let end = base.index.blocks().min(block + SLICE);
        for number in block..end {
            let Err(unreadable) = base.rows(number) else {
                continue;
            };
            damaged += 1;
            if damaged <= TOLD {
                report(Notice::Damaged {
                    offset: unreadable.offset,
                    from: unreadable.first,
                    reason: unreadable.reason,
                });
            }
        }
        block = end;
        if block == base.index.blocks() {
            break;
        }
        drop(base);
        // Nobody waits for this.
        beside.rest(4 * begun.elapsed().max(Duration::from_micros(100)));
    }
    if damaged > TOLD {
        report(Notice::MoreDamaged {
            blocks: damaged - TOLD,
        });
    }
}

/// Begins that beside everything else.
pub(super) fn begin(base: &Arc<Base>, beside: &Arc<dyn Beside>, report: &Report) {
    let (base, its_beside, report) = (Arc::downgrade(base), Arc::clone(beside), Arc::clone(report));
    // Without a thread for it, damage is found when somebody meets it.
    let _ = beside.run(
        "store-scrub",
        Box::new(move || scrub(&base, &*its_beside, &report)),
    );
}
