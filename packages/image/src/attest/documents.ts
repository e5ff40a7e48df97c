import type { Place } from '../copy-blobs.ts';
import { ImageError } from '../errors.ts';
import type { Descriptor } from '../manifest.ts';
import { attach, findAttachments, readAttachment, type Attachment } from '../registry/referrers.ts';
import { bundleType, openBundle, readJson, readStatement, signStatement, type Signer } from './bundle.ts';
import { originOf, provenancePredicate } from './provenance.ts';
import { imageOf, sbomPredicate, sbomType } from './sbom.ts';
import { statement, statementType, type Statement } from './statement.ts';

/** The documents that belong to an image. */
export type DocumentKind = 'sbom' | 'provenance';

const kinds = {
  sbom: { predicate: sbomPredicate, unsignedType: sbomType },
  provenance: { predicate: provenancePredicate, unsignedType: statementType },
};

// Hints in a manifest's annotations: what is in a bundle, as cosign notes it, and which commit it speaks of.
const contentHint = 'dev.sigstore.bundle.content';
const predicateHint = 'dev.sigstore.bundle.predicateType';
const revisionHint = 'org.opencontainers.image.revision';

/** What is attached, before it is read. What it claims to be is a hint: only what it says counts. */
export type ListedDocument = {
  kind: DocumentKind;
  /** The digest of the manifest that attaches it. */
  attachment: string;
  artifactType: string;
  /** The commit that it claims to speak of. */
  revision: string | undefined;
};

/** The documents that are attached to an image, signed or not and whoever attached them. */
export async function listDocuments(
  { registry, repository }: Place,
  image: string,
): Promise<ListedDocument[]> {
  const attached = await findAttachments(registry, repository, image);
  return attached.flatMap(({ digest, artifactType = '', annotations }) => {
    const revision = annotations?.[revisionHint];
    return kindsOf(artifactType, annotations).map((kind) => ({
      kind,
      attachment: digest,
      artifactType,
      revision,
    }));
  });
}

/** A bundle that does not say what is in it may be either. */
function kindsOf(artifactType: string, annotations: Descriptor['annotations']): DocumentKind[] {
  return (['sbom', 'provenance'] as const).filter((kind) => {
    const { predicate, unsignedType } = kinds[kind];
    const isBundle = artifactType === bundleType && (annotations?.[predicateHint] ?? predicate) === predicate;
    return isBundle || artifactType === unsignedType;
  });
}

const lookedAtMost = 50;

/** The documents of one kind, in the order to look at them: those that claim to be of the revision first. */
export function documentsOf(
  kind: DocumentKind,
  listed: readonly ListedDocument[],
  revision?: string,
): ListedDocument[] {
  const all = listed.filter((each) => each.kind === kind);
  const claims = (each: ListedDocument) => each.revision === revision;
  return [...all.filter(claims), ...all.filter((each) => !claims(each))].slice(0, lookedAtMost);
}

/**
 * Reads what a document states of which image. With a key it must be signed by that key; without one, signatures are not
 * looked at.
 * @throws ImageError that says what it is instead, or why it cannot be read
 */
export async function openDocument(
  { registry, repository }: Place,
  { kind, attachment, artifactType }: ListedDocument,
  publicKey: string | undefined,
): Promise<Statement> {
  const { predicate } = kinds[kind];
  if (publicKey !== undefined && artifactType !== bundleType) throw new ImageError('it is not signed');
  const bytes = await readAttachment(registry, repository, attachment);
  const opened = artifactType === bundleType ? openBundle(bytes, publicKey) : openUnsigned(kind, bytes);
  if (opened.predicateType === predicate) return opened;
  throw new ImageError(`it states ${opened.predicateType}, not ${predicate}`);
}

function openUnsigned(kind: DocumentKind, bytes: Buffer): Statement {
  if (kind === 'provenance') return readStatement(bytes);
  const bom = readJson(bytes);
  return statement({ name: '', digest: imageOf(bom) }, sbomPredicate, bom);
}

/**
 * Attaches statements to an image, signed where there is somebody to sign; unsigned, an SBOM is attached as it is.
 * Returns the digest of each attachment's manifest.
 */
export async function attachDocuments(
  { registry, repository }: Place,
  image: Descriptor,
  statements: readonly Statement[],
  signer: Signer | undefined,
): Promise<string[]> {
  const attachments = await Promise.all(
    statements.map(async (each) => (signer ? await signed(each, signer) : unsigned(each))),
  );
  return attach(registry, repository, image, attachments);
}

async function signed(each: Statement, signer: Signer): Promise<Attachment> {
  const hints = { [contentHint]: 'dsse-envelope', [predicateHint]: each.predicateType };
  const bytes = await signStatement(each, signer);
  const revision = revisionOf(each);
  return {
    artifactType: bundleType,
    bytes,
    annotations: { ...hints, ...(revision && { [revisionHint]: revision }) },
  };
}

function unsigned(each: Statement): Attachment {
  const isBill = each.predicateType === sbomPredicate;
  const bytes = Buffer.from(JSON.stringify(isBill ? each.predicate : each));
  const revision = revisionOf(each);
  return {
    artifactType: isBill ? sbomType : statementType,
    bytes,
    ...(revision && { annotations: { [revisionHint]: revision } }),
  };
}

/** The commit that a statement of provenance speaks of; '' of others. */
function revisionOf(each: Statement): string {
  return each.predicateType === provenancePredicate ? originOf(each).commit : '';
}
