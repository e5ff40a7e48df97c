import { costSection } from './cost.ts';
import { driftSection } from './drift.ts';
import type { ChapterFact, Facts } from './facts.ts';
import { count, gateSection } from './gate.ts';
import { html, table, type Html } from './html.ts';
import { lineageSection } from './lineage.ts';
import { markdownHtml } from './markdown.ts';
import { stylesheet } from './style.css.ts';
import { timelineSection } from './timeline.ts';

/** One self-contained HTML page: no script, no network, light and dark, for screen, paper and screen readers. */
export function renderReport(facts: Facts): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Tidegate: ${verdictSentence(facts)}</title>
        <style>
          ${{ html: stylesheet }}
        </style>
      </head>
      <body>
        <main>
          <h1>${verdictSentence(facts)}</h1>
          <p class="soft">${next(facts)}</p>
          ${cards(facts)} ${chapterTable(facts)} ${timelineSection(facts)} ${gateSection(facts.chapters)}
          ${commentSection(facts.chapters)} ${driftSection(facts.chapters)} ${lineageSection(facts.chapters)}
          ${costSection(facts.chapters)} ${footer(facts)}
        </main>
      </body>
    </html>`;
  return page.html.replace(/^\s+/gm, '');
}

function verdictSentence({ asExpected, requests, chapters }: Facts): string {
  const lost = requests.lost === 0 ? 'no request was lost' : `${requests.lost} requests were lost`;
  return asExpected
    ? `${chapters.length} changes came to what they should have, and ${lost}`
    : `Not every change came to what it should have; ${lost}`;
}

function next({ asExpected, chapters }: Facts): string {
  if (asExpected) return 'Next: run npx tidegate init in a model repository of your own.';
  const wrong = chapters.filter(({ verdicts, expected }) =>
    Object.entries(expected).some(([kind, verdict]) => verdicts[kind] !== verdict),
  );
  return `Look first at ${wrong.map(({ title }) => `“${title}”`).join(', ')}.`;
}

function cards({ requests, seconds, chapters }: Facts): Html {
  const card = (value: string, what: string, tone = '') =>
    html`<div class="card"><b class="${tone}">${value}</b>${what}</div>`;
  return html`<div class="cards">
    ${card(count(requests.served), 'requests answered')}
    ${card(count(requests.lost), 'requests lost', requests.lost === 0 ? 'good' : 'bad')}
    ${card(count(requests.errors), 'answered with an error, by the canary that was taken back')}
    ${card(`${Math.round(requests.p99Ms)} ms`, 'p99 at the client')}
    ${card(`${Math.round(seconds)} s`, `for ${chapters.length} changes`)}
  </div>`;
}

function chapterTable({ chapters }: Facts): Html {
  return table(
    'What became of each change',
    ['Change', 'Where', 'Verdict', 'Took', 'In a sentence'],
    chapters.map(({ title, where, verdicts, seconds, steps }, index) => [
      `${index + 1} ${title}`,
      where,
      Object.entries(verdicts).map(
        ([kind, verdict]) =>
          html`<div class="verdict">${kind} <span class="${tone(verdict)}">${verdict}</span></div>`,
      ),
      html`<span class="number">${seconds.toFixed(1)} s</span>`,
      steps
        .filter(({ action }) => /gate|deploy|drift/.test(action))
        .map(({ sentence }) => html`<div>${sentence}</div>`),
    ]),
  );
}

function tone(verdict: string): string {
  if (['pass', 'promoted', 'no-op', 'none'].includes(verdict)) return 'good';
  return ['rolled-back', 'drift', 'warn', 'superseded'].includes(verdict) ? 'warn' : 'bad';
}

/** As a reviewer reads it. */
function commentSection(chapters: readonly ChapterFact[]): Html {
  const commented = chapters.find(({ comment }) => comment !== undefined);
  if (commented?.comment === undefined) return html``;
  return html`<section aria-labelledby="comment">
    <h2 id="comment">The pull request’s one comment</h2>
    <div class="comment">${markdownHtml(commented.comment)}</div>
  </section>`;
}

function footer({ tidegate, startedAt, clockSpeed, machine }: Facts): Html {
  return html`<p class="soft">
    Tidegate ${tidegate}, ${startedAt}; Node ${machine.node}, Python ${machine.python}, ${machine.platform},
    ${machine.cpus} processors; AWS’s clock ran ×${clockSpeed}. Everything ran on this machine.
  </p>`;
}
