import { randomUUID } from 'node:crypto';
import type { CaptureContentTypeHeader, DataCaptureConfig } from '@aws-sdk/client-sagemaker';
import { perWorld } from '../kernel/per-world.ts';
import type { Instant, World } from '../kernel/world.ts';
import type { ModelServer } from '../sagemaker/hosting/model-server.ts';
import type { EndpointRecord } from '../sagemaker/hosting/records.ts';
import type { Target } from '../sagemaker/hosting/router.ts';
import { addLine } from './capture-files.ts';
import { seededRandom } from './seeded-random.ts';

type Payload = { body: Buffer; contentType: string | undefined };
export type Captured = {
  input: Payload;
  output: Payload;
  inferenceId: string | undefined;
  customAttributes: string | undefined;
};

/** Keeps one successful invocation, if the fleet that answered it captures and the sample takes it. */
export function captureInvocation(
  world: World,
  endpoint: EndpointRecord,
  target: Target<ModelServer>,
  invocation: Captured,
): void {
  const config = endpoint.fleets.find(({ id }) => id === target.fleet)?.capture;
  if (!config || config.EnableCapture === false) return;
  if (sample(world, endpoint.name)() * 100 >= (config.InitialSamplingPercentage ?? 0)) return;
  const at = world.clock.now();
  const folder = `${(config.DestinationS3Uri ?? '').replace(/\/+$/, '')}/${endpoint.name}/${target.variant}`;
  addLine(world, folder, at, captureLine(config, invocation, at));
}

/** One line of a capture file, byte for byte in SageMaker's order of members. */
function captureLine(config: DataCaptureConfig, invocation: Captured, at: Instant): string {
  const modes = (config.CaptureOptions ?? []).map(({ CaptureMode }) => CaptureMode);
  const takes = (mode: 'Input' | 'Output') => modes.includes(mode) || modes.includes('InputAndOutput');
  const { inferenceId, customAttributes } = invocation;
  return JSON.stringify({
    captureData: {
      ...(takes('Input') && {
        endpointInput: side(invocation.input, 'INPUT', config.CaptureContentTypeHeader),
      }),
      ...(takes('Output') && {
        endpointOutput: side(invocation.output, 'OUTPUT', config.CaptureContentTypeHeader),
      }),
    },
    eventMetadata: {
      ...(customAttributes !== undefined && { customAttributes: [customAttributes] }),
      eventId: randomUUID(),
      ...(inferenceId !== undefined && { inferenceId }),
      inferenceTime: new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'),
    },
    eventVersion: '0',
  });
}

function side(
  { body, contentType = '' }: Payload,
  mode: 'INPUT' | 'OUTPUT',
  types?: CaptureContentTypeHeader,
) {
  const encoding = encodingOf(contentType, types);
  return {
    observedContentType: contentType,
    mode,
    data: body.toString(encoding === 'BASE64' ? 'base64' : 'utf8'),
    encoding,
  };
}

/** Only what the configuration lists is kept as text; everything else is Base64. */
function encodingOf(contentType: string, types?: CaptureContentTypeHeader): 'CSV' | 'JSON' | 'BASE64' {
  const bare = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  const listed = (names: string[] | undefined) => names?.some((name) => name.toLowerCase() === bare) ?? false;
  if (listed(types?.CsvContentTypes)) return 'CSV';
  return listed(types?.JsonContentTypes) ? 'JSON' : 'BASE64';
}

/** Each endpoint has a sequence of its own, the same in every run of the server. */
function sample(world: World, endpoint: string): () => number {
  const samples = perWorld(world, 'runtime.samples', () => new Map<string, () => number>());
  let random = samples.get(endpoint);
  if (random === undefined) samples.set(endpoint, (random = seededRandom(endpoint)));
  return random;
}
