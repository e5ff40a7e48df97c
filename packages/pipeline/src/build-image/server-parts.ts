import { UserError } from '@tidegate/aws';
import { codeEdits, formatReference, formatRequirements, serverEdits, serverLayer } from '@tidegate/image';
import type { BaseImage, ConfigEdits, Layer } from '@tidegate/image';
import { exampleBase } from '../manifest/servers.ts';
import type { Source } from './read-source.ts';
import type { BuildImageSettings } from './settings.ts';

/** The layers of the code and of what starts its server. */
export function layersOf(
  { server, source: folder }: Pick<BuildImageSettings, 'server' | 'source'>,
  { layers, requirements }: Source,
): Layer[] {
  if (server === 'none') return layers;
  return [serverLayer(server, formatRequirements(server, requirements, folder)), ...layers];
}

/** What the image's configuration says of its server. @throws UserError for a base of which we know that it has no Python */
export async function editsFor(
  { server, entry }: Pick<BuildImageSettings, 'server' | 'entry'>,
  base: BaseImage,
): Promise<ConfigEdits> {
  if (server === 'none') return codeEdits(entry);
  // Ours asks nothing of the base, which is then not read where nothing has changed.
  if (server === 'tidegate') return serverEdits(server, entry);
  const { config = {} } = (await base.image()).config;
  if (config.Entrypoint?.[0] === '/usr/bin/tf_serving_entrypoint.sh') {
    throw new UserError(
      `base ${formatReference(base.reference)} is TensorFlow Serving’s own image, which has no Python, and the program that starts the server is in Python: use ${exampleBase(server)}`,
    );
  }
  return serverEdits(server, entry, config);
}
