import { createHash } from 'node:crypto';
import { UserError } from '@tidegate/aws';

/** SHA-256 in hexadecimal of text, bytes, or of any JSON value whatever the order of its keys. */
export function digestOf(value: unknown): string {
  const content = typeof value === 'string' || value instanceof Uint8Array ? value : canonicalJson(value);
  return createHash('sha256').update(content).digest('hex');
}

/** JSON with sorted keys and without whitespace: equal values have equal text. Undefined members are left out. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

const NAME_LIMIT = 63;
const HEX_DIGITS = 12;
const ROOM_FOR_ATTEMPT = 4;

/**
 * `<prefix>-<12 hex of what goes in>`: the same inputs give the same name, so that a re-run finds the work under way or done.
 * Fits SageMaker's 63 characters with room for an attempt's suffix; a longer prefix is cut.
 */
export function contentName(prefix: string, inputs: unknown): string {
  const room = NAME_LIMIT - ROOM_FOR_ATTEMPT - HEX_DIGITS - 1;
  const kept = prefix.slice(0, room).replace(/-+$/, '');
  return `${kept}-${digestOf(inputs).slice(0, HEX_DIGITS)}`;
}

/** The name of the n-th try of the same work: AWS never lets a job's name be used again. */
function attemptName(name: string, attempt: number): string {
  return attempt === 1 ? name : `${name}-${attempt}`;
}

const MOST_ATTEMPTS = 99;

/**
 * Walks the attempts of a name from the first: those that ended badly are passed by, and the one that is running or done, or the first
 * free name, is where to go on. No state is needed to find it, and everybody finds the same.
 */
export async function currentAttempt<Job>(
  name: string,
  find: (name: string) => Promise<Job | undefined>,
  isSpent: (job: Job) => boolean | Promise<boolean>,
): Promise<{ name: string; job: Job | undefined; spent: Job[] }> {
  const spent: Job[] = [];
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    const candidate = attemptName(name, attempt);
    const job = await find(candidate);
    if (!job || !(await isSpent(job))) return { name: candidate, job, spent };
    spent.push(job);
  }
  throw new UserError(
    `${name} has failed ${MOST_ATTEMPTS} times with the same inputs: something in them must change.`,
  );
}
