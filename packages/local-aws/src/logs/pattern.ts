import { AwsError, notBuilt } from '../kernel/errors.ts';

export type Matches = (message: string) => boolean;

/**
 * A filter pattern for unstructured log events: words that must all be there, `?word` of which one must be there when
 * there is no other, `-word` that must not be there, `"a phrase"`, and `%a regular expression%`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 * @throws AwsError InvalidParameterException for a pattern that cannot be read; NotImplemented for `{…}` and `[…]`
 */
export function matcher(pattern: string | undefined): Matches {
  const text = (pattern ?? '').trim();
  if (text.startsWith('{') || text.startsWith('['))
    throw notBuilt('FilterLogEvents: a pattern for JSON or space-delimited events');
  const terms = [...text.matchAll(/([?-]?)("(?:[^"\\]|\\.)*"|%[^%]+%|\S+)/g)].map(([, sign, term = '']) => ({
    sign,
    test: tester(term),
  }));
  const of = (sign: string) => terms.filter((term) => term.sign === sign).map((term) => term.test);
  const [needed, optional, forbidden] = [of(''), of('?'), of('-')];
  return (message) => {
    if (forbidden.some((test) => test(message))) return false;
    if (needed.length > 0) return needed.every((test) => test(message));
    return optional.length === 0 || optional.some((test) => test(message));
  };
}

function tester(term: string): Matches {
  if (term.startsWith('"')) {
    const phrase = term
      .slice(1, term.length > 1 && term.endsWith('"') ? -1 : undefined)
      .replace(/\\(.)/g, '$1');
    return (message) => message.includes(phrase);
  }
  if (/^%.+%$/.test(term)) {
    const expression = compiled(term.slice(1, -1));
    return (message) => expression.test(message);
  }
  if (!/^\w+$/.test(term))
    throw new AwsError('InvalidParameterException', `Invalid character(s) in term '${term}'`);
  return (message) => message.includes(term);
}

function compiled(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    throw new AwsError('InvalidParameterException', `Invalid regex in filter pattern: '${source}'`);
  }
}
