/** Capture lines of every form that SageMaker writes and a model server answers, some thousands of them. */
export function captureLines(many: number): string[] {
  return Array.from({ length: many }, (_, n) => FORMS[n % FORMS.length]!(n));
}

export const CAPTURED = [
  'origin',
  'distance',
  'late',
  'share',
  'prediction',
  'prediction.1',
  'prediction.a',
  'prediction.b',
];
export const FEATURES = CAPTURED.slice(0, 4);

type Side = { observedContentType: string; mode: string; data: string; encoding: string };

function line(endpointInput: Side | undefined, endpointOutput: Side | undefined): string {
  return JSON.stringify({
    captureData: { ...(endpointInput && { endpointInput }), ...(endpointOutput && { endpointOutput }) },
    eventMetadata: { eventId: '5c1b4b0f', inferenceTime: '2027-06-03T13:00:00Z' },
    eventVersion: '0',
  });
}

function side(mode: string, data: string, encoding: string, type: string): Side {
  const kept = encoding === 'BASE64' ? Buffer.from(data).toString('base64') : data;
  return { observedContentType: type, mode, data: kept, encoding };
}

const asked = (data: unknown, encoding = 'JSON'): Side =>
  side('INPUT', JSON.stringify(data), encoding, 'application/json');
const answered = (data: unknown): Side => side('OUTPUT', JSON.stringify(data), 'JSON', 'application/json');

function instance(n: number): Record<string, unknown> {
  return {
    origin: ['DEN', 'Ω "q"', 'SFO'][n % 3],
    distance: n % 11 === 0 ? 'far' : n % 7 === 0 ? n + 0.5 : n,
    late: n % 2 === 0,
    ...(n % 13 === 0 ? {} : { share: n % 5 === 0 ? null : Math.sin(n) }),
  };
}

const FORMS: ((n: number) => string)[] = [
  (n) =>
    line(asked({ instances: [instance(n), instance(n + 1)] }), answered({ predictions: [1 / (n + 1), 1] })),
  (n) =>
    line(
      side('INPUT', `DEN,${n},true,${Math.cos(n)}\n"SFO",1e3,,nan\n`, 'CSV', 'text/csv'),
      side('OUTPUT', `${1 / (n + 1)}\n0.5`, 'CSV', 'text/csv'),
    ),
  (n) =>
    line(asked({ instances: [instance(n)] }, 'BASE64'), side('OUTPUT', `${1 / n}`, 'BASE64', 'text/csv')),
  (n) => line(asked([['DEN', n, false, null]]), answered([[1 / n, 2]])),
  (n) =>
    line(
      asked({ inputs: [{ features: ['DEN', -n, false, 0.25] }] }),
      answered({ outputs: [{ score: 1 / n }] }),
    ),
  (n) => line(asked(instance(n)), answered({ predictions: [{ a: 1 / n, b: 'yes' }] })),
  () => line(side('INPUT', '  SFO, +5 , x y,.5', 'BASE64', 'application/octet-stream'), undefined),
  (n) => line(undefined, answered(String(n))),
];
