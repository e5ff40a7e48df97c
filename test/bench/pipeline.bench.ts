import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, type } from 'node:os';
import path from 'node:path';
import { archive } from './pipeline/archive.ts';
import { jobEnd } from './pipeline/job-end.ts';
import type { Row, Section } from './pipeline/measure.ts';
import { overhead } from './pipeline/overhead.ts';
import { ready } from './pipeline/ready.ts';
import { startUp } from './pipeline/start-up.ts';

const root = path.resolve(import.meta.dirname, '../..');
const page = path.join(root, 'docs', 'benchmarks', 'pipeline.md');

/** Measures the pipeline’s goals, each beside its peer, and writes docs/benchmarks/pipeline.md. */
export async function bench(): Promise<void> {
  execFileSync(process.execPath, [path.join(root, 'scripts', 'build.ts'), '--if-stale'], {
    stdio: 'inherit',
  });
  const sections: Section[] = [];
  for (const measured of [startUp, ready, archive, jobEnd, overhead]) {
    const section = await measured();
    console.log(`${section.title}\n${section.rows.map(line).join('\n')}\n`);
    sections.push(section);
  }
  writeFileSync(page, text(sections));
  console.log(`wrote ${path.relative(root, page)}`);
}

function line({ what, ours, peers, goal, met }: Row): string {
  const beside = peers.map((peer) => `${peer.what} ${peer.figure}`).join(', ');
  const verdict = goal === undefined ? '' : ` [goal ${goal}: ${met === true ? 'met' : 'missed'}]`;
  return `  ${what}: ${ours}${beside === '' ? '' : ` beside ${beside}`}${verdict}`;
}

function text(sections: readonly Section[]): string {
  const { version } = JSON.parse(readFileSync(path.join(root, 'lerna.json'), 'utf8')) as { version: string };
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: root,
    encoding: 'utf8',
  }).trim();
  const processors = cpus();
  return `# The pipeline, measured

Written by \`npm run bench\` (\`npm run bench -- pipeline\`); every figure and its peer come from this one run, interleaved where
both are timed. Figures are medians, with the fastest and the slowest in brackets.

* ${new Date().toISOString().slice(0, 10)}, Tidegate ${version} at ${commit}, Node ${process.version}
* ${processors.length} processors (${processors[0]?.model.trim()}), ${type()} ${release()}

${sections.map(sectionText).join('\n')}`;
}

function sectionText({ title, how, rows, missed }: Section): string {
  const cells = rows.map(({ what, ours, peers, goal, met }) => [
    what,
    ours,
    peers.map((peer) => `${peer.what}: ${peer.figure}`).join('<br>'),
    goal === undefined ? '' : `${goal} ${met === true ? '✅' : '❌'}`,
  ]);
  return `## ${title}

${how}

| | Tidegate | Beside it | Goal |
|---|---|---|---|
${cells.map((row) => `| ${row.join(' | ')} |`).join('\n')}
${missed === undefined ? '' : `\nMissed ${missed}\n`}`;
}
