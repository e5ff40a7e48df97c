import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Aws } from './connect.ts';
import { isNotFound } from './errors.ts';

export type FunctionAnswer =
  | { state: 'answered'; value: unknown }
  | {
      state: 'failed';
      /** What was thrown, or what became of the function: `Sandbox.Timedout`, `Runtime.ExitError`. */
      type: string;
      message: string;
      /** The last lines that it logged. */
      log: string[];
    }
  | { state: 'missing' };

/** Asks a Lambda function, by its name or ARN, and waits for its answer: at most the fifteen minutes that one may take. */
export async function invokeFunction(
  aws: Aws,
  name: string,
  event: unknown,
  signal?: AbortSignal,
): Promise<FunctionAnswer> {
  try {
    const { FunctionError, Payload, LogResult } = await aws.client(LambdaClient).send(
      new InvokeCommand({
        FunctionName: name,
        LogType: 'Tail',
        Payload: Buffer.from(JSON.stringify(event)),
      }),
      signal === undefined ? {} : { abortSignal: signal },
    );
    const value = JSON.parse(Buffer.from(Payload ?? []).toString('utf8') || 'null') as unknown;
    if (FunctionError === undefined) return { state: 'answered', value };
    // An error is answered with 200, and what it was with the payload.
    const { errorType = FunctionError, errorMessage = '' } = (value ?? {}) as Record<string, string>;
    const log = Buffer.from(LogResult ?? '', 'base64')
      .toString('utf8')
      .trimEnd()
      .split('\n');
    return { state: 'failed', type: errorType, message: errorMessage, log };
  } catch (error) {
    if (isNotFound(error)) return { state: 'missing' };
    throw error;
  }
}

/** Whether there is such a function that we may ask. It is not run. */
export async function functionExists(aws: Aws, name: string): Promise<boolean> {
  try {
    await aws.client(LambdaClient).send(new InvokeCommand({ FunctionName: name, InvocationType: 'DryRun' }));
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}
