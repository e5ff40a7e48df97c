/** One look for screen, dark screen, phone and paper. */
export const stylesheet = `
:root { color-scheme: light dark; --ink: #1b2430; --soft: #556170; --line: #d3dae2; --ground: #fff; --panel: #f3f6f9;
  --good: #176f42; --bad: #b92c46; --warn: #8f5500; --a: #2f6fb5; --b: #d9791a; --c: #6c4fb3; --d: #14807f; --e: #8a94a3;
  --before: #b4bdc9; --link: #1d5fa8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf1; --soft: #a3afbd; --line: #36404c; --ground: #12171d; --panel: #1b232c;
  --good: #4cc38a; --bad: #ff8494; --warn: #f0b35a; --a: #6aa9ee; --b: #f2a14c; --c: #a990ee; --d: #4fc0be; --e: #77828f;
  --before: #4d5865; --link: #7db6f2; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 28px 24px 80px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 6px; } h2 { font-size: 19px; margin: 48px 0 10px; }
h3 { font-size: 15px; margin: 26px 0 6px; } p { margin: 6px 0; } ul { margin: 6px 0; padding-left: 20px; } a { color: var(--link); }
.soft { color: var(--soft); } .good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
.number, .verdict { white-space: nowrap; } .verdict span { font-weight: 600; }

table { border-collapse: collapse; width: 100%; margin: 10px 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: 13px; padding-bottom: 4px; }
th, td { text-align: left; padding: 7px 14px 7px 0; border-bottom: 1px solid var(--line); vertical-align: top; font-weight: 400; overflow-wrap: break-word; }
thead th { color: var(--soft); font-size: 13px; white-space: nowrap; } tbody th { font-weight: 600; }
code { font: 12.5px ui-monospace, 'SF Mono', Menlo, monospace; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; align-items: baseline; margin: 4px 0; } dt { color: var(--soft); font-size: 13px; } dd { margin: 0; }
details > summary { cursor: pointer; color: var(--soft); font-size: 13px; margin: 6px 0; }

.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px; margin: 18px 0 26px; }
.card { background: var(--panel); border-radius: 8px; padding: 12px 14px; font-size: 13px; } .card b { display: block; font-size: 24px; line-height: 1.3; font-weight: 600; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; font-size: 13px; margin: 8px 0; } .legend span { display: inline-flex; align-items: center; }
.legend i { flex: none; width: 12px; height: 12px; border-radius: 3px; margin-right: 7px; } .legend .mark { width: 22px; height: 16px; margin: 0 5px 0 0; }
.comment { border: 1px solid var(--line); border-radius: 8px; padding: 2px 20px 14px; } .comment h3 { font-size: 17px; } .comment sub { color: var(--soft); vertical-align: baseline; font-size: 12.5px; }

figure { margin: 0; } figcaption { color: var(--soft); font-size: 13px; } figcaption b { color: var(--ink); }
svg { display: block; width: 100%; height: auto; } svg text { fill: var(--ink); font: 12px system-ui, sans-serif; } svg .axis { fill: var(--soft); } svg .name { font-weight: 600; }
.scroll { overflow-x: auto; } .scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; } .wide { min-width: 820px; margin: 4px 0; } .plain { min-width: 560px; }
.axis-plot { width: 240px; height: 26px; } .candidate { fill: var(--a); } .live { fill: var(--b); } .required { stroke: var(--bad); stroke-width: 2; } .interval { stroke: var(--a); stroke-width: 3; opacity: .55; }
.small { display: grid; grid-template-columns: repeat(auto-fill, minmax(290px, 1fr)); gap: 22px 32px; margin: 12px 0 20px; }
.plot { position: relative; border-bottom: 1px solid var(--soft); margin-top: 4px; } .plot span { position: absolute; right: 0; top: -3px; font-size: 11.5px; } .plot svg { height: 96px; }
.before { fill: var(--before); } .now { fill: none; stroke: var(--b); stroke-width: 2; vector-effect: non-scaling-stroke; } .hover { fill: transparent; } .hover:hover { fill: var(--ink); fill-opacity: .1; }
.ends { display: flex; justify-content: space-between; font-size: 12px; padding-top: 2px; }
.categories { display: grid; grid-template-columns: max-content 1fr max-content; gap: 3px 10px; align-items: center; font-size: 12px; margin-top: 6px; font-variant-numeric: tabular-nums; }
.pair i { display: block; height: 5px; border-radius: 2px; margin: 1px 0; min-width: 1px; }

@media (max-width: 640px) {
  main { padding: 20px 16px 60px; } h1 { font-size: 22px; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 6px; }
  .cards { grid-template-columns: 1fr 1fr; }
  table:not(.plain), table:not(.plain) :is(tbody, tr, th, td, caption) { display: block; }
  table:not(.plain) thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  table:not(.plain) tr { border-bottom: 1px solid var(--line); padding: 8px 0; } table:not(.plain) :is(th, td) { border: 0; padding: 2px 0; }
  table:not(.plain) td { display: grid; grid-template-columns: 7.5em minmax(0, 1fr); } table:not(.plain) td::before { content: attr(data-of); color: var(--soft); font-size: 13px; }
  td:has(> div:empty) { display: none !important; }
}
@media print { main { max-width: none; padding: 0; } h2, h3 { break-after: avoid; } figure, tr, .card { break-inside: avoid; } .wide { min-width: 0; } .scroll { overflow: visible; }
  * { print-color-adjust: exact; } }
`;
