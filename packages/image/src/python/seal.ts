import { bundleType, openBundle, type Signer } from '../attest/bundle.ts';
import { attachDocuments } from '../attest/documents.ts';
import { builderId } from '../attest/provenance.ts';
import { statement, subjectsOf } from '../attest/statement.ts';
import type { Place } from '../copy-blobs.ts';
import { ImageError } from '../errors.ts';
import type { Descriptor } from '../manifest.ts';
import { findAttachments, readAttachment } from '../registry/referrers.ts';

/* A kept layer of packages is as good as who put it there: a signature says that this builder did, and for which requirements. */

const predicateType = `${builderId}/packages-layer/v1`;

export async function seal(
  to: Place,
  image: Descriptor,
  requirements: string,
  signer: Signer,
): Promise<void> {
  const about = { name: to.repository, digest: image.digest };
  await attachDocuments(to, image, [statement(about, predicateType, { requirements })], signer);
}

export async function isSealed(
  { registry, repository }: Place,
  digest: string,
  requirements: string,
  { publicKey }: Signer,
): Promise<boolean> {
  for (const attached of await findAttachments(registry, repository, digest, bundleType)) {
    try {
      const bundle = await readAttachment(registry, repository, attached.digest);
      const said = openBundle(bundle, publicKey);
      const isOurs = said.predicateType === predicateType && subjectsOf(said).includes(digest);
      if (isOurs && (said.predicate as { requirements?: unknown }).requirements === requirements) return true;
    } catch (error) {
      // Somebody else's.
      if (!(error instanceof ImageError)) throw error;
    }
  }
  return false;
}
