import type { ChapterFact } from './facts.ts';
import { gateOf } from './gate.ts';
import { html, table, type Html } from './html.ts';

/** What it would have cost on AWS, and what it would cost a month; the demo itself costs nothing. */
export function costSection(chapters: readonly ChapterFact[]): Html {
  const judged = chapters.flatMap((chapter) => {
    const report = gateOf(chapter);
    return report === undefined ? [] : [{ chapter, report }];
  });
  if (judged.length === 0) return html``;
  return html`<section aria-labelledby="cost">
    <h2 id="cost">What it would cost on AWS</h2>
    ${table(
      'On-demand prices of us-east-1, from Tidegate’s dated table; the demo itself costs nothing',
      ['Commit', 'Training', 'Evaluation', 'Endpoint a month'],
      judged.map(({ chapter, report }) => [
        chapter.title,
        report.training?.reused === true ? 'reused' : usd(report.training?.costUsd),
        usd(report.evaluationCostUsd),
        usd(report.monthly?.candidateUsd),
      ]),
    )}
  </section>`;
}

function usd(amount: number | null | undefined): string {
  if (amount === null || amount === undefined) return 'not known';
  return `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: amount < 0.1 ? 4 : 2 })}`;
}
