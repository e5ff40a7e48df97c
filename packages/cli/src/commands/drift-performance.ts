import { performanceDrift, readEvaluation, readJoined, type PerformanceReport } from '@tidegate/stats';
import { placesOf, type Place } from '../data/places.ts';
import { readPlaces } from '../data/read-places.ts';
import { parseAmount, parseCount, UsageError } from './arguments.ts';

export const labelOptions = {
  labels: { type: 'string', multiple: true },
  evaluation: { type: 'string' },
  id: { type: 'string' },
  label: { type: 'string' },
  prediction: { type: 'string' },
  'label-delay': { type: 'string' },
} as const;

type Given = {
  [name in Exclude<keyof typeof labelOptions, 'labels'>]?: string | undefined;
} & { labels?: string[] | undefined; 'min-samples': string };

type Truth = { labels: Place[]; evaluation: Place };

/** The places of labels and of the evaluation; undefined where none are given. @throws UserError, before anything is read */
export async function findTruth(
  { labels, evaluation }: Given,
  answers: readonly Place[],
): Promise<Truth | undefined> {
  if (labels === undefined && evaluation === undefined) return undefined;
  if (labels === undefined || evaluation === undefined)
    throw new UsageError(
      '--labels and --evaluation are given together: what is true now, and what it is compared with',
    );
  if (answers.some(({ bytes }) => bytes === undefined))
    throw new UsageError(
      'answers are read once for drift and once for their labels, so they cannot come from standard input',
    );
  const [found = [], ...truth] = await placesOf([evaluation, ...labels]);
  if (found.length !== 1)
    throw new UsageError(`--evaluation ${evaluation} is ${found.length} files; one is needed`);
  return { labels: truth.flat(), evaluation: found[0]! };
}

/** What the model answered in the current data, where the truth is known, beside what its evaluation said. */
export async function readPerformance(
  { labels, evaluation }: Truth,
  values: Given,
  answers: readonly Place[],
): Promise<PerformanceReport> {
  const { id, label, prediction, 'label-delay': delay } = values;
  const sources = (places: readonly Place[]) => places.map(({ source }) => source);
  const joined = await readPlaces('answers and labels', [...answers, ...labels], (progress) =>
    readJoined(sources(answers), sources(labels), {
      answers: { id, prediction, progress },
      labels: { id, label, progress },
      labelDelaySeconds: delay === undefined ? undefined : parseAmount('label-delay', delay),
    }),
  );
  const baseline = await readEvaluation(evaluation.source, { label, prediction });
  return performanceDrift(joined, baseline, { minSamples: parseCount('min-samples', values['min-samples']) });
}
