/** Text as HTML's text or a quoted attribute's value. */
export function escapeHtml(text: string): string {
  const names: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => names[character]!);
}

export function percent(share: number): string {
  if (!Number.isFinite(share)) return '–';
  const hundred = share * 100;
  return `${hundred >= 10 || hundred === 0 ? hundred.toFixed(0) : hundred.toPrecision(2)} %`;
}

/** A number in four digits. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return String(value);
  return String(Number(value.toPrecision(4)));
}

export function count(value: number): string {
  return new Intl.NumberFormat('en').format(Math.round(value));
}

/** A coordinate, to a tenth. */
export function fixed(value: number): number {
  return Number(value.toFixed(1));
}
