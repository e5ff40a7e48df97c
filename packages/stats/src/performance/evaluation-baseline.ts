import { metricsFromQuality } from '../monitor-files/model-quality.ts';
import { parseJson } from '../read/json.ts';
import { PREDICTION } from '../read/capture-payload.ts';
import { readTable } from '../read/scan.ts';
import { bytesOf, nameOf } from '../read/source.ts';
import type { Source } from '../read/source.ts';
import { numbersOf } from '../table.ts';
import type { EvaluationBaseline } from './performance.ts';

/**
 * What an evaluation left: predictions with their labels (CSV, Parquet, JSON Lines), or as .json its metrics.
 * @throws UserError for what is neither
 */
export async function readEvaluation(
  source: Source,
  {
    label = 'label',
    prediction = PREDICTION,
  }: { label?: string | undefined; prediction?: string | undefined } = {},
): Promise<EvaluationBaseline> {
  const file = nameOf(source);
  if (file?.endsWith('.json')) {
    const text = Buffer.from(await bytesOf(source)).toString('utf8');
    return { metrics: metricsFromQuality(parseJson(text, file), file) };
  }
  const table = await readTable(source, { columns: [label, prediction] });
  return { rows: { labels: numbersOf(table, label), scores: numbersOf(table, prediction) } };
}
