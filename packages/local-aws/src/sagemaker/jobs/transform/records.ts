import type { CreateTransformJobRequest } from '@aws-sdk/client-sagemaker';
import { jsonPath, type Pick } from './json-path.ts';

/** How records are told apart, put into requests, and put back together. */
export type Plan = {
  isLines: boolean;
  singleRecord: boolean;
  joins: boolean;
  inputFilter: Pick | undefined;
  outputFilter: Pick | undefined;
  contentType: string;
  accept: string;
  /** Whether records end with a line's end in the output. */
  assembleLines: boolean;
  maxPayloadBytes: number;
};

export function transformPlan({
  TransformInput: input,
  TransformOutput: output,
  ...request
}: CreateTransformJobRequest): Plan {
  const { InputFilter, OutputFilter, JoinSource } = request.DataProcessing ?? {};
  const contentType = input?.ContentType ?? 'application/octet-stream';
  const trivial = (path: string | undefined) => path === undefined || path === '$';
  return {
    isLines: input?.SplitType === 'Line',
    singleRecord: request.BatchStrategy === 'SingleRecord',
    joins: JoinSource === 'Input',
    inputFilter: trivial(InputFilter) ? undefined : jsonPath(InputFilter),
    outputFilter: trivial(OutputFilter) ? undefined : jsonPath(OutputFilter),
    contentType,
    accept: output?.Accept ?? contentType,
    assembleLines: output?.AssembleWith === 'Line',
    maxPayloadBytes: (request.MaxPayloadInMB ?? 6) * 1024 * 1024,
  };
}

/** One request: the records as they were, and the body made of them. */
export type Batch = { records: string[]; body: string | Buffer };

/** An object's content as requests to the model, in order. @throws RangeError for a record above the largest payload */
export function batches(plan: Plan, content: Buffer): Batch[] {
  if (!plan.isLines) {
    const body = plan.inputFilter === undefined ? content : filtered(plan, content.toString());
    return [within(plan, { records: [content.toString()], body })];
  }
  const records = content.toString().split(/\r?\n/);
  if (records.at(-1) === '') records.pop();
  const found: Batch[] = [];
  let current: Batch | undefined;
  let bytes = 0;
  for (const record of records) {
    const text = plan.inputFilter === undefined ? record : filtered(plan, record);
    const size = Buffer.byteLength(text) + 1;
    if (current === undefined || plan.singleRecord || bytes + size > plan.maxPayloadBytes) {
      found.push((current = { records: [record], body: text }));
      bytes = size;
    } else {
      current.records.push(record);
      current.body = `${String(current.body)}\n${text}`;
      bytes += size;
    }
    within(plan, current);
  }
  return found;
}

/** What a batch's answer adds to the object's output. @throws RangeError where records and answers cannot be paired */
export function assembled(plan: Plan, { records }: Batch, answer: Buffer): Buffer {
  if (!plan.joins && plan.outputFilter === undefined) return ended(plan, answer);
  const text = answer.toString().replace(/\r?\n$/, '');
  const answers = plan.isLines ? text.split(/\r?\n/) : [text];
  if (answers.length !== records.length) {
    throw new RangeError(
      `the model answered ${answers.length} records to ${records.length}: they cannot be joined`,
    );
  }
  const lines = answers.map((given, index) => {
    const whole = plan.joins ? joined(plan, records[index] ?? '', given) : parsed(plan.accept, given);
    return written(plan.accept, plan.outputFilter === undefined ? whole : plan.outputFilter(whole));
  });
  return Buffer.from(plan.assembleLines ? lines.map((line) => `${line}\n`).join('') : lines.join(''));
}

function ended(plan: Plan, answer: Buffer): Buffer {
  return plan.assembleLines && answer.length > 0 && answer.at(-1) !== 10
    ? Buffer.concat([answer, Buffer.from('\n')])
    : answer;
}

/** CSV: the answer's columns behind the record's. JSON: `SageMakerOutput` in the record, which is wrapped where it is no object. */
function joined(plan: Plan, record: string, answer: string): unknown {
  const before = parsed(plan.contentType, record);
  const after = parsed(plan.accept, answer);
  if (isCsv(plan.contentType))
    return [...(before as string[]), ...(Array.isArray(after) ? (after as unknown[]) : [after])];
  const isObject = typeof before === 'object' && before !== null && !Array.isArray(before);
  return { ...(isObject ? before : { SageMakerInput: before }), SageMakerOutput: after };
}

const filtered = (plan: Plan, record: string) =>
  written(plan.contentType, plan.inputFilter?.(parsed(plan.contentType, record)));

const isCsv = (type: string) => type.startsWith('text/csv');

function parsed(type: string, text: string): unknown {
  if (isCsv(type)) return text.split(',');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new RangeError(
      `"${text.slice(0, 60)}" is not JSON, which filters and joins need (content type ${type})`,
    );
  }
}

const written = (type: string, value: unknown) =>
  isCsv(type) && Array.isArray(value)
    ? value.map((column) => (typeof column === 'string' ? column : JSON.stringify(column))).join(',')
    : typeof value === 'string'
      ? value
      : (JSON.stringify(value) ?? '');

function within(plan: Plan, batch: Batch): Batch {
  if (plan.maxPayloadBytes > 0 && Buffer.byteLength(batch.body) > plan.maxPayloadBytes) {
    throw new RangeError(`a record is larger than MaxPayloadInMB (${plan.maxPayloadBytes / 1024 / 1024})`);
  }
  return batch;
}
