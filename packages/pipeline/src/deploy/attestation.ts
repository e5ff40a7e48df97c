import { modelPackages, signingKeys, type Aws } from '@tidegate/aws';
import {
  builderId,
  buildType,
  findManifest,
  listDocuments,
  openDocument,
  openRegistry,
  originOf,
  parseReference,
  readDocuments,
  subjectsOf,
  type AttachedDocument,
  type DocumentKind,
  type ListedDocument,
  type Registry,
  type Statement,
} from '@tidegate/image';
import { registryAccess } from '../build-image/connect-registries.ts';
import type { ImageOrigin } from './image-origin.ts';
import type { DeployedVersion } from './ledger.ts';
import type { Problem } from './preflight-facts.ts';
import type { Verification } from './settings.ts';

export type Attestation = {
  /** Undefined where it was not asked for, or where it cannot be trusted. */
  origin: ImageOrigin | undefined;
  problems: Problem[];
};

type Wanted = {
  image: string;
  digest: string;
  /** PEM; undefined where signatures are not asked for. */
  publicKey: string | undefined;
  keyName: string;
  repository: string;
  /** What the model package records; undefined where it says nothing of the image. */
  commit: string | undefined;
};

/**
 * Reads what is attached to the image that would be deployed, and says why it cannot be trusted where it cannot. It only
 * reads. Anybody who may push may attach more, so what counts is that one document of each kind is right in everything.
 */
export async function attestationOf(
  { level, signingKey, repository }: Verification,
  { image, modelPackageArn }: Pick<DeployedVersion, 'image' | 'modelPackageArn'>,
  { aws, signal }: { aws: Aws; signal: AbortSignal },
): Promise<Attestation> {
  if (level === 'off') return { origin: undefined, problems: [] };
  const problems: Problem[] = [];
  // Whatever a person can put right stands beside what else is in the way.
  const orProblem = async <T>(input: string, asking: Promise<T>): Promise<T | undefined> =>
    asking.catch((error: unknown) => {
      if ((error as Error).name !== 'UserError') throw error;
      problems.push([input, (error as Error).message]);
      return undefined;
    });
  const keyName = level === 'signed' ? (signingKey ?? '') : '';
  const { digest } = parseReference(image ?? '');
  if (digest === undefined) {
    const input = modelPackageArn === null ? 'image-uri' : 'model-package-arn';
    const sentence = `its image ${image} is a tag, and what is attached to an image is attached to its digest`;
    return { origin: undefined, problems: [[input, sentence]] };
  }
  const [key, version] = await Promise.all([
    level === 'signed' ? orProblem('signing-key', signingKeys(aws).find(keyName)) : undefined,
    modelPackageArn === null ? undefined : modelPackages(aws).find(modelPackageArn),
  ]);
  if (problems.length > 0) return { origin: undefined, problems };
  const wanted: Wanted = {
    image: image ?? '',
    digest,
    publicKey: key?.publicKey,
    keyName,
    repository,
    commit: version?.image === image ? version?.commit || undefined : undefined,
  };
  const found = await orProblem('verify-attestation', verify(wanted, { aws, signal }));
  problems.push(...(found?.sentences ?? []).map((text) => ['verify-attestation', text] as const));
  return { origin: problems.length === 0 ? found?.origin : undefined, problems };
}

async function verify(
  wanted: Wanted,
  { aws, signal }: { aws: Aws; signal: AbortSignal },
): Promise<{ origin: ImageOrigin | undefined; sentences: string[] }> {
  const { registry: host, repository } = parseReference(wanted.image);
  const registry = openRegistry(await registryAccess(host, aws), { signal });
  try {
    // Whoever serves another manifest under this digest is found out here.
    if (!(await findManifest(registry, repository, wanted.digest)))
      return { origin: undefined, sentences: [`the image ${wanted.image} is not in its registry`] };
    const place = { registry, repository };
    const listed = await listDocuments(place, wanted.digest);
    // One after the other: what is still asked for when the other has failed would outlive the connection.
    const provenance = await firstRight('provenance', listed, place, wanted);
    const sbom = await firstRight('sbom', listed, place, wanted);
    const sentences = [provenance, sbom].flatMap((each) => ('sentence' in each ? [each.sentence] : []));
    if (!('right' in provenance)) return { origin: undefined, sentences };
    const { commit, repository: source } = originOf(provenance.right);
    const signedBy = wanted.publicKey === undefined ? undefined : wanted.keyName;
    const origin = { commit, repository: source, signedBy, attachment: provenance.attachment };
    return { origin, sentences };
  } finally {
    registry.close();
  }
}

const titles = { sbom: 'SBOM', provenance: 'statement of provenance' };

/** The first document of its kind in which nothing is wrong, or what is wrong with those that are there. */
async function firstRight(
  kind: DocumentKind,
  listed: readonly ListedDocument[],
  place: { registry: Registry; repository: string },
  wanted: Wanted,
): Promise<{ right: Statement; attachment: string } | { sentence: string }> {
  const wrong: string[] = [];
  for await (const document of readDocuments(place, listed, kind, wanted.commit)) {
    const checked = check(document, wanted);
    if ('right' in checked) return { right: checked.right, attachment: document.attachment };
    wrong.push(`${document.attachment.slice(0, 'sha256:'.length + 12)} ${checked.wrong}`);
  }
  if (wrong.length === 0)
    return {
      sentence: `the registry has no ${titles[kind]} of ${wanted.image}; build-inference-image attaches one${wanted.publicKey === undefined ? '' : ` and signs it with signing-key ${wanted.keyName}`}`,
    };
  // As many as a person reads.
  const shown = wrong.slice(0, 3).join('; ');
  const more = wrong.length > 3 ? ` (and ${wrong.length - 3} more)` : '';
  return { sentence: `no ${titles[kind]} of ${wanted.image} can be trusted: ${shown}${more}` };
}

/** What is wrong with a document, with what would be right; pure. */
export function check(document: AttachedDocument, wanted: Wanted): { right: Statement } | { wrong: string } {
  let said: Statement;
  try {
    said = openDocument(document, wanted.publicKey);
  } catch (error) {
    if ((error as Error).name !== 'UserError') throw error;
    const by = wanted.publicKey === undefined ? '' : ` (it should be signed by ${wanted.keyName})`;
    return { wrong: `cannot be used: ${(error as Error).message}${by}` };
  }
  const subjects = subjectsOf(said);
  if (!subjects.includes(wanted.digest))
    return { wrong: `is about ${subjects.join(', ')}, not about ${wanted.digest}` };
  return document.kind === 'sbom' ? { right: said } : checkOrigin(said, wanted);
}

function checkOrigin(said: Statement, wanted: Wanted): { right: Statement } | { wrong: string } {
  const origin = originOf(said);
  const tell = (what: string, found: string, right: string) => ({
    wrong: `says ${what} ${found || '(nothing)'}, and ${right} is right`,
  });
  if (origin.builder !== builderId) return tell('that its builder is', origin.builder, builderId);
  if (origin.buildType !== buildType) return tell('that it was built by', origin.buildType, buildType);
  if (origin.repository.toLowerCase() !== wanted.repository.toLowerCase())
    return tell('that its source is', origin.repository, wanted.repository);
  if (wanted.commit !== undefined && origin.commit !== wanted.commit)
    return tell('that its commit is', origin.commit, `${wanted.commit}, which the model package records,`);
  return { right: said };
}
