import { writeFile } from 'node:fs/promises';
import { drift, driftReportHtml, driftSummary, filesIn, MEASURES, profileFiles } from '@tidegate/stats';
import { UserError } from '../terminal/errors.ts';
import { showProgress } from '../terminal/progress.ts';
import { mark } from '../terminal/style.ts';
import { parseCommandLine, parsePositive } from './arguments.ts';

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(
    args,
    {
      measure: { type: 'string', default: 'psi' },
      warn: { type: 'string', default: '0.1' },
      fail: { type: 'string', default: '0.2' },
      'min-samples': { type: 'string', default: '1000' },
      output: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
    [2, 2],
  );
  const measure = MEASURES.find((each) => each === values.measure);
  if (measure === undefined)
    throw new UserError(`--measure ${values.measure} is not one of ${MEASURES.join(', ')}`);
  const progress = showProgress(process.stderr);
  const profiles = [];
  for (const place of positionals) {
    progress.now(`reading ${place}`);
    profiles.push(await profileFiles(await filesIn(place)));
  }
  progress.end();
  const report = drift(profiles[0]!, profiles[1]!, {
    measure,
    warn: parsePositive('warn', values.warn),
    fail: parsePositive('fail', values.fail),
    minSamples: parsePositive('min-samples', values['min-samples']),
  });
  if (values.output !== undefined) await writeFile(values.output, driftReportHtml(report));
  if (values.json) console.log(JSON.stringify(report, null, 2));
  else {
    for (const { name, verdict, reason } of report.features) {
      console.log(
        `${mark(verdict === 'none' ? 'good' : verdict === 'fail' ? 'bad' : 'note')} ${name.padEnd(28)} ${reason}`,
      );
    }
    console.log(`\n${driftSummary(report)}`);
  }
  return report.verdict === 'fail' || report.verdict === 'inconclusive' ? 1 : 0;
}
