/** Where in the data something was found. Rows and lines count from 1; a CSV header is line 1 and not a row. */
export type Place = { file?: string | undefined; row?: number | undefined; column?: string | undefined };

/** A fault in the data or the settings, for their owner to fix: what was found, where, and what would be right. */
export class UserError extends Error {
  override name = 'UserError';
  readonly place: Place;

  constructor(message: string, place: Place = {}, options?: ErrorOptions) {
    super(describePlace(place) + message, options);
    this.place = place;
  }
}

function describePlace({ file, row, column }: Place): string {
  const parts = [
    file,
    row === undefined ? undefined : `row ${row}`,
    column === undefined ? undefined : `column "${column}"`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? '' : `${parts.join(', ')}: `;
}
