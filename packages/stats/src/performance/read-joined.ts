import type { Source } from '../read/source.ts';
import { nameOf } from '../read/source.ts';
import { readAnswers } from './answers.ts';
import type { AnswerOptions } from './answers.ts';
import { labelJoin } from './join-labels.ts';
import type { Joined } from './join-labels.ts';
import { readLabels } from './labels.ts';
import type { LabelOptions } from './labels.ts';

export type JoinOptions = {
  answers?: AnswerOptions | undefined;
  labels?: LabelOptions | undefined;
  /** How long labels may take, in seconds. */
  labelDelaySeconds?: number | undefined;
};

/**
 * What a model answered, and what turned out to be true. Labels in folders as `2027/06/03/13/`, as Model Monitor has them, came in that hour.
 * @throws UserError with file and row
 */
export async function readJoined(
  answers: readonly Source[],
  labels: readonly Source[],
  { labelDelaySeconds, ...options }: JoinOptions = {},
): Promise<Joined> {
  const join = labelJoin({ labelDelayMs: labelDelaySeconds && labelDelaySeconds * 1000 });
  for (const source of answers) {
    for await (const piece of readAnswers(source, options.answers)) join.addAnswers(piece);
  }
  for (const source of labels) {
    const arrivedAt = hourIn(nameOf(source) ?? '');
    for await (const piece of readLabels(source, options.labels)) join.addLabels(piece, arrivedAt);
  }
  return join.joined();
}

/** The beginning of the hour that a path names; NaN when it names none. */
function hourIn(path: string): number {
  const [, year, month, day, hour] = /(?:^|\/)(\d{4})\/(\d\d)\/(\d\d)\/(\d\d)\//.exec(path) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:00:00Z`);
}
