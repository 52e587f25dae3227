//! The picture: how long one login takes, a bar each, as SVG that reads well on light and on dark.

use std::fmt::Write;

use crate::figures::Figures;
use crate::found::{Found, GOOGLE};
use crate::table::rows;

const WIDTH: f64 = 860.0;
/// Where the bars begin: names stand before them.
const LEFT: f64 = 290.0;
/// What is kept free behind the longest bar, for its figures.
const RIGHT: f64 = 140.0;
const TOP: f64 = 84.0;
const STEP: f64 = 34.0;
const BAR: f64 = 18.0;
/// Bars that are longer than this, against google-authenticator's, are broken off: all others would be dots.
const LONGEST: f64 = 2.4;

/// A browser takes the dark colours where the reader has a dark screen; whatever else shows it, the light ones.
const STYLE: &str = "
    .card { fill: #ffffff; stroke: #d5dbe1 }
    text { font-family: system-ui, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', sans-serif; fill: #24303c; font-size: 13px }
    .title { font-size: 18px; font-weight: 600 }
    .faint { fill: #5b6875; font-size: 12px }
    .strong { font-weight: 600 }
    .grid { stroke: #e4e9ee }
    .mark { stroke: #b3541e; stroke-dasharray: 4 3 }
    .peer { fill: #a9b5c1 }
    .floor { fill: #d5dbe1 }
    .ours { fill: #1f7a6d }
    .refused { fill: #7fb8af }
    .tail { stroke: #5b6875; stroke-width: 1.5 }
    @media (prefers-color-scheme: dark) {
      .card { fill: #12181f; stroke: #2d3844 }
      text { fill: #e4eaf0 }
      .faint { fill: #9aa7b4 }
      .grid { stroke: #26303a }
      .mark { stroke: #f0915a }
      .peer { fill: #5d6b79 }
      .floor { fill: #3a4551 }
      .ours { fill: #3fbfac }
      .refused { fill: #2c766c }
      .tail { stroke: #9aa7b4 }
    }
";

/// Draws it.
pub fn svg(found: &Found) -> String {
    let rows = rows(found);
    let google = found.peer(GOOGLE).map_or(1000.0, |row| row.median);
    let longest = rows
        .iter()
        .map(|(_, row)| row.median.max(row.p99))
        .fold(google, f64::max)
        .min(LONGEST * google);
    let scale = (WIDTH - LEFT - RIGHT) / longest;
    let bottom = TOP + STEP * count(rows.len());
    let height = bottom + 62.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" \
         aria-labelledby=\"title\">\n<title id=\"title\">How long one login takes</title>\n<style>{STYLE}</style>\n\
         <rect class=\"card\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"10\"/>\n",
        WIDTH - 1.0,
        height - 1.0
    );
    text(&mut svg, "title", 24.0, 36.0, "How long one login takes");
    text(
        &mut svg,
        "faint",
        24.0,
        57.0,
        "bar: median; line: up to the 99th percentile; dashes: google-authenticator; each login is a process of its own",
    );
    grid(&mut svg, longest, scale, bottom);
    for (place, (name, row)) in rows.iter().enumerate() {
        bar(
            &mut svg,
            TOP + STEP * count(place),
            name,
            *row,
            longest,
            scale,
        );
    }
    let mark = LEFT + google * scale;
    line(&mut svg, "mark", (mark, TOP - 8.0), (mark, bottom));
    let machine = &found.machine;
    text(
        &mut svg,
        "faint",
        24.0,
        height - 18.0,
        &format!(
            "{} × {}, Linux {}, {}, {}; {}",
            machine.cores,
            machine.processor,
            machine.kernel,
            machine.distribution,
            machine.filesystem,
            machine.date
        ),
    );
    svg.push_str("</svg>\n");
    svg
}

fn bar(svg: &mut String, top: f64, name: &str, row: Figures, longest: f64, scale: f64) {
    let middle = top + BAR / 2.0;
    let ours = name.starts_with("Countersign");
    let class = match (ours, name.ends_with("refused")) {
        (true, true) => "refused",
        (true, false) => "ours",
        (false, _) if name.starts_with("pam_permit") => "floor",
        (false, _) => "peer",
    };
    let weight = if ours { "strong" } else { "" };
    let _ = writeln!(
        svg,
        "<text class=\"{weight}\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>",
        LEFT - 12.0,
        middle + 4.5,
        escaped(name)
    );
    let (end, tail) = (row.median.min(longest), row.p99.min(longest));
    let _ = writeln!(
        svg,
        "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{top}\" width=\"{:.1}\" height=\"{BAR}\" rx=\"3\"/>",
        end * scale
    );
    if row.median < longest {
        let (from, to) = (LEFT + end * scale, LEFT + tail * scale);
        line(svg, "tail", (from, middle), (to, middle));
        if row.p99 <= longest {
            line(svg, "tail", (to, middle - 4.0), (to, middle + 4.0));
        }
    } else {
        // Broken off: two strokes through the bar.
        for x in [LEFT + end * scale - 16.0, LEFT + end * scale - 10.0] {
            line(svg, "tail", (x, top + BAR + 3.0), (x + 5.0, top - 3.0));
        }
    }
    let behind = LEFT + tail.max(end) * scale + 10.0;
    text(svg, weight, behind, middle + 4.5, &duration(row.median));
}

fn grid(svg: &mut String, longest: f64, scale: f64, bottom: f64) {
    let step = step(longest);
    let mut at = 0.0;
    while at <= longest {
        let x = LEFT + at * scale;
        line(svg, "grid", (x, TOP - 8.0), (x, bottom));
        let _ = writeln!(
            svg,
            "<text class=\"faint\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            bottom + 16.0,
            at / 1e3
        );
        at += step;
    }
    text(
        svg,
        "faint",
        LEFT + longest * scale + 14.0,
        bottom + 16.0,
        "ms",
    );
}

/// A round number of microseconds of which a handful is in the longest.
fn step(longest: f64) -> f64 {
    let mut decade = 100.0;
    loop {
        for step in [1.0, 2.0, 5.0].map(|digit| digit * decade) {
            if longest / step <= 7.0 {
                return step;
            }
        }
        decade *= 10.0;
    }
}

fn text(svg: &mut String, class: &str, x: f64, y: f64, what: &str) {
    let what = escaped(what);
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{what}</text>"
    );
}

fn line(svg: &mut String, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
    let _ = writeln!(
        svg,
        "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
    );
}

fn duration(micros: f64) -> String {
    if micros <= 0.0 {
        "0".to_owned()
    } else if micros < 10_000.0 {
        format!("{:.2} ms", micros / 1e3)
    } else {
        format!("{:.0} ms", micros / 1e3)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[allow(clippy::cast_precision_loss, reason = "a handful of rows")]
fn count(rows: usize) -> f64 {
    rows as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::tests::found;

    #[test]
    fn every_row_has_a_bar_and_a_name_and_nothing_breaks_out_of_the_text() {
        let svg = svg(&found());
        assert_eq!(svg.matches("<rect class=\"ours\"").count(), 2);
        assert_eq!(svg.matches("<rect class=\"refused\"").count(), 2);
        assert!(svg.contains("Some CPU &lt;&amp;&gt; sons"));
        let tags = |tag: &str| svg.matches(tag).count();
        assert_eq!(tags("<text "), tags("</text>"));
    }

    #[test]
    fn a_handful_of_marks_stands_below_whatever_is_longest() {
        for longest in [300.0, 2400.0, 20_000.0, 1_000_000.0] {
            let marks = longest / step(longest);
            assert!((2.0..=7.0).contains(&marks), "{marks} for {longest}");
        }
    }

    #[test]
    fn a_bar_that_would_make_all_others_dots_is_broken_off_and_says_its_figure() {
        let mut found = found();
        found.peers[1].1.p99 = 1500.0;
        found.peers.push((
            "pam_oath, 100,000 users".to_owned(),
            Figures {
                count: 1,
                median: 34_000.0,
                p99: 43_000.0,
            },
        ));
        let svg = svg(&found);
        assert!(svg.contains(">34 ms<"));
        let widths = svg.split("width=\"").skip(1).filter_map(|rest| {
            let (number, _) = rest.split_once('"')?;
            number.parse::<f64>().ok()
        });
        assert!(widths.fold(0.0, f64::max) <= WIDTH);
    }
}
