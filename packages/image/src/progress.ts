/** What becomes of one layer or configuration on its way into a repository. */
export type Progress = {
  /** What it is: a layer's `createdBy`, or `layer 3f2a9c1b7d04` by its digest. */
  of: string;
  /** `sending` while its bytes move; the others once, at the end: sent, in the repository already, taken over within the registry. */
  state: 'sending' | 'sent' | 'there' | 'mounted';
  /** How far it has come. It never goes back: what a retry sends again is not counted again. */
  sentBytes: number;
  /** Undefined where it is packed while it is sent. */
  totalBytes: number | undefined;
};

export type OnProgress = (progress: Progress) => void;

/** How a blob is named to whoever watches. */
export function nameOfBlob({ digest, mediaType }: { digest: string; mediaType: string }): string {
  if (/config|container\.image/.test(mediaType)) return 'configuration';
  return `layer ${digest.slice('sha256:'.length, 'sha256:'.length + 12)}`;
}
