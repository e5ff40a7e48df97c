import { STYLE } from './style.ts';
import { escapeHtml } from './write.ts';

/** A page that is one file: no script, and nothing to load. `body` is markup already. */
export function pageHtml({ title, body }: { title: string; body: string }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}

/** A part of the page that may be wider than a phone; a keyboard reaches it too. */
export function scrolling(name: string, content: string): string {
  return `<div class="scroll" role="region" aria-label="${escapeHtml(name)}, scrolls sideways" tabindex="0">${content}\n</div>`;
}

/** Cells are markup already; those after the first are numbers where `numbers` says so. */
export function tableHtml(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly boolean[],
): string {
  const kind = (i: number): string => (numbers[i] ? ' class="number"' : '');
  const headers = head.map((name, i) => `<th scope="col"${kind(i)}>${name}</th>`).join('');
  const body = rows.map(
    ([first = '', ...cells]) =>
      `<tr><th scope="row"${kind(0)}>${first}</th>${cells.map((cell, i) => `<td${kind(i + 1)}>${cell}</td>`).join('')}</tr>`,
  );
  return `<table>
<caption class="soft">${caption}</caption>
<thead><tr>${headers}</tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table>`;
}
