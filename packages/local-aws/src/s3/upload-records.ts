import type { Instant, Table, World } from '../kernel/world.ts';
import type { ChecksumAlgorithm, StoredChecksum } from './checksums.ts';
import type { ContentHeaders, Tag } from './records.ts';

export type PartRecord = {
  number: number;
  file: string;
  size: number;
  md5: string;
  modified: Instant;
  checksum?: StoredChecksum;
};

/** A multipart upload that is neither complete nor aborted. */
export type UploadRecord = {
  id: string;
  bucket: string;
  key: string;
  initiated: Instant;
  content: ContentHeaders;
  metadata: Record<string, string>;
  tags: Tag[];
  checksum?: { algorithm: ChecksumAlgorithm; type: StoredChecksum['type'] };
  /** By part number. */
  parts: Record<string, PartRecord>;
};

export const uploads = (world: World): Table<UploadRecord> => world.store.table('s3-uploads');
