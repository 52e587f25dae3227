#!/bin/bash
# In a whole machine, whose clock is its own: set back and forward by an hour. Bob has one app, and goes in by su.
# shellcheck source-path=SCRIPTDIR source=inside.sh
. "$(dirname "$0")/inside.sh"
wrong='That code is not right.' used='That code was used already: wait for the next one.'
set_clock() { date -s "$1" >/dev/null; }
doctor_wonders() { countersign doctor | tr -s '[:space:]' ' ' | grep 'The last code of bob was accepted at a time that is still to come'; }

check 'stacks ask' countersign pam enable su sudo login
check 'bob comes in' door in su bob
check 'his code is used' door refused su bob --codes used

check 'the clock is set back an hour' set_clock '1 hour ago'
check 'the used code lets nobody in' door refused su bob --codes used --says "$wrong"
from_now
check 'neither does what the app shows by that clock' door refused su bob --codes now --says "$used"
check 'the log of the service says so' logged 'countersignd.* verify user="bob" service="su.*: used'
check 'doctor says that a code was accepted at a time to come' doctor_wonders

check 'the clock is right again' set_clock '1 hour'
check 'the used code still lets nobody in' door refused su bob --codes used
check 'doctor says nothing of it' not doctor_wonders
check 'bob comes in with the next' door in su bob

check 'the clock is set forward an hour' set_clock '1 hour'
check 'bob comes in, by that clock' door in su bob
check 'the clock is right again' set_clock '1 hour ago'
check 'the code of the hour to come lets nobody in' door refused su bob --codes used --says "$wrong"
check 'what the app shows was used, as it seems' door refused su bob --codes now --says "$used"
check 'doctor says why' doctor_wonders
check 'an administrator unlocks him' countersign unlock bob
check 'bob comes in' door in su bob --codes now
check 'his code is used' door refused su bob --codes used
check 'doctor says nothing of it any more' not doctor_wonders
summary
