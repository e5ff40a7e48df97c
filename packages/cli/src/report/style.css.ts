/** One look for screen, dark screen and paper. */
export const stylesheet = `
:root { color-scheme: light dark; --ink: #1b2430; --soft: #5b6775; --line: #d9dfe6; --ground: #fff; --panel: #f6f8fa;
  --good: #1a7f4b; --bad: #c4314b; --warn: #a86400; --a: #2f6fb5; --b: #e08a1e; --c: #6c4fb3; --d: #198a8a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf1; --soft: #9aa6b4; --line: #323b46; --ground: #12171d; --panel: #1a2129;
  --good: #4cc38a; --bad: #ff7b8e; --warn: #f0b35a; --a: #6aa9ee; --b: #f2b25c; --c: #a990ee; --d: #56c7c7; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 28px 24px 80px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 6px; } h2 { font-size: 19px; margin: 44px 0 10px; } h3 { font-size: 15px; margin: 22px 0 6px; }
p { margin: 6px 0; } .soft { color: var(--soft); } .good { color: var(--good); } .bad { color: var(--bad); } .warn { color: var(--warn); }
table { border-collapse: collapse; width: 100%; margin: 10px 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: 13px; padding-bottom: 4px; }
th, td { text-align: left; padding: 6px 10px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; font-weight: 400; overflow-wrap: anywhere; }
thead th { color: var(--soft); font-size: 13px; }
svg { display: block; width: 100%; height: auto; margin: 8px 0; } svg text { fill: var(--ink); font: 12px system-ui, sans-serif; } svg .axis { fill: var(--soft); }
figure { margin: 0; } figcaption { color: var(--soft); font-size: 13px; }
details > summary { cursor: pointer; color: var(--soft); font-size: 13px; margin: 6px 0; }
code { font: 13px ui-monospace, 'SF Mono', Menlo, monospace; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 10px; margin: 18px 0; }
.card { background: var(--panel); border-radius: 8px; padding: 12px 14px; } .card b { display: block; font-size: 22px; font-weight: 600; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 13px; } .legend i { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin-right: 6px; }
.comment { border: 1px solid var(--line); border-radius: 8px; padding: 4px 16px; white-space: pre-wrap; font: 13px/1.5 ui-monospace, monospace; overflow-x: auto; }
.small { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); gap: 8px 28px; }
@media print { main { max-width: none; padding: 0; } h2 { break-after: avoid; } figure, table { break-inside: avoid; } details { display: block; } }
`;
