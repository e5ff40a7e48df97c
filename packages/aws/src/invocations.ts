import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { Aws } from './connect.ts';

export type Answer = {
  /** What the model itself answered with: 200, or the status behind a 424 ModelError. */
  status: number;
  body: Uint8Array;
  contentType: string;
  variant: string;
  latencyMs: number;
};

type ModelError = { name: string; message: string; OriginalStatusCode?: number; OriginalMessage?: string };

/** Asks a model once. An answer that is an error is an answer; only not getting one throws. */
export async function invokeEndpoint(
  aws: Aws,
  endpoint: string,
  request: { body: Uint8Array; contentType: string },
  signal?: AbortSignal,
): Promise<Answer> {
  const started = performance.now();
  const took = () => performance.now() - started;
  try {
    const answer = await aws.client(SageMakerRuntimeClient).send(
      new InvokeEndpointCommand({
        EndpointName: endpoint,
        Body: request.body,
        ContentType: request.contentType,
      }),
      signal === undefined ? {} : { abortSignal: signal },
    );
    return {
      status: 200,
      body: answer.Body ?? new Uint8Array(),
      contentType: answer.ContentType ?? '',
      variant: answer.InvokedProductionVariant ?? '',
      latencyMs: took(),
    };
  } catch (error) {
    const { name, message, OriginalStatusCode, OriginalMessage } = error as ModelError;
    if (name !== 'ModelError') throw error;
    return {
      status: OriginalStatusCode ?? 424,
      body: Buffer.from(OriginalMessage ?? message),
      contentType: 'text/plain',
      variant: '',
      latencyMs: took(),
    };
  }
}
