/** The number a part of the way from one to another; −1e308 and 1e308 are further apart than a double reaches. */
export function between(low: number, high: number, part: number): number {
  return Number.isFinite(high - low) ? low + (high - low) * part : low * (1 - part) + high * part;
}
