import type { Facts } from './facts.ts';
import { html, table, type Html } from './html.ts';
import { deployOf } from './lineage.ts';
import { day, instant, timeAxis, timeOfDay, type TimeAxis } from './time-axis.ts';
import {
  alarmLanes,
  jobSpans,
  packed,
  trafficShares,
  type AlarmLane,
  type JobSpan,
  type Share,
} from './timeline-spans.ts';

const width = 1000;
const [left, right] = [132, width - 8];
const [trafficTop, trafficHeight] = [30, 110];
const lane = 20;
/** Of a character of the labels, for what fits. */
const characterWidth = 6.6;
const inks = ['var(--a)', 'var(--b)', 'var(--c)', 'var(--d)'];

/** Traffic of each version as areas, alarms and jobs as bars below, chapters as bands; a table tells the same. */
export function timelineSection(facts: Facts): Html {
  const { timeline } = facts;
  const axis = timeAxis(facts, left, right);
  const versions = [...new Set(timeline.flatMap(({ traffic }) => Object.keys(traffic ?? {})))];
  const ink = (version: string) => inks[versions.indexOf(version) % inks.length]!;
  const alarms = alarmLanes(timeline, axis.end);
  const [rang, silent] = [alarms.filter(hasRung), alarms.filter((alarm) => !hasRung(alarm))];
  const jobs = jobSpans(timeline);
  const lanes = packed(jobs);
  const alarmTop = trafficTop + trafficHeight + 12;
  const jobTop = alarmTop + rang.length * lane + 6;
  const bottom = jobTop + (Math.max(-1, ...lanes) + 1) * lane + 4;
  return html`<section aria-labelledby="timeline">
    <h2 id="timeline">What happened when</h2>
    <p class="soft">
      In AWS’s time (UTC), which ran ${facts.clockSpeed} times as fast as ours.
      ${axis.cuts.length > 0 ? 'Where nothing happened for long the axis is cut (┊).' : ''} The numbers are
      the changes of the table above.
    </p>
    <div class="legend">
      ${versions.map((version) => swatch(ink(version), versionLabel(version, facts)))}
      ${rang.length > 0 ? swatch('var(--bad)', 'alarm rings') : undefined}
      ${swatch('var(--d)', 'training job')} ${swatch('var(--e)', 'evaluation or analysis job')}
    </div>
    <figure>
      <div class="scroll" role="region" aria-label="Timeline, scrolls sideways" tabindex="0">
        <svg
          class="wide"
          viewBox="0 0 ${width} ${bottom + 34}"
          role="img"
          aria-label="Traffic share of each version over time, with alarms and jobs. The table below says the same."
        >
          ${chapterBands(facts, axis, bottom)} ${shareScale()}
          ${trafficShares(timeline, versions, axis.end).map((share) => area(share, axis, ink(share.name)))}
          ${rang.map((alarm, index) => alarmLane(alarm, axis, alarmTop + index * lane))}
          ${jobs.length > 0 ? laneName('jobs', jobTop) : undefined}
          ${jobs.map((job, index) => jobBar(job, axis, jobTop + lanes[index]! * lane))}
          ${cutMarks(axis, bottom)} ${ticks(facts, axis, bottom)}
        </svg>
      </div>
      ${silent.length > 0 ? html`<figcaption>${silent.map(({ name }) => name).join(', ')} never rang.</figcaption>` : undefined}
    </figure>
    <details>
      <summary>The same as a table</summary>
      ${table(
        'Every change, in AWS’s time',
        ['When', 'What', 'State', 'Traffic'],
        timeline.map(({ at, kind, name, state, traffic }) => [
          instant(at),
          `${kind} ${name}`,
          state,
          traffic === undefined ? '' : sharesText(traffic),
        ]),
      )}
    </details>
  </section>`;
}

const hasRung = ({ rang }: AlarmLane) => rang.length > 0;

function swatch(ink: string, what: string): Html {
  return html`<span><i style="background:${ink}"></i>${what}</span>`;
}

/** `v2 · flight-delay-ab6e8ce81f27` where a chapter's deployment says which version that is. */
function versionLabel(config: string, { chapters }: Facts): string {
  const version = chapters
    .map((chapter) => deployOf(chapter)?.version)
    .find((each) => each?.endpointConfig === config);
  const number = version?.modelPackageArn?.split('/').at(-1);
  return number === undefined ? config : `v${number} · ${config}`;
}

