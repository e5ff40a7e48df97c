/** A value and its place, `file:line:column`; undefined where the manifest does not say. */
export type ManifestLookup = (
  key: string,
) => { value: string | number | boolean | object | null; place: string } | undefined;
