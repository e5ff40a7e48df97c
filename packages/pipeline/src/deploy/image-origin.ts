/** Where an image comes from, as what is attached to it says and was verified. */
export type ImageOrigin = {
  commit: string;
  /** Its address. */
  repository: string;
  /** The key that signed this, as it was named; undefined where nobody did. */
  signedBy: string | undefined;
  /** The digest of the statement's attachment. */
  attachment: string;
};

/** `commit 3f2a9c1 of acme/flight-delay, signed by alias/models` */
export function describeOrigin({ commit, repository, signedBy }: ImageOrigin): string {
  const name = new URL(repository).pathname.slice(1);
  const by = signedBy === undefined ? 'not signed' : `signed by ${signedBy}`;
  return `commit ${commit.slice(0, 7)} of ${name}, ${by}`;
}
