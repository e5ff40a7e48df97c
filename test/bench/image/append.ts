import {
  appendToImage,
  baseImage,
  listFolder,
  openRegistry,
  parsePlatform,
  parseReference,
} from '@tidegate/image';

/* The least program around appendToImage: base, destination, a folder of code and perhaps one of weights. */

const [base = '', to = '', code = '', weights] = process.argv.slice(2);
const reference = parseReference(base);
const destination = parseReference(to);
const registry = openRegistry({ url: `http://${destination.registry}` });
const image = await appendToImage({
  base: baseImage(registry, reference, parsePlatform('linux/amd64')),
  to: { registry, repository: destination.repository, tags: [destination.tag ?? 'latest'] },
  layers: [
    { entries: listFolder(code, '/opt/code'), compression: 'gzip', createdBy: 'code' },
    ...(weights
      ? [{ entries: listFolder(weights, '/opt/weights'), compression: 'none' as const, createdBy: 'weights' }]
      : []),
  ],
  edits: { entrypoint: ['/opt/code/serve'] },
});
registry.close();
const { maxRSS, fsWrite } = process.resourceUsage();
const facts = {
  digest: image.digest,
  reused: image.reused,
  pushedBytes: image.pushedBytes,
  requests: registry.requests,
  receivedBytes: registry.receivedBytes,
  peakMemoryMb: Math.round(maxRSS / 1024),
  diskWrittenBytes: fsWrite * 512,
};
console.log(JSON.stringify(facts));
