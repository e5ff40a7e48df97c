import {
  categoriesOf,
  evaluatePredictions,
  evaluationReportHtml,
  METRIC_NAMES,
  numbersOf,
  type Evaluation,
  type EvaluatedMetric,
} from '@tidegate/stats';
import { dataOptions, readDataOptions } from '../data/options.ts';
import { placesOf } from '../data/places.ts';
import { readPaired, readRows } from '../data/predictions.ts';
import { printJson, writeOutput } from '../data/write-output.ts';
import { count } from '../terminal/style.ts';
import { checkStandardInput, parseAmount, parseCommandLine, parseCount, parseOneOf } from './arguments.ts';

const options = {
  format: dataOptions.format,
  schema: dataOptions.schema,
  baseline: { type: 'string', multiple: true },
  label: { type: 'string', default: 'label' },
  prediction: { type: 'string', default: 'prediction' },
  weight: { type: 'string' },
  slice: { type: 'string', multiple: true },
  metric: { type: 'string', multiple: true },
  threshold: { type: 'string' },
  confidence: { type: 'string', default: '0.95' },
  resamples: { type: 'string', default: '1000' },
  'min-samples': { type: 'string', default: '1' },
  output: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseCommandLine(args, options, [1, Infinity]);
  const { label, prediction, weight, slice = [], baseline = [], threshold, output } = values;
  const metrics = values.metric?.map((name) => parseOneOf('metric', name, METRIC_NAMES));
  const settings = {
    threshold: threshold === undefined ? undefined : parseAmount('threshold', threshold),
    confidence: parseAmount('confidence', values.confidence),
    resamples: parseCount('resamples', values.resamples),
    minSamples: parseCount('min-samples', values['min-samples']),
  };
  checkStandardInput([...positionals, ...baseline]);
  const reading = await readDataOptions(values);
  const found = await placesOf([...positionals, ...baseline]);
  const numbers = [label, prediction, ...(weight === undefined ? [] : [weight])];
  const table = await readRows(
    found.slice(0, positionals.length).flat(),
    { numbers, others: slice },
    reading,
  );
  const labels = numbersOf(table, label);
  const scores = numbersOf(table, prediction);
  const others = found.slice(positionals.length).flat();
  const evaluation = evaluatePredictions(
    { labels, scores, weights: weight === undefined ? undefined : numbersOf(table, weight) },
    {
      ...settings,
      metrics: metrics ?? usualMetrics(labels, scores),
      baseline:
        others.length === 0 ? undefined : await readPaired(others, labels, { label, prediction }, reading),
      slices: Object.fromEntries(slice.map((name) => [name, categoriesOf(table, name)])),
    },
  );
  if (output !== undefined) {
    const titles = { title: positionals.join(' '), baselineTitle: baseline.join(' ') || 'baseline' };
    writeOutput(output, evaluationReportHtml(evaluation, titles));
  }
  if (values.json) printJson(evaluation);
  else for (const line of lines(evaluation)) console.log(line);
  return 0;
}

function usualMetrics(labels: Float64Array, scores: Float64Array): readonly string[] {
  if (!labels.every((label) => label === 0 || label === 1)) return ['mae', 'rmse', 'r2', 'bias'];
  const areProbabilities = scores.every((score) => score >= 0 && score <= 1);
  return areProbabilities ? ['roc-auc', 'log-loss', 'accuracy', 'brier'] : ['roc-auc', 'average-precision'];
}

function lines({ rows, metrics, slices, confidence }: Evaluation): string[] {
  const percent = `${Number((confidence * 100).toFixed(4))} %`;
  return [
    `${count(rows)} rows, intervals of ${percent}`,
    ...metrics.map((metric) => metricLine(metric.metric, metric)),
    ...slices.flatMap(({ by, slice, rows: own, metrics: of }) => [
      `\n${by} ${slice ?? '(none)'}: ${count(own)} rows`,
      ...of.map((metric) => metricLine(`  ${metric.metric}`, metric)),
    ]),
  ];
}

function metricLine(name: string, { candidate, baseline, difference }: EvaluatedMetric): string {
  const own = `${name.padEnd(18)} ${withInterval(candidate, number)}`;
  if (!difference || !baseline) return own;
  return `${own.padEnd(54)} ${withInterval(difference, signed)} against the baseline's ${number(baseline.value)}`;
}

function withInterval(
  { value, low, high, method }: EvaluatedMetric['candidate'],
  written: (value: number) => string,
): string {
  return method === 'none' ? written(value) : `${written(value)} (${written(low)} … ${written(high)})`;
}

const number = (value: number) => Number(value.toPrecision(5)).toString();
const signed = (value: number) => `${value < 0 ? '−' : '+'}${Number(Math.abs(value).toPrecision(3))}`;
