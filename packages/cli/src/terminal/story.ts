import type { Chapter } from '../demo/scenario.ts';
import type { ChapterFact, Facts, StepFact } from '../report/facts.ts';
import { count, elapsed, mark, style } from './style.ts';

const shortNames: Record<string, string> = {
  'sagemaker-train': 'train',
  'evaluate-gate': 'gate',
  'build-inference-image': 'image',
  'register-model': 'register',
  'deploy-target': 'deploy',
  'setup-model-monitor': 'monitor',
  'check-drift': 'drift',
};

export function chapterHeading({ title, where, word }: Chapter, number: number): string {
  const heading = word === undefined ? `commit ${number}  "${title}"` : word;
  return `${style.bold(heading.padEnd(52))}${style.dim(where)}`;
}

export function stepLine({ action, conclusion, seconds, sentence }: StepFact): string {
  const name = (shortNames[action] ?? action).padEnd(9);
  return `  ${name} ${mark(outcomeOf(conclusion, sentence))} ${elapsed(seconds * 1000).padStart(7)}  ${sentence}`;
}

function outcomeOf(conclusion: string, sentence: string): Parameters<typeof mark>[0] {
  if (sentence.startsWith('rolled-back')) return 'back';
  if (sentence.startsWith('drift')) return 'note';
  return conclusion === 'success' ? 'good' : 'bad';
}

/** The verdicts, the requests and where to read on. */
export function summaryTable(facts: Facts, report: string): string[] {
  const rows = facts.chapters.map((chapter) => [
    chapter.title,
    verdictText(chapter),
    elapsed(chapter.seconds * 1000),
  ]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const { served, errors, lost, resent, p99Ms } = facts.requests;
  return [
    '',
    ...rows.map(([title, verdict, took], index) => {
      const wrong = Object.entries(facts.chapters[index]!.expected).filter(
        ([kind, verdict]) => facts.chapters[index]!.verdicts[kind] !== verdict,
      );
      const note =
        wrong.length === 0
          ? ''
          : style.red(`  expected ${wrong.map(([kind, verdict]) => `${kind} ${verdict}`).join(', ')}`);
      return `${title!.padEnd(widths[0]!)}  ${verdict!.padEnd(widths[1]!)}  ${took!.padStart(8)}${note}`;
    }),
    '',
    `requests    ${count(served)} served, ${count(lost)} lost, ${count(errors)} answered with an error by the canary that was taken back, ${count(resent)} sent again, p99 ${Math.round(p99Ms)} ms`,
    `time        ${elapsed(facts.seconds * 1000)}, after ${elapsed(facts.setUpSeconds * 1000)} of set-up`,
    `report      ${report}`,
  ];
}

function verdictText({ verdicts }: ChapterFact): string {
  return Object.entries(verdicts)
    .map(([kind, verdict]) => `${kind} ${verdict}`)
    .join(' · ');
}
