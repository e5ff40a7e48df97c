import { tally } from './evidence.ts';
import type { Outcome } from './outcome.ts';
import type { Verdict } from './verdict.ts';

const marks: Record<Verdict, string> = {
  promoted: '✅',
  'no-op': '✅',
  'rolled-back': '↩️',
  superseded: '⏭️',
  'timed-out': '⏳',
  failed: '❌',
};

/** The verdict in a line, and what it rests on. */
export function outcomeMarkdown({ verdict, reason, version, evidence, smoke }: Outcome): string {
  const lines = [`### ${marks[verdict]} \`${version.endpoint}\`: ${verdict}`, '', `**${reason}**`, ''];
  if (smoke !== undefined)
    lines.push(`* smoke request: ${smoke.problem ?? `answered ${smoke.status} in ${smoke.latencyMs} ms`}`);
  if (evidence !== undefined) {
    lines.push(`* new fleet: ${tally(evidence)}${latency(evidence.p99LatencyMs)}`);
    for (const { alarm, at, reason } of evidence.firings)
      lines.push(`* alarm \`${alarm}\` at ${new Date(at).toISOString()}: ${reason}`);
    if (evidence.logTail.length > 0)
      lines.push(
        '',
        '<details><summary>Last lines of the containers</summary>',
        '',
        fenced(evidence.logTail),
        '',
        '</details>',
      );
  }
  return `${lines.join('\n')}\n`;
}

const latency = (ms: number | undefined) => (ms === undefined ? '' : `, p99 ${Math.round(ms)} ms`);

/** A fence longer than any in the text, so that a log line cannot end it. */
function fenced(lines: readonly string[]): string {
  const text = lines.join('\n');
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}
