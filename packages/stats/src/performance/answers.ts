import { PREDICTION, predictionRows } from '../read/capture-payload.ts';
import { openSource } from '../read/format.ts';
import { parseLine } from '../read/json-lines.ts';
import { eachLine, wholeLines } from '../read/lines.ts';
import { scanOpened } from '../read/scan.ts';
import type { ReadOptions } from '../read/scan.ts';
import { nameOf } from '../read/source.ts';
import type { Source } from '../read/source.ts';
import { columnOf } from '../table.ts';
import { UserError } from '../user-error.ts';
import { idsOf, memberOf, numberOf } from './values.ts';

/** What a model answered to one request: a number for each instance, NaN where it answered none. */
export type Answer = { id: string; at: number; scores: number[] };

export type AnswerOptions = ReadOptions & {
  /** The columns of data that are no captures; "eventId" and "prediction" when absent. */
  id?: string | undefined;
  prediction?: string | undefined;
};

/**
 * The answers of captured requests, by their inferenceId or else eventId, or of rows that have an id of their own, in pieces.
 * @throws UserError with file and row
 */
export async function* readAnswers(source: Source, options: AnswerOptions = {}): AsyncGenerator<Answer[]> {
  const opened = await openSource(source, options.format);
  const file = nameOf(source);
  if (opened.format !== 'capture') {
    const { id = 'eventId', prediction = PREDICTION } = options;
    const asked = {
      ...options,
      columns: [id, prediction],
      schema: { ...options.schema, [id]: 'text' },
    } as const;
    for await (const table of scanOpened(opened, source, asked)) {
      const scores = columnOf(table, prediction).numbers;
      yield idsOf(table, id, file).map((each, row) => ({
        id: each,
        at: Number.NaN,
        scores: [scores?.[row] ?? Number.NaN],
      }));
    }
    return;
  }
  for await (const lines of wholeLines(opened.chunks, file)) {
    const answers: Answer[] = [];
    eachLine(lines, (from, to, line) => {
      const answer = answerIn(parseLine(lines.bytes, from, to, file, line));
      if (answer) answers.push(answer);
    });
    yield answers;
  }
}

/** undefined where only the request was captured. */
function answerIn(record: unknown): Answer | undefined {
  const output = memberOf(memberOf(record, 'captureData'), 'endpointOutput');
  if (output === undefined) return undefined;
  const scores = predictionRows(output).map((row) => numberOf(row[0]?.[1]));
  return {
    id: eventIdOf(record),
    at: Date.parse(String(memberOf(metadataOf(record), 'inferenceTime'))),
    scores,
  };
}

/** What Model Monitor joins by. @throws UserError where there is none */
export function eventIdOf(record: unknown): string {
  const { inferenceId, eventId } = (metadataOf(record) ?? {}) as Record<string, unknown>;
  const id = inferenceId ?? eventId;
  if (typeof id !== 'string' || id === '') {
    throw new UserError('has neither "inferenceId" nor "eventId" in its "eventMetadata"');
  }
  return id;
}

function metadataOf(record: unknown): unknown {
  return memberOf(record, 'eventMetadata');
}