function chapterBands({ chapters }: Facts, axis: TimeAxis, bottom: number): Html[] {
  return chapters.map(({ title, startedAt, completedAt, verdicts }, index) => {
    const [x, end] = [axis.x(startedAt), axis.x(completedAt)];
    const number = String(index + 1);
    const full = `${number} ${title}`;
    return html`<rect
        x="${x}"
        y="4"
        width="${(end - x).toFixed(1)}"
        height="${bottom - 4}"
        fill="var(--panel)"
        opacity="${index % 2 === 0 ? 1 : 0.45}"
        ><title>${full}: ${Object.values(verdicts).join(', ')}</title></rect
      ><text class="name" x="${x + 6}" y="20"
        >${full.length * characterWidth < end - x - 8 ? full : number}</text
      >`;
  });
}

function shareScale(): Html[] {
  return [0, 50, 100].map((percent) => {
    const y = trafficTop + trafficHeight * (1 - percent / 100);
    return html`<line x1="${left}" x2="${right}" y1="${y}" y2="${y}" stroke="var(--line)" /><text
        class="axis"
        x="${left - 8}"
        y="${y + 4}"
        text-anchor="end"
        >${percent === 100 ? 'traffic 100' : percent} %</text
      >`;
  });
}

function area({ name, from, to, share, below }: Share, axis: TimeAxis, ink: string): Html {
  const [x, end] = [axis.x(from), axis.x(to)];
  return html`<rect
    x="${x}"
    y="${(trafficTop + trafficHeight * (1 - below - share)).toFixed(1)}"
    width="${Math.max(1, end - x).toFixed(1)}"
    height="${(share * trafficHeight).toFixed(1)}"
    fill="${ink}"
    ><title>
      ${name}: ${Math.round(share * 100)} % of the traffic from ${instant(from)} to ${instant(to)}
    </title></rect
  >`;
}

function laneName(name: string, top: number): Html {
  const shown = name.length > 18 ? `…${name.slice(-17)}` : name;
  return html`<text class="axis" x="${left - 8}" y="${top + 14}" text-anchor="end">${shown}</text>`;
}

function alarmLane({ name, rang }: AlarmLane, axis: TimeAxis, top: number): Html {
  return html`${laneName(name, top)}
  ${rang.map(
    ({ from, to, reason }) =>
      html`<rect
        x="${axis.x(from)}"
        y="${top + 4}"
        width="${Math.max(5, axis.x(to) - axis.x(from)).toFixed(1)}"
        height="${lane - 8}"
        rx="2"
        fill="var(--bad)"
        ><title>${name} rang from ${instant(from)} to ${instant(to)}: ${reason}</title></rect
      >`,
  )}`;
}

function jobBar({ name, from, to, state, kind }: JobSpan, axis: TimeAxis, top: number): Html {
  const x = axis.x(from);
  const fill = state === 'Failed' ? 'var(--bad)' : kind === 'training' ? 'var(--d)' : 'var(--e)';
  return html`<rect
    x="${x}"
    y="${top + 4}"
    width="${Math.max(4, axis.x(to) - x).toFixed(1)}"
    height="${lane - 8}"
    rx="3"
    fill="${fill}"
    ><title>${name}: ${state}, ${instant(from)} to ${instant(to)}</title></rect
  >`;
}

function cutMarks(axis: TimeAxis, bottom: number): Html[] {
  return axis.cuts.map((at) => {
    const x = axis.x(at) - 6;
    return html`<line
      x1="${x}"
      x2="${x}"
      y1="${trafficTop - 4}"
      y2="${bottom + 4}"
      stroke="var(--ink)"
      stroke-width="2"
      stroke-dasharray="2 4"
      ><title>Here the axis leaves out time in which nothing happened.</title></line
    >`;
  });
}

/** The time at which chapters begin, and at which the axis goes on after a cut; the day where it is another. */
function ticks({ chapters }: Facts, axis: TimeAxis, bottom: number): Html[] {
  let [free, today] = [-Infinity, ''];
  return [...chapters.map(({ startedAt }) => startedAt), ...axis.cuts]
    .sort((a, b) => a - b)
    .flatMap((at) => {
      const x = axis.x(at);
      if (x < free) return [];
      free = x + 44;
      const isNewDay = day(at) !== today;
      today = day(at);
      return [
        html`<line x1="${x}" x2="${x}" y1="${bottom}" y2="${bottom + 5}" stroke="var(--soft)" /><text
            class="axis"
            x="${x}"
            y="${bottom + 18}"
            >${timeOfDay(at)}</text
          >${isNewDay ? html`<text class="axis" x="${x}" y="${bottom + 32}">${today}</text>` : undefined}`,
      ];
    });
}

function sharesText(traffic: Readonly<Record<string, number>>): string {
  return Object.entries(traffic)
    .map(([version, share]) => `${version} ${Math.round(share * 100)} %`)
    .join(', ');
}
