/* Figures as the gate's findings and its report write them. */

/** Three decimals, one from a hundred on, with a true minus sign; never `−0`. */
export function round(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const digits = Math.abs(value) >= 100 ? 1 : 3;
  const text = value.toFixed(digits).replace('-', '−');
  return Number(value.toFixed(digits)) === 0 ? (0).toFixed(digits) : text;
}

/** `95 %` of 0.95. */
export function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

/** `12,345` */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}
