use std::fmt::Write;

use super::constants::Measured;
use super::paper::Paper;

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 460.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 92.0;
const TOP: f64 = 84.0;
const BOTTOM: f64 = 76.0;
/// Between which times the picture goes, in microseconds. Each line of the grid is ten times the one below.
const LEAST: f64 = 1_000.0;
const MOST: f64 = 1_000_000.0;

const STYLE: &str = "
    .card { fill: #ffffff; stroke: #d5dbe1 }
    text { font-family: system-ui, 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', sans-serif; fill: #24303c; font-size: 13px }
    .title { font-size: 18px; font-weight: 600 }
    .faint { fill: #5b6875; font-size: 12px }
    .grid { stroke: #e4e9ee }
    .curve { fill: none; stroke: #1f7a6d; stroke-width: 2.5; stroke-linejoin: round }
    .mark { stroke: #b3541e; stroke-dasharray: 4 3 }
    @media (prefers-color-scheme: dark) {
      .card { fill: #12181f; stroke: #2d3844 }
      text { fill: #e4eaf0 }
      .faint { fill: #9aa7b4 }
      .grid { stroke: #26303a }
      .curve { stroke: #3fbfac }
      .mark { stroke: #f0915a }
    }
";

/// The slowest of a hundred logins at the store, over how many come in a second, a curve for each number of cores.
pub fn svg(paper: &Paper, measured: &Measured) -> String {
    let last = |(_, curve): &(usize, Vec<(f64, super::Ran)>)| curve.last().map(|it| it.0);
    let most = paper.curves.iter().filter_map(last).fold(1.0, f64::max) * 1.02;
    let x = |rate: f64| LEFT + rate / most * (WIDTH - LEFT - RIGHT);
    let y = |micros: f64| {
        let part = (micros.clamp(LEAST, MOST) / LEAST).ln() / (MOST / LEAST).ln();
        HEIGHT - BOTTOM - part * (HEIGHT - TOP - BOTTOM)
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"title\">\n\
         <title id=\"title\">How long a login takes at the shared store</title>\n<style>{STYLE}</style>\n\
         <rect class=\"card\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"10\"/>\n",
        WIDTH - 1.0,
        HEIGHT - 1.0
    );
    text(
        &mut svg,
        "title",
        "start",
        (24.0, 36.0),
        "How long a login takes at the shared store",
    );
    let what = "99 of 100 logins take no longer, over logins a second; simulated from measured constants, by cores of the server";
    text(&mut svg, "faint", "start", (24.0, 57.0), what);
    let mut micros = LEAST;
    while micros <= MOST {
        line(
            &mut svg,
            "grid",
            (LEFT, y(micros)),
            (WIDTH - RIGHT, y(micros)),
        );
        let label = format!("{:.0} ms", micros / 1e3);
        text(
            &mut svg,
            "faint",
            "end",
            (LEFT - 8.0, y(micros) + 4.0),
            &label,
        );
        micros *= 10.0;
    }
    let step = if most > 20_000.0 { 5_000.0 } else { 2_000.0 };
    let mut rate = 0.0;
    while rate <= most {
        line(&mut svg, "grid", (x(rate), TOP), (x(rate), HEIGHT - BOTTOM));
        text(
            &mut svg,
            "faint",
            "middle",
            (x(rate), HEIGHT - BOTTOM + 18.0),
            &format!("{rate:.0}"),
        );
        rate += step;
    }
    let asked = x(super::paper::RATE);
    line(
        &mut svg,
        "mark",
        (asked, TOP - 6.0),
        (asked, HEIGHT - BOTTOM),
    );
    for (cores, curve) in &paper.curves {
        let mut points = String::new();
        for (rate, ran) in curve {
            let _ = write!(points, "{:.1},{:.1} ", x(*rate), y(ran.took.p99));
        }
        let _ = writeln!(
            svg,
            "<polyline class=\"curve\" points=\"{}\"/>",
            points.trim_end()
        );
        if let Some((rate, ran)) = curve.last() {
            let at = (x(*rate) + 5.0, y(ran.took.p99) + 4.0);
            text(&mut svg, "", "start", at, &format!("{cores} cores"));
        }
    }
    let machine = &measured.machine;
    let made_of = format!(
        "constants of {} × {}, {}; {}",
        machine.cores, machine.processor, measured.server, machine.date
    );
    text(&mut svg, "faint", "start", (24.0, HEIGHT - 20.0), &made_of);
    svg.push_str("</svg>\n");
    svg
}

fn text(svg: &mut String, class: &str, anchor: &str, (x, y): (f64, f64), what: &str) {
    let what = what
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let _ = writeln!(
        svg,
        "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{what}</text>"
    );
}

fn line(svg: &mut String, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
    let _ = writeln!(
        svg,
        "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
    );
}

#[cfg(test)]
mod tests {
    use super::super::agreement::tests::measured;
    use super::*;

    #[test]
    fn every_number_of_cores_has_a_curve_that_stays_in_the_picture() {
        let mut measured = measured();
        measured.machine.processor = "Some CPU <&> sons".to_owned();
        let svg = svg(&Paper::of(&measured, 500), &measured);
        assert_eq!(
            svg.matches("<polyline").count(),
            super::super::paper::CORES.len()
        );
        assert!(svg.contains("Some CPU &lt;&amp;&gt; sons"));
        for points in svg.split("points=\"").skip(1) {
            let points = points.split('"').next().unwrap();
            for point in points.split(' ') {
                let (x, y) = point.split_once(',').unwrap();
                let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
                assert!((LEFT..=WIDTH - RIGHT).contains(&x), "{point}");
                assert!((TOP..=HEIGHT - BOTTOM).contains(&y), "{point}");
            }
        }
    }
}
