import {
  compare,
  evaluateMetrics,
  METRIC_NAMES,
  numbersOf,
  readTable,
  type MetricName,
} from '@tidegate/stats';
import { UserError } from '../terminal/errors.ts';
import { parseCommandLine } from './arguments.ts';

const usual: readonly MetricName[] = ['roc-auc', 'log-loss', 'accuracy', 'brier'];

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(
    args,
    {
      baseline: { type: 'string' },
      label: { type: 'string', default: 'label' },
      prediction: { type: 'string', default: 'prediction' },
      metric: { type: 'string', multiple: true },
      json: { type: 'boolean', default: false },
    },
    [1, 1],
  );
  const names = (values.metric ?? usual).map(metricNamed);
  const candidate = await read(positionals[0]!, values);
  const metrics = evaluateMetrics(candidate, names);
  const baseline = values.baseline === undefined ? undefined : await read(values.baseline, values);
  if (baseline !== undefined && !sameLabels(candidate.labels, baseline.labels)) {
    throw new UserError(
      `${positionals[0]!} and ${values.baseline!} do not hold the same labels in the same order, so they cannot be paired`,
    );
  }
  const rows = names.map((name) => ({
    metric: name,
    value: metrics[name].value,
    ...(baseline === undefined
      ? {}
      : {
          difference: compare(
            { labels: candidate.labels, candidate: candidate.scores, baseline: baseline.scores },
            name,
          ),
        }),
  }));
  if (values.json) console.log(JSON.stringify({ rows: candidate.labels.length, metrics: rows }, null, 2));
  else {
    console.log(`${candidate.labels.length.toLocaleString('en-US')} rows`);
    for (const { metric, value, difference } of rows) {
      const beside =
        difference === undefined
          ? ''
          : `  ${signed(difference.difference)} against the baseline (95 % ${signed(difference.low)} … ${signed(difference.high)})`;
      console.log(`${metric.padEnd(12)} ${value.toPrecision(6)}${beside}`);
    }
  }
  return 0;
}

async function read(
  file: string,
  columns: { label: string; prediction: string },
): Promise<{ labels: Float64Array; scores: Float64Array }> {
  const table = await readTable({ file });
  return {
    labels: numbersOf(table, columns.label),
    scores: numbersOf(table, columns.prediction),
  };
}

function metricNamed(name: string): MetricName {
  const found = METRIC_NAMES.find((each) => each === name);
  if (found === undefined) throw new UserError(`--metric ${name} is not one of ${METRIC_NAMES.join(', ')}`);
  return found;
}

function sameLabels(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((label, row) => label === b[row]);
}

const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toPrecision(3)}`;
