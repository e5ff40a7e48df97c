import type { Facts, TimelineFact } from './facts.ts';
import { html, table, type Html } from './html.ts';
import { stretch, type Stretch } from './time-axis.ts';

const width = 1000;
const left = 92;
const trafficHeight = 110;
const lane = 22;
const inks = ['var(--a)', 'var(--b)', 'var(--c)', 'var(--d)'];

/** Traffic of each version as areas, alarms as marks, jobs as bars, chapters as labels; a table tells the same. */
export function timelineSection(facts: Facts): Html {
  const axis = stretch(facts, left, width - 8);
  const shares = trafficShares(facts.timeline);
  const versions = [...new Set(shares.flatMap(({ traffic }) => Object.keys(traffic)))];
  const ink = (version: string) => inks[versions.indexOf(version) % inks.length]!;
  const alarms = facts.timeline.filter(({ kind }) => kind === 'alarm');
  const jobs = jobSpans(facts.timeline);
  const top = 34;
  const alarmTop = top + trafficHeight + 14;
  const jobTop = alarmTop + lane;
  const lanes = packed(jobs);
  const height = jobTop + (Math.max(0, ...lanes) + 1) * lane + 24;
  return html`<section aria-labelledby="timeline">
    <h2 id="timeline">What happened when</h2>
    <p class="soft">
      AWS’s time, which ran ${facts.clockSpeed} times as fast as ours; where nothing happened for long, the
      axis is cut (⋯).
    </p>
    <div class="legend">
      ${versions.map((version) => html`<span><i style="background:${ink(version)}"></i>${version}</span>`)}
    </div>
    <figure>
      <svg
        viewBox="0 0 ${width} ${height}"
        role="img"
        aria-label="Traffic share of each version over time, with alarms and jobs. The table below says the same."
      >
        ${chapterMarks(facts, axis, height)} ${areas(shares, versions, axis, top, ink)}
        <text class="axis" x="0" y="${top + 12}">traffic</text>
        <text class="axis" x="0" y="${alarmTop + 14}">alarms</text>
        <text class="axis" x="0" y="${jobTop + 14}">jobs</text>
        ${alarms.map((alarm) => alarmMark(alarm, axis, alarmTop))}
        ${jobs.map((job, index) => jobBar(job, axis, jobTop + lanes[index]! * lane))}
      </svg>
    </figure>
    <details>
      <summary>The same as a table</summary>
      ${table(
        'Every change, in AWS’s time',
        ['When', 'What', 'State', 'Traffic'],
        facts.timeline.map(({ at, kind, name, state, traffic }) => [
          clock(at),
          `${kind} ${name}`,
          state,
          traffic === undefined ? '' : sharesText(traffic),
        ]),
      )}
    </details>
  </section>`;
}

type Shares = { at: number; traffic: Readonly<Record<string, number>> };

function trafficShares(timeline: readonly TimelineFact[]): Shares[] {
  return timeline.flatMap(({ at, traffic }) => (traffic === undefined ? [] : [{ at, traffic }]));
}

/** Stacked areas: each share holds from its moment to the next. */
function areas(
  shares: readonly Shares[],
  versions: readonly string[],
  axis: Stretch,
  top: number,
  ink: (version: string) => string,
): Html[] {
  return shares.flatMap(({ at, traffic }, index) => {
    const [from, to] = [axis.x(at), axis.x(shares[index + 1]?.at ?? axis.end)];
    let y = top + trafficHeight;
    return versions.flatMap((version) => {
      const share = traffic[version] ?? 0;
      if (share === 0 || to <= from) return [];
      const high = share * trafficHeight;
      y -= high;
      return [
        html`<rect
          x="${from.toFixed(1)}"
          y="${y.toFixed(1)}"
          width="${(to - from).toFixed(1)}"
          height="${high.toFixed(1)}"
          fill="${ink(version)}"
          opacity="0.85"
          ><title>${clock(at)} ${version}: ${Math.round(share * 100)} % of the traffic</title></rect
        >`,
      ];
    });
  });
}

function chapterMarks({ chapters }: Facts, axis: Stretch, height: number): Html[] {
  return chapters.map(({ title, startedAt, verdicts }, index) => {
    const x = axis.x(startedAt);
    return html`<line x1="${x}" x2="${x}" y1="22" y2="${height - 4}" stroke="var(--line)" /><text
        x="${x + 3}"
        y="14"
        >${index + 1}<title>${title}: ${Object.values(verdicts).join(', ')}</title></text
      >`;
  });
}

function alarmMark({ at, name, state, detail }: TimelineFact, axis: Stretch, top: number): Html {
  const x = axis.x(at);
  const reason = typeof detail?.['reason'] === 'string' ? detail['reason'] : '';
  const fill = state === 'ALARM' ? 'var(--bad)' : state === 'OK' ? 'var(--good)' : 'var(--soft)';
  return html`<path d="M${x - 5} ${top + 16} L${x} ${top + 6} L${x + 5} ${top + 16} Z" fill="${fill}"
    ><title>${clock(at)} ${name}: ${state} ${reason}</title></path
  >`;
}

type Span = { name: string; from: number; to: number; state: string };

/** From a job's first entry to its last. */
function jobSpans(timeline: readonly TimelineFact[]): Span[] {
  const spans = new Map<string, Span>();
  for (const { kind, name, at, state } of timeline) {
    if (kind !== 'job') continue;
    const known = spans.get(name);
    spans.set(name, known === undefined ? { name, from: at, to: at, state } : { ...known, to: at, state });
  }
  return [...spans.values()];
}

/** The lowest free lane for each span, in the order they began. */
function packed(spans: readonly Span[]): number[] {
  const free: number[] = [];
  return spans.map(({ from, to }) => {
    const found = free.findIndex((until) => until < from);
    const chosen = found < 0 ? free.length : found;
    free[chosen] = to;
    return chosen;
  });
}

function jobBar({ name, from, to, state }: Span, axis: Stretch, top: number): Html {
  const [x, end] = [axis.x(from), axis.x(to)];
  const fill = state === 'Completed' ? 'var(--d)' : state === 'Failed' ? 'var(--bad)' : 'var(--soft)';
  return html`<rect
    x="${x}"
    y="${top + 4}"
    width="${Math.max(3, end - x)}"
    height="${lane - 8}"
    rx="3"
    fill="${fill}"
    ><title>${name}: ${state}, ${clock(from)} to ${clock(to)}</title></rect
  >`;
}

function sharesText(traffic: Readonly<Record<string, number>>): string {
  return Object.entries(traffic)
    .map(([version, share]) => `${version} ${Math.round(share * 100)} %`)
    .join(', ');
}

function clock(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').slice(0, 19);
}
