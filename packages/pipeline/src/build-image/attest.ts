import {
  attachDocuments,
  builderId,
  buildType,
  cycloneDx,
  documentsOf,
  formatReference,
  ImageError,
  listDocuments,
  openDocument,
  originOf,
  provenance,
  sbomPredicate,
  statement,
  subjectsOf,
} from '@tidegate/image';
import type {
  Appended,
  BaseImage,
  DocumentKind,
  Layer,
  ListedDocument,
  PackagesLayer,
  Reference,
  Registry,
  Signer,
  Statement,
} from '@tidegate/image';
import { sourceUrl } from '../surroundings.ts';
import type { BuildImageSettings } from './settings.ts';

type Place = { registry: Registry; repository: string };

/** An image and all that is known of how it came about. */
export type Built = {
  settings: BuildImageSettings;
  destination: Reference;
  image: Appended;
  base: BaseImage;
  layers: readonly Layer[];
  packages: PackagesLayer | undefined;
};

/** The image's bill of materials: the same for the same image. */
export function billOfMaterials({ destination, image, base, layers, packages }: Built): object {
  return cycloneDx({
    image: { name: formatReference(destination), digest: image.digest },
    base: { name: nameOf(base), digest: image.baseDigest },
    packages: packages?.packages ?? [],
    layers: image.layers.map(({ diffId }, index) => ({ createdBy: layers[index]?.createdBy ?? '', diffId })),
  });
}

/**
 * Sees to it that both documents are attached to the image. With a signer they are signed, and what is there already
 * counts where it is verified; without one, where it is there. An image that several commits make has a statement of
 * provenance for each of them. Returns where the statement is, and what had to be attached.
 */
export async function attest(
  to: Place,
  built: Built,
  signer: Signer | undefined,
): Promise<{ attestationUri: string; attached: DocumentKind[] }> {
  const { image, destination } = built;
  const wanted = { sbom: billStatement(built), provenance: provenanceStatement(built) };
  const { commit } = originOf(wanted.provenance);
  const listed = await listDocuments(to, image.digest);
  const find = (kind: DocumentKind, isIt: (found: Statement) => boolean, revision?: string) =>
    signer
      ? findSigned(to, image.digest, signer, { documents: documentsOf(kind, listed, revision), isIt })
      : listed.find((each) => each.kind === kind && (each.revision ?? '') === (revision ?? ''));
  const bill = await find('sbom', (found) => isSameBill(found, wanted.sbom));
  const origin = await find('provenance', (found) => isOfSource(found, wanted.provenance), commit);
  const attached: DocumentKind[] = [
    ...(bill ? [] : (['sbom'] as const)),
    ...(origin ? [] : (['provenance'] as const)),
  ];
  const subject = { mediaType: image.mediaType, digest: image.digest, size: image.manifestBytes };
  const statements = attached.map((kind) => wanted[kind]);
  const made = attached.length === 0 ? [] : await attachDocuments(to, subject, statements, signer);
  const digest = origin?.attachment ?? made.at(-1) ?? '';
  return { attestationUri: formatReference({ ...destination, digest }), attached };
}

/** Whether an image carries a statement of provenance that this very builder signed, for whichever commit. */
export async function isSignedByUs(to: Place, digest: string, signer: Signer): Promise<boolean> {
  const documents = documentsOf('provenance', await listDocuments(to, digest));
  return (await findSigned(to, digest, signer, { documents, isIt: isOurs })) !== undefined;
}

/** The first document about this image that the signer signed and that is what is looked for. */
async function findSigned(
  to: Place,
  digest: string,
  { publicKey }: Signer,
  { documents, isIt }: { documents: readonly ListedDocument[]; isIt: (found: Statement) => boolean },
): Promise<ListedDocument | undefined> {
  for (const document of documents) {
    try {
      const found = await openDocument(to, document, publicKey);
      if (subjectsOf(found).includes(digest) && isIt(found)) return document;
    } catch (error) {
      // Somebody else's, or unsigned: ours is attached beside it.
      if (!(error instanceof ImageError)) throw error;
    }
  }
  return undefined;
}

function isSameBill({ predicate }: Statement, wanted: Statement): boolean {
  return JSON.stringify(predicate) === JSON.stringify(wanted.predicate);
}

function isOurs(found: Statement): boolean {
  const origin = originOf(found);
  return origin.builder === builderId && origin.buildType === buildType;
}

function isOfSource(found: Statement, wanted: Statement): boolean {
  const [is, should] = [originOf(found), originOf(wanted)];
  return isOurs(found) && is.repository === should.repository && is.commit === should.commit;
}

function billStatement(built: Built): Statement {
  const image = { name: formatReference(built.destination), digest: built.image.digest };
  return statement(image, sbomPredicate, billOfMaterials(built));
}

function provenanceStatement({ image, settings, destination, base }: Built): Statement {
  const { commit, repository, runUrl } = settings.attest ?? { commit: '', repository: '', runUrl: '' };
  return provenance({
    image: { name: formatReference(destination), digest: image.digest },
    base: { name: nameOf(base), digest: image.baseDigest },
    layers: image.layers.map(({ diffId }) => diffId),
    source: commit && repository ? { repository: sourceUrl({ repository, runUrl }), commit } : undefined,
    invocation: runUrl || undefined,
    parameters: {
      base: settings.base,
      server: settings.server,
      entry: settings.entry,
      requirements: settings.requirements,
      dependencies: settings.dependencies,
    },
  });
}

function nameOf({ reference: { registry, repository, tag } }: BaseImage): string {
  return formatReference({ registry, repository, ...(tag && { tag }) });
}
