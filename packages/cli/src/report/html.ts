/** Text that is HTML already, so that it is not escaped again. */
export type Html = { readonly html: string };

type Part = Html | string | number | readonly Part[] | undefined;

/** A template whose values are escaped unless they are HTML themselves; lists are joined, undefined is nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return {
    html: strings.reduce(
      (text, string, index) => text + (index === 0 ? '' : written(parts[index - 1])) + string,
      '',
    ),
  };
}

function written(part: Part): string {
  if (part === undefined) return '';
  if (Array.isArray(part)) return (part as readonly Part[]).map(written).join('');
  if (typeof part === 'object') return (part as Html).html;
  return escapeHtml(String(part));
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

export type Row = readonly Part[];

/** On a narrow screen each row becomes a block of its own, with its column's name before each cell. */
export function table(caption: string, head: readonly string[], rows: readonly Row[]): Html {
  return html`<table>
    <caption>
      ${caption}
    </caption>
    <thead>
      <tr>
        ${head.map((name) => html`<th scope="col">${name}</th>`)}
      </tr>
    </thead>
    <tbody>
      ${rows.map(
        ([first, ...others]) =>
          html`<tr>
            <th scope="row">${first}</th>
            ${others.map((cell, index) => html`<td data-of="${head[index + 1]}">${html`<div>${cell}</div>`}</td>`)}
          </tr>`,
      )}
    </tbody>
  </table>`;
}
