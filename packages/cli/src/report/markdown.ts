import { escapeHtml, type Html } from './html.ts';

/*
 * The Markdown that our own comments use, as GitHub shows it: headings, lists, tables, bold, code, links, and the few tags
 * that GitHub lets through. Anything else is text, and stays text.
 */

const tags = /^<\/?(?:details|sub|p)>$|^<details><summary>(.*)<\/summary>$/;

/** Not every machine has a font for emoji, and a verdict must not be an empty box. */
const signs: Record<string, string> = {
  '✅': '<span class="good">✓</span>',
  '❌': '<span class="bad">✗</span>',
  '⛔': '<span class="bad">⊘</span>',
  '⚠': '<span class="warn">!</span>',
  '❔': '<span class="soft">?</span>',
};

export function markdownHtml(markdown: string): Html {
  const lines = markdown
    .replaceAll(/<!--[\s\S]*?-->\n?/g, '')
    .trim()
    .split('\n');
  const parts: string[] = [];
  for (let at = 0; at < lines.length;) {
    const block = blockAt(lines, at);
    parts.push(block.html);
    at = block.next;
  }
  return { html: parts.join('\n') };
}

type Block = { html: string; next: number };

function blockAt(lines: readonly string[], at: number): Block {
  const line = lines[at]!.trim();
  if (line === '') return { html: '', next: at + 1 };
  const tag = tags.exec(line);
  if (tag !== null)
    return {
      html: tag[1] === undefined ? line : `<details><summary>${inline(tag[1])}</summary>`,
      next: at + 1,
    };
  const heading = /^(#{1,4}) (.*)/.exec(line);
  // The page has its own first and second level.
  if (heading !== null) return { html: `<h3>${inline(heading[2]!)}</h3>`, next: at + 1 };
  if (line.startsWith('|')) return tableAt(lines, at);
  const next = endOf(
    lines,
    at,
    (each) => /^[-*] /.test(each) === /^[-*] /.test(line) && !/^(?:\||#|<)/.test(each),
  );
  const block = lines.slice(at, Math.max(next, at + 1)).map((each) => each.trim());
  const html = /^[-*] /.test(line)
    ? `<ul>${block.map((each) => `<li>${inline(each.slice(2))}</li>`).join('')}</ul>`
    : `<p>${inline(block.join(' '))}</p>`;
  return { html, next: Math.max(next, at + 1) };
}

function tableAt(lines: readonly string[], at: number): Block {
  const next = endOf(lines, at, (each) => each.startsWith('|'));
  const [head = [], , ...body] = lines.slice(at, next).map(cellsOf);
  const row = (cells: readonly string[], kind: 'th' | 'td') =>
    `<tr>${cells.map((cell, index) => (kind === 'th' ? `<th scope="col">${inline(cell)}</th>` : index === 0 ? `<th scope="row">${inline(cell)}</th>` : `<td>${inline(cell)}</td>`)).join('')}</tr>`;
  return {
    html: `<div class="scroll" role="region" aria-label="Table of the comment" tabindex="0"><table class="plain"><thead>${row(head, 'th')}</thead><tbody>${body.map((cells) => row(cells, 'td')).join('')}</tbody></table></div>`,
    next,
  };
}

function cellsOf(line: string): string[] {
  return line
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

/** The first line from `at` on that does not belong to the block. */
function endOf(lines: readonly string[], at: number, belongs: (line: string) => boolean): number {
  const end = lines.findIndex((line, index) => index > at && (line.trim() === '' || !belongs(line.trim())));
  return end < 0 ? lines.length : end;
}

function inline(text: string): string {
  return escapeHtml(text)
    .replaceAll(/`([^`]+)`/g, '<code>$1</code>')
    .replaceAll(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replaceAll(/\[([^\]]+)\]\((https?:[^)\s]+)\)/g, '<a href="$2">$1</a>')
    .replaceAll(/&#60;(\/?(?:sub|sup|br|b))&#62;/g, '<$1>')
    .replaceAll(/[✅❌⛔⚠❔]\uFE0F?/gu, (emoji) => signs[emoji[0]!] ?? emoji);
}
