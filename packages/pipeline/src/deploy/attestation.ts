import { modelPackages, signingKeys, type Aws } from '@tidegate/aws';
import {
  documentsOf,
  findManifest,
  listDocuments,
  openDocument,
  openRegistry,
  originOf,
  parseReference,
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
import { statementProblem, type Wanted } from './statement-problem.ts';

export type Attestation = {
  /** Undefined where it was not asked for, or cannot be trusted. */
  origin: ImageOrigin | undefined;
  problems: Problem[];
};

/** The key that must have signed; undefined where signatures are not asked for. */
type Key = { name: string; publicKey: string } | undefined;

/**
 * Reads what is attached to the image that would be deployed, and says why it cannot be trusted where it cannot. It only
 * reads. Anybody who may push may attach more, so one document of each kind must be right in everything, whatever else
 * is there.
 */
export async function attestationOf(
  { level, signingKey: name = '', repository }: Verification,
  { image, modelPackageArn }: Pick<DeployedVersion, 'image' | 'modelPackageArn'>,
  around: { aws: Aws; signal: AbortSignal },
): Promise<Attestation> {
  if (level === 'off') return { origin: undefined, problems: [] };
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(image ?? '')?.[1];
  if (image === null || digest === undefined)
    return refused('verify-attestation', `${image} is a tag, and documents are attached to a digest`);
  const { aws } = around;
  let input = 'signing-key';
  try {
    const key = level === 'signed' ? { name, ...(await signingKeys(aws).find(name)) } : undefined;
    input = 'verify-attestation';
    const version = modelPackageArn === null ? undefined : await modelPackages(aws).find(modelPackageArn);
    const commit = version?.image === image ? version.commit || undefined : undefined;
    return await verify(image, { digest, repository, commit }, key, around);
  } catch (error) {
    // Whatever a person can put right stands beside what else is in the way.
    if ((error as Error).name !== 'UserError') throw error;
    return refused(input, (error as Error).message);
  }
}

const refused = (input: string, sentence: string): Attestation => ({
  origin: undefined,
  problems: [[input, sentence]],
});

async function verify(
  image: string,
  wanted: Wanted,
  key: Key,
  { aws, signal }: { aws: Aws; signal: AbortSignal },
): Promise<Attestation> {
  const { registry: host, repository } = parseReference(image);
  const registry = openRegistry(await registryAccess(host, aws), { signal });
  try {
    // Whoever serves another manifest under this digest is found out here.
    if (!(await findManifest(registry, repository, wanted.digest)))
      return refused('verify-attestation', `the image ${image} is not in its registry`);
    const listed = await listDocuments({ registry, repository }, wanted.digest);
    const look = { image, key, registry, repository };
    // One after the other: what is still asked for when the other has failed would outlive the connection.
    const provenance = await firstRight('provenance', listed, wanted, look);
    const sbom = await firstRight('sbom', listed, wanted, look);
    const problems = [provenance, sbom].flatMap((each): Problem[] =>
      'wrong' in each ? [['verify-attestation', each.wrong]] : [],
    );
    if (problems.length > 0 || 'wrong' in provenance) return { origin: undefined, problems };
    const { commit, repository: source } = originOf(provenance.said);
    const { attachment } = provenance;
    return { origin: { commit, repository: source, signedBy: key?.name, attachment }, problems };
  } finally {
    registry.close();
  }
}

const titles = { sbom: 'SBOM', provenance: 'statement of provenance' };

/** The first document of its kind in which nothing is wrong, or what is wrong with those that are there. */
async function firstRight(
  kind: DocumentKind,
  listed: readonly ListedDocument[],
  wanted: Wanted,
  { image, key, ...place }: { image: string; key: Key; registry: Registry; repository: string },
): Promise<{ said: Statement; attachment: string } | { wrong: string }> {
  const wrong: string[] = [];
  for (const document of documentsOf(kind, listed, wanted.commit)) {
    const { attachment } = document;
    const found = await openDocument(place, document, key?.publicKey).catch((error: unknown) => {
      if ((error as Error).name !== 'UserError') throw error;
      return (error as Error).message;
    });
    const signer = key === undefined ? '' : ` (it should be signed by ${key.name})`;
    const problem =
      typeof found === 'string' ? `cannot be used: ${found}${signer}` : statementProblem(kind, found, wanted);
    if (typeof found !== 'string' && problem === undefined) return { said: found, attachment };
    wrong.push(`${attachment.slice(0, 'sha256:'.length + 12)} ${problem}`);
  }
  if (wrong.length === 0) {
    const signs = key === undefined ? '' : `, and signs it with signing-key ${key.name}`;
    return {
      wrong: `the registry has no ${titles[kind]} of ${image}; build-inference-image attaches one${signs}`,
    };
  }
  // As many as a person reads.
  const more = wrong.length > 3 ? `, and ${wrong.length - 3} more` : '';
  return { wrong: `no ${titles[kind]} of ${image} can be trusted: ${wrong.slice(0, 3).join('; ')}${more}` };
}
