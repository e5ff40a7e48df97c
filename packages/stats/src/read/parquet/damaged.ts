/** The bytes are not what Parquet's format says: caught where file and column are known. */
export class DamagedParquet extends Error {
  override name = 'DamagedParquet';
}
