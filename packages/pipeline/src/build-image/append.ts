import {
  appendToImage,
  formatReference,
  packagesPathLayer,
  parseReference,
  unpackedSizeWith,
} from '@tidegate/image';
import type {
  BaseImage,
  ConfigEdits,
  DocumentKind,
  Layer,
  ModelServer,
  PackagesLayer,
  Signer,
} from '@tidegate/image';
import { UserError } from '@tidegate/aws';
import { serverProblems } from '../manifest/servers.ts';
import type { Surroundings } from '../surroundings.ts';
import { addPackages } from './add-packages.ts';
import { attest, billOfMaterials, isSignedByUs } from './attest.ts';
import { requireCuda, requireUnpackedSize } from './check-target.ts';
import type { Plan } from './choose-engine.ts';
import { chooseBase } from './choose-base.ts';
import type { Connections } from './connect-registries.ts';
import { findBase, keepCopy, sayWhatMounts } from './find-base.ts';
import { readSource } from './read-source.ts';
import type { Source } from './read-source.ts';
import { recipeLayers } from './recipe-layers.ts';
import { editsFor, layersOf } from './server-parts.ts';
import type { BuildImageResult, BuildImageSettings } from './settings.ts';
import { showProgress } from './show-progress.ts';

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
    const layers = recipeLayers(plan.recipe, settings.source, plan.dockerfile);
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

/**
 * Puts the parts on their base, in the registry. Where a signer answers for the image, nothing is taken from the registry
 * on trust: only what it has signed before counts as made already.
 */
export async function appendParts(
  parts: Parts,
  settings: BuildImageSettings,
  { connections, signer }: { connections: Connections; signer: Signer | undefined },
  surroundings: Surroundings,
): Promise<Omit<BuildImageResult, 'imageUri' | 'consoleUrl'>> {
  const { destination, to: registry } = connections;
  const { log } = surroundings;
  const to = { registry, repository: destination.repository };
  const onProgress = showProgress(log);
  const chosen = await chooseBase(parseReference(parts.base), settings.lockFile, connections, log);
  const found = await findBase(chosen.base, settings, connections);
  const named = formatReference(found.reference);
  const check = async (resolved?: PackagesLayer['packages']) =>
    requireCuda(settings, { named, config: (await found.image()).config }, resolved, log);
  const edits = await parts.edits(found);
  const { server, source } = parts.packages ?? {};
  const listeners = { ...surroundings, onProgress, onResolved: check };
  const added =
    server && source && (await addPackages(settings, server, source, found, { ...to, signer }, listeners));
  const packages = added?.layer;
  if (!packages && (settings.instanceType ?? settings.target)) await check();
  const layers = [
    ...(added ? [added.layer] : []),
    ...(added && server === 'triton' ? [packagesPathLayer(added.target)] : []),
    ...parts.layers,
  ];
  await requireUnpackedSize(settings, () => unpackedSizeWith(found, to, layers), log);
  const base = await keepCopy(found, settings, connections, { log, onProgress });
  const about = { settings, destination, base, layers, packages };
  let attestation: Awaited<ReturnType<typeof attest>> | undefined;
  const image = await appendToImage({
    base,
    to: {
      ...to,
      tags: settings.tags,
      contentTag: (inputs) => `tidegate-${inputs.slice('sha256:'.length, 'sha256:'.length + 16)}`,
    },
    layers,
    maxBytes: settings.maxImageSizeGb * 1e9,
    onProgress: sayWhatMounts(onProgress, base, connections, log),
    ...(signer && { trusts: (digest) => isSignedByUs(to, digest, signer) }),
    edits: {
      ...edits,
      environment: { ...edits.environment, ...settings.environment },
      labels: { ...edits.labels, ...settings.labels },
    },
    ...(settings.attest && {
      attach: async (made) => void (attestation = await attest(to, { ...about, image: made }, signer)),
    }),
  });
  await chosen.keepPin(image.baseDigest);
  if (settings.attest && image.reused) attestation = await attest(to, { ...about, image }, signer);
  if (attestation) tell(attestation.attached, settings, surroundings);
  const sbom = settings.attest && billOfMaterials({ ...about, image });
  const pushedBytes = image.pushedBytes + (packages?.sentBytes ?? 0);
  const { digest, sizeBytes, baseDigest, reused } = image;
  const { attestationUri = '' } = attestation ?? {};
  const signedBy = (signer && settings.signingKey) ?? '';
  return { digest, sizeBytes, pushedBytes, reused, baseDigest, sbom, attestationUri, signedBy };
}

const documentNames = { sbom: 'an SBOM', provenance: 'a statement of provenance' };

function tell(
  attached: readonly DocumentKind[],
  { signingKey }: BuildImageSettings,
  { log }: Surroundings,
): void {
  const what = attached.map((kind) => documentNames[kind]).join(' and ');
  const how = signingKey === undefined ? 'unsigned (signing-key signs them)' : `signed by ${signingKey}`;
  if (what !== '') log.info(`Attached ${what}, ${how}.`);
}
