import { createServer } from 'node:http';

// The least a server can be: what the local AWS's start is measured against.
const server = createServer((_, response) => response.end('{}\n'));
server.listen(0, '127.0.0.1', () =>
  console.log(JSON.stringify({ endpoint: `http://127.0.0.1:${server.address().port}` })),
);
