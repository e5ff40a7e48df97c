import type { EndpointConfigSpec } from '@tidegate/aws';
import { contentName } from '../naming.ts';

/** The name of an endpoint config is its content: the same version with the same settings is the same config. */
export function configName(
  model: string,
  content: Pick<EndpointConfigSpec, 'variants' | 'capture' | 'kmsKeyId'>,
  packageArn: string | null,
): string {
  return contentName(model, { ...content, packageArn });
}
