import type { Contexts } from '../expressions/evaluate.ts';
import { UserError } from '../errors.ts';
import { asText, type Json } from '../expressions/values.ts';
import { time } from '../host.ts';
import type { Conclusion, JobRecord } from '../records.ts';
import type { Live } from './live.ts';

type Ended = { result: Conclusion; outputs: Record<string, string> };

/** Runs `body` when the job's environment, if it names one, has been approved. */
export async function withEnvironment(
  live: Live,
  { written, record }: { written: Json; record: JobRecord; contexts: Contexts },
  body: () => Promise<Ended>,
): Promise<Ended> {
  const name = nameOf(written);
  if (name) {
    record.environment = { name, url: null };
    record.status = 'waiting';
    live.save();
    if (!(await live.host.approve({ run: live.run, job: record.name, environment: name })))
      throw new UserError(`The deployment to the environment '${name}' was rejected.`);
  }
  record.status = 'in_progress';
  record.startedAt = time(live.host);
  live.save();
  return body();
}

const nameOf = (written: Json): string => {
  if (written === null || Array.isArray(written)) return '';
  return asText(typeof written === 'object' ? written['name'] : written);
};
