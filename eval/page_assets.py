"""The style and the script of report.html."""

STYLE = """
:root {
  --paper: #fbfaf7; --card: #fff; --ink: #1d1c1a; --soft: #5d5a54; --line: #dedad2; --mark: #fdeeb0;
  --good: #1c6b3c; --fair: #8a5a00; --bad: #a4262c; --plot: #2b5a8c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #161614; --card: #1f1f1c; --ink: #ecebe6; --soft: #a8a59c; --line: #383732; --mark: #5c4a12;
    --good: #7cd19b; --fair: #e5b75c; --bad: #ff9a94; --plot: #7fb2e5;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 66rem; padding: 1.5rem 1rem 4rem;
  background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif;
  overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
h3 { font-size: 1.05rem; margin: .25rem 0; }
header p { margin: .25rem 0; color: var(--soft); }
.warning { color: var(--fair); font-weight: 600; }
.wide { overflow-x: auto; }
.tiles { grid-template-columns: repeat(4, 1fr); gap: .75rem; margin: 1.5rem 0 1rem; }
.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .6rem .9rem; }
.tiles dt { font-size: .85rem; }
.tiles dd { font-size: 1.5rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tiles dd + dd { font-size: .8rem; color: var(--soft); }
svg.outcomes { height: 1.4rem; border-radius: .35rem; overflow: hidden; }
.outcomes .right { fill: var(--good); } .outcomes .near { fill: var(--fair); } .outcomes .missed { fill: var(--soft); }
.outcomes .wrong, .outcomes .invented { fill: var(--bad); } .outcomes .failed { fill: var(--ink); }
.outcomes .wrong { fill-opacity: .65; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: .5rem 0 0; padding: 0;
  font-size: .9rem; color: var(--soft); }
.legend b { font-variant-numeric: tabular-nums; }
.legend .right b { color: var(--good); } .legend .near b { color: var(--fair); }
.legend .wrong b, .legend .invented b, .legend .failed b { color: var(--bad); }
table { border-collapse: collapse; width: 100%; font-size: .9rem; overflow-wrap: normal; }
th, td { padding: .3rem .6rem; text-align: start; vertical-align: top; border-bottom: 1px solid var(--line); }
tbody th { font-weight: 500; white-space: nowrap; }
thead th { vertical-align: bottom; color: var(--soft); font-weight: 500; }
tbody .group th { font-weight: 600; padding-top: 1.1rem; }
td.number { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }
thead th:nth-child(n+2) { text-align: end; }
td:last-child:not(.number) { color: var(--soft); min-width: 16rem; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 1rem; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .5rem;
  padding: .5rem 1rem 1rem; }
main > figure svg { max-width: 46rem; margin: 0 auto; }
figcaption { color: var(--soft); font-size: .85rem; }
svg { display: block; width: 100%; height: auto; font: 12px system-ui, sans-serif; }
svg text { fill: var(--soft); }
svg .label { paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; fill: var(--ink); }
svg .axis { fill: none; stroke: var(--soft); }
svg .grid { stroke: var(--line); }
svg .line, svg .ideal, svg .interval { fill: none; stroke: var(--plot); stroke-width: 2; }
svg .ideal { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 4; }
svg .dot { fill: var(--plot); fill-opacity: .85; }
svg .ring { fill: none; stroke: var(--plot); stroke-width: 2; }
details { margin: .5rem 0; font-size: .9rem; }
summary { cursor: pointer; color: var(--soft); }
details footer { color: var(--soft); font-size: .85rem; }
form { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; padding: .75rem 0;
  position: sticky; top: 0; background: var(--paper); border-bottom: 1px solid var(--line); }
form[hidden] { display: none; }
label { display: grid; gap: .15rem; font-size: .85rem; color: var(--soft); }
input, select { font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--soft);
  border-radius: .35rem; padding: .3rem .5rem; min-height: 2.25rem; max-width: min(20rem, 100%); }
output { color: var(--soft); padding: .3rem 0; }
#list { list-style: none; margin: 0; padding: 0; }
.case { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem;
  margin-top: .75rem; }
.case[hidden] { display: none; }
.line { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: 0; font-size: .85rem; color: var(--soft); }
.badge.failed, .badge.invented, .badge.missed, .badge.wrong { color: var(--bad); }
.badge.near { color: var(--fair); }
.badge.right { color: var(--good); }
.history { border-inline-start: 2px solid var(--line); padding-inline-start: .75rem; color: var(--soft); }
.history p { margin: .15rem 0; }
dl { display: grid; grid-template-columns: 5.5rem 1fr; gap: .25rem .75rem; margin: .5rem 0; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; }
.expected { margin: 0; padding: 0; list-style: none; }
.expected li + li { color: var(--soft); font-size: .9rem; }
blockquote { margin: 0 0 .35rem; }
blockquote footer { color: var(--soft); font-size: .85rem; }
mark { background: var(--mark); color: inherit; border-radius: .15rem; }
.error { color: var(--bad); }
.tags { display: flex; flex-wrap: wrap; gap: .25rem .5rem; list-style: none; margin: 0; padding: 0;
  font-size: .8rem; color: var(--soft); }
.tags li { border: 1px solid var(--line); border-radius: 1rem; padding: 0 .5rem; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem;
  font-size: .85rem; }
@media (max-width: 36rem) {
  .measures thead { display: none; }
  .measures tr { display: grid; grid-template-columns: 1fr auto auto; border-bottom: 1px solid var(--line); }
  .measures th, .measures td { border: 0; padding-inline: .25rem; white-space: normal; }
  .measures td:last-child { grid-column: 1 / -1; min-width: 0; padding-top: 0; }
  .tiles { grid-template-columns: repeat(2, 1fr); } .tiles dd { margin-bottom: 0; }
  form { position: static; } label { flex: 1 1 40%; min-width: 0; } input, select { width: 100%; }
  dl { grid-template-columns: 1fr; } dd { margin-bottom: .35rem; }
}
@media print { form { display: none; } .case { break-inside: avoid; } }
"""

SCRIPT = """
const form = document.getElementById("filter");
const cases = [...document.querySelectorAll(".case")];
function filter() {
  const words = form.words.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let count = 0;
  for (const item of cases) {
    const text = item.textContent.toLowerCase();
    item.hidden = !(
      words.every(word => text.includes(word)) &&
      (!form.outcome.value || item.dataset.outcome === form.outcome.value) &&
      (!form.tag.value || JSON.parse(item.dataset.tags).includes(form.tag.value))
    );
    count += !item.hidden;
  }
  form.querySelector("output").textContent = `${count} of ${cases.length}`;
}
form.hidden = false;
form.addEventListener("input", filter);
form.addEventListener("submit", event => event.preventDefault());
filter();
"""
