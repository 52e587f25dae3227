//! Tests of Countersign through its bus, through PAM and through the real programs.
