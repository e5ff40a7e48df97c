/** Something said of an image, in in-toto's Statement v1 (https://in-toto.io/Statement/v1). */
export type Statement = {
  _type: 'https://in-toto.io/Statement/v1';
  subject: { name: string; digest: { sha256: string } }[];
  predicateType: string;
  predicate: object;
};

export const statementType = 'application/vnd.in-toto+json';

/** @param image its name without tag and digest, and its digest */
export function statement(
  image: { name: string; digest: string },
  predicateType: string,
  predicate: object,
): Statement {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: image.name, digest: sha(image.digest) }],
    predicateType,
    predicate,
  };
}

/** A digest as in-toto writes it: `sha256:<hex>` → `{ sha256: <hex> }`. */
export function sha(digest: string): { sha256: string } {
  return { sha256: digest.slice('sha256:'.length) };
}

/** The digests of the images that a statement is about. */
export function subjectsOf({ subject }: Statement): string[] {
  return subject.map(({ digest }) => `sha256:${digest.sha256}`);
}
