import {
  appendToImage,
  formatReference,
  formatRequirements,
  parseReference,
  serverEdits,
  serverLayer,
  unpackedSizeWith,
} from '@tidegate/image';
import type { ConfigEdits, DocumentKind, Layer, PackagesLayer, Signer } from '@tidegate/image';
import { UserError } from '@tidegate/aws';
import type { Surroundings } from '../surroundings.ts';
import { addPackages } from './add-packages.ts';
import { attest, billOfMaterials, isSignedByUs } from './attest.ts';
import { requireCuda, requireUnpackedSize } from './check-target.ts';
import type { Plan } from './choose-engine.ts';
import { chooseBase } from './choose-base.ts';
import type { Connections } from './connect-registries.ts';
import { findBase, keepCopy, sayWhatMounts } from './find-base.ts';
import { readSource } from './read-source.ts';
import { recipeLayers } from './recipe-layers.ts';
import type { BuildImageResult, BuildImageSettings } from './settings.ts';
import { showProgress } from './show-progress.ts';

/** What an image is made of that needs no builder: read from this machine before anything is asked of a registry. */
export type Parts = {
  base: string;
  layers: Layer[];
  edits: ConfigEdits;
  /** The packages to install, where the image gets our server. */
  source: ReturnType<typeof readSource> | undefined;
};

/** @throws UserError for what is missing or out of place */
export function readParts(plan: Exclude<Plan, { kind: 'builder' }>, settings: BuildImageSettings): Parts {
  if (plan.kind === 'recipe') {
    const { base, edits } = plan.recipe;
    return {
      base,
      edits,
      layers: recipeLayers(plan.recipe, settings.source, plan.dockerfile),
      source: undefined,
    };
  }
  const { base, entry } = settings;
  if (base === undefined || entry === undefined) {
    throw new UserError(
      `${base === undefined ? 'base-image' : 'entry'} is missing: without a Dockerfile both say what the image is`,
    );
  }
  const source = readSource(settings, entry);
  const requirements = formatRequirements(source.requirements, settings.source);
  return { base, edits: serverEdits(entry), layers: [serverLayer(requirements), ...source.layers], source };
}

/**
 * Puts the parts on their base, in the registry. Where a signer answers for the image, nothing is taken from the registry
 * on trust: only what it has signed before counts as made already.
 */
export async function appendParts(
  { base: given, layers: ours, edits, source }: Parts,
  settings: BuildImageSettings,
  { connections, signer }: { connections: Connections; signer: Signer | undefined },
  surroundings: Surroundings,
): Promise<Omit<BuildImageResult, 'imageUri' | 'consoleUrl'>> {
  const { destination, to: registry } = connections;
  const { log } = surroundings;
  const to = { registry, repository: destination.repository };
  const onProgress = showProgress(log);
  const chosen = await chooseBase(parseReference(given), settings.lockFile, connections, log);
  const found = await findBase(chosen.base, settings, connections);
  const named = formatReference(found.reference);
  const check = async (resolved?: PackagesLayer['packages']) =>
    requireCuda(settings, { named, config: (await found.image()).config }, resolved, log);
  const packages: PackagesLayer | undefined =
    source &&
    (await addPackages(
      settings,
      source,
      found,
      { ...to, signer },
      { ...surroundings, onProgress, onResolved: check },
    ));
  if (!packages && (settings.instanceType ?? settings.target)) await check();
  const layers = [...(packages ? [packages] : []), ...ours];
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
