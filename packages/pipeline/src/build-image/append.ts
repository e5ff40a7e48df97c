import { appendToImage, baseImage, packagesPathLayer, parseReference } from '@tidegate/image';
import type { BaseImage, ConfigEdits, Layer, ModelServer } from '@tidegate/image';
import { UserError } from '@tidegate/aws';
import { serverProblems } from '../manifest/servers.ts';
import type { Surroundings } from '../surroundings.ts';
import { addPackages } from './add-packages.ts';
import { attest, billOfMaterials, findStatement } from './attest.ts';
import type { Plan } from './choose-engine.ts';
import { chooseBase } from './choose-base.ts';
import type { Connections } from './connect-registries.ts';
import { readSource } from './read-source.ts';
import type { Source } from './read-source.ts';
import { editsFor, layersOf } from './server-parts.ts';
import { recipeLayers } from './recipe-layers.ts';
import type { BuildImageResult, BuildImageSettings } from './settings.ts';

/** What an image is made of that needs no builder: read from this machine before anything is asked of a registry. */
export type Parts = {
  base: string;
  layers: Layer[];
  /** @throws UserError where the base does not carry what is put on it */
  edits: (base: BaseImage) => Promise<ConfigEdits>;
  /** Whose packages are installed; undefined where the image gets no start program of ours. */
  packages: { server: ModelServer; source: Source } | undefined;
};

/** @throws UserError for what is missing or out of place */
export function readParts(plan: Exclude<Plan, { kind: 'builder' }>, settings: BuildImageSettings): Parts {
  if (plan.kind === 'recipe') {
    const { base, edits } = plan.recipe;
    const layers = recipeLayers(plan.recipe, settings.source);
    return { base, edits: async () => edits, layers, packages: undefined };
  }
  const { server, base = '' } = settings;
  const problems = serverProblems(settings).map(([setting, sentence]) => `${setting} ${sentence}`);
  if (problems.length > 0) throw new UserError(problems.join('; '));
  const source = readSource(settings);
  return {
    base,
    edits: (image) => editsFor(settings, image),
    layers: layersOf(settings, source),
    packages: server === 'none' ? undefined : { server, source },
  };
}

/** Puts the parts on their base, in the registry. */
export async function appendParts(
  parts: Parts,
  settings: BuildImageSettings,
  connections: Connections,
  surroundings: Surroundings,
): Promise<Omit<BuildImageResult, 'imageUri' | 'consoleUrl'>> {
  const { destination, to: registry } = connections;
  const to = { registry, repository: destination.repository };
  const chosen = await chooseBase(
    parseReference(parts.base),
    settings.lockFile,
    connections,
    surroundings.log,
  );
  const base = baseImage(connections.base, chosen.base, settings.platform);
  const edits = await parts.edits(base);
  const { server, source } = parts.packages ?? {};
  const added = server && source && (await addPackages(settings, server, source, base, to, surroundings));
  const packages = added?.layer;
  const layers = [
    ...(added ? [added.layer] : []),
    ...(added && server === 'triton' ? [packagesPathLayer(added.target)] : []),
    ...parts.layers,
  ];
  const about = { settings, destination, base, layers, packages };
  let attestationUri = '';
  const image = await appendToImage({
    base,
    to: {
      ...to,
      tags: settings.tags,
      contentTag: (inputs) => `tidegate-${inputs.slice('sha256:'.length, 'sha256:'.length + 16)}`,
    },
    layers,
    maxBytes: settings.maxImageSizeGb * 1e9,
    edits: {
      ...edits,
      environment: { ...edits.environment, ...settings.environment },
      labels: { ...edits.labels, ...settings.labels },
    },
    ...(settings.attest && {
      attach: async (made) => void (attestationUri = await attest(to, { ...about, image: made })),
    }),
  });
  await chosen.keepPin(image.baseDigest);
  if (settings.attest && image.reused) attestationUri = await findStatement(to, destination, image.digest);
  const sbom = settings.attest && billOfMaterials({ ...about, image });
  const pushedBytes = image.pushedBytes + (packages?.sentBytes ?? 0);
  const { digest, sizeBytes, baseDigest, reused } = image;
  return { digest, sizeBytes, pushedBytes, reused, baseDigest, sbom, attestationUri };
}
