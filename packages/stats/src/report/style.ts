/** The report's only style sheet: light, dark and printed. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2024; --soft: #60646c; --rule: #e0e3e7;
  --before: #b9bec6; --now: #0b68cb; --fail: #b42318; --warn: #9a5b00; --good: #18794e; }
@media (prefers-color-scheme: dark) { :root { --paper: #111315; --ink: #edeef0; --soft: #a2a7ae; --rule: #2c3035;
  --before: #535961; --now: #6cb2ff; --fail: #ff8a7d; --warn: #f2b45c; --good: #63d297; } }
body { margin: 0 auto; max-width: 46rem; padding: 2rem 1rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 0; overflow-wrap: anywhere; }
p { margin: .25rem 0; } .soft, figcaption, .none { color: var(--soft); }
section { border-top: 1px solid var(--rule); padding: 1rem 0; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
td.number, th.number { text-align: right; white-space: nowrap; } td { overflow-wrap: break-word; } caption { text-align: left; }
.scroll { overflow-x: auto; } .scroll svg { min-width: 600px; } .scroll table { min-width: 34rem; }
.verdict { font-weight: 600; white-space: nowrap; }
.fail { color: var(--fail); } .warn { color: var(--warn); } .good { color: var(--good); } .inconclusive { color: var(--soft); }
figure { margin: .75rem 0 0; } svg { width: 100%; height: auto; display: block; } figcaption { font-size: .85rem; }
svg text { font: 11px system-ui, sans-serif; fill: var(--soft); }
svg .grid line { stroke: var(--rule); }
svg .before { fill: var(--before); } svg path.now { fill: none; stroke: var(--now); stroke-width: 2; }
svg rect.now { fill: var(--now); } svg .hover { fill: transparent; } svg .hover:hover { fill: var(--ink); fill-opacity: .06; }
.key { display: inline-block; width: .9em; height: .7em; margin: 0 .3em 0 .8em; }
.key.before { background: var(--before); } .key.now { border-bottom: 3px solid var(--now); height: .4em; }
th[scope=row] { font-weight: 600; } td.number { white-space: nowrap; }
svg .name { fill: var(--ink); } svg .axis-line { stroke: var(--rule); } svg .whole { stroke: var(--soft); stroke-dasharray: 3 3; }
svg .interval { stroke-width: 3; } svg .interval.now { stroke: var(--now); } svg .interval.before { stroke: var(--soft); }
svg .point.now { fill: var(--now); stroke: none; } svg .point.before { fill: var(--soft); }
svg .curve { fill: none; stroke-width: 2; } svg .curve.now { stroke: var(--now); } svg .curve.before { stroke: var(--soft); stroke-dasharray: 6 3; }
.key.dot { width: .8em; height: .8em; border-radius: 50%; background: var(--now); }
.key.diamond { width: .65em; height: .65em; transform: rotate(45deg); background: var(--soft); }
summary { cursor: pointer; color: var(--soft); font-size: .85rem; }
@media print { .scroll > * { min-width: 0 !important; } body { max-width: none; padding: 0; font-size: 11px; } section { break-inside: avoid; }
  * { print-color-adjust: exact; } details:not([open]) { display: none; } }
`;
