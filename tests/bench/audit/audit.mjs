// The public audit of GraphQL over HTTP against a running server.   node audit.mjs URL HOST TOKEN
// HOST names the realm: *.localhost is resolved by browsers and not by Node, and fetch() sends no Host of ours.
import { request } from 'node:http';
import { auditServer } from 'graphql-http';

const [url, host, token] = process.argv.slice(2);

const fetchFn = (address, init = {}) =>
  new Promise((resolve, reject) => {
    const headers = { ...Object.fromEntries(new Headers(init.headers)), host, authorization: `Bearer ${token}` };
    if (init.body) headers['content-length'] = Buffer.byteLength(init.body);
    const asked = request(address, { method: init.method ?? 'GET', headers }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () =>
        resolve(new Response(Buffer.concat(parts), { status: answer.statusCode, headers: answer.headers })),
      );
    });
    asked.on('error', reject);
    asked.end(init.body);
  });

const results = await auditServer({ url, fetchFn });
const failed = results.filter((result) => result.status !== 'ok');
for (const { id, name, status, reason } of failed) console.error(`${status} ${id} ${name}: ${reason}`);
console.log(`${results.length - failed.length} of ${results.length}`);
process.exit(failed.length ? 1 : 0);
