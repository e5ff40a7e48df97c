import { invokeEndpoint, type Answer, type Aws } from '@tidegate/aws';
import type { Smoke } from './settings.ts';

export type SmokeResult = { status: number; latencyMs: number; problem: string | undefined };

/** One real request. Whatever comes back is told; only an answer that is right has no problem. */
export async function smokeTest(
  aws: Aws,
  endpoint: string,
  { body, contentType, maxLatency }: Smoke,
  signal: AbortSignal,
): Promise<SmokeResult> {
  let answer: Answer;
  try {
    answer = await invokeEndpoint(aws, endpoint, { body, contentType }, signal);
  } catch (error) {
    signal.throwIfAborted();
    return { status: 0, latencyMs: 0, problem: `got no answer: ${(error as Error).message}` };
  }
  const text = Buffer.from(answer.body).toString('utf8');
  const latencyMs = Math.round(answer.latencyMs);
  return { status: answer.status, latencyMs, problem: problemOf() };

  function problemOf(): string | undefined {
    if (answer.status !== 200) return `answered ${answer.status}: ${text.slice(0, 300)}`;
    if (text.trim() === '') return 'answered 200 with an empty body';
    if (/json/i.test(answer.contentType) && !isJson(text))
      return `answered 200 with ${answer.contentType} that is not JSON: ${text.slice(0, 100)}`;
    if (maxLatency !== undefined && latencyMs > maxLatency)
      return `answered after ${latencyMs} ms, more than the ${maxLatency} ms allowed`;
    return undefined;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
