// A partner institution played by the certified provider (npm oidc-provider), for tests alone.
// `node provider.mjs PORT` prints `ready` once it answers. Tests put people and clients by POST /_test/….
import dns from 'node:dns';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import http from 'node:http';
import { Provider } from 'oidc-provider';

const port = Number(process.argv[2]);
const issuer = `http://localhost:${port}`;

// Houses of tests are named `….test`; their doors are on this machine.
const lookup = dns.lookup;
dns.lookup = (host, ...rest) => lookup(host.endsWith('.test') ? '127.0.0.1' : host, ...rest);

// What was issued outlives a change of keys, since every provider that is built anew has the same store.
const store = new Map();
class Adapter {
  constructor(model) { this.model = model; }
  key(id) { return `${this.model}:${id}`; }
  own() { return [...store].filter(([key]) => key.startsWith(`${this.model}:`)); }
  async upsert(id, payload, seconds) { store.set(this.key(id), { ...payload, ends: seconds && Date.now() + seconds * 1000 }); }
  async find(id) { const kept = store.get(this.key(id)); return kept && (!kept.ends || kept.ends > Date.now()) ? kept : undefined; }
  async findByUid(uid) { return this.own().map(([, kept]) => kept).find((kept) => kept.uid === uid); }
  async findByUserCode(code) { return this.own().map(([, kept]) => kept).find((kept) => kept.userCode === code); }
  async consume(id) { store.get(this.key(id)).consumed = Math.floor(Date.now() / 1000); }
  async destroy(id) { store.delete(this.key(id)); }
  async revokeByGrantId(grant) { for (const [key, kept] of store) if (kept.grantId === grant) store.delete(key); }
}

const people = new Map();

function pair(alg) {
  const { privateKey } = alg === 'ES256'
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg };
}

function built() {
  const provider = new Provider(issuer, {
    adapter: Adapter,
    jwks: { keys: [pair('ES256'), pair('RS256')] },
    cookies: { keys: ['tests alone'] },
    pkce: { required: () => true },
    scopes: ['openid', 'profile', 'email', 'groups'],
    claims: { openid: ['sub', 'hd'], profile: ['name'], email: ['email', 'email_verified'], groups: ['groups'] },
    features: {
      devInteractions: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
    },
    // It refuses to call this machine, rightly; the houses of tests are nowhere else.
    fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
    async findAccount(_, sub) {
      return people.has(sub) ? { accountId: sub, claims: async () => ({ sub, ...people.get(sub) }) } : undefined;
    },
    async loadExistingGrant({ oidc }) { // institutions consent for their staff
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid profile email groups');
      await grant.save();
      return grant;
    },
  });
  for (const name of ['server_error', 'authorization.error', 'grant.error', 'userinfo.error', 'backchannel.error', 'end_session.error', 'pushed_authorization_request.error']) {
    provider.on(name, (_, error) => console.error(`${name}: ${error.message} ${error.error_description ?? ''} ${error.error_detail ?? ''}`));
  }
  return provider.callback();
}
let answer = built();

async function told(request) {
  let text = '';
  for await (const part of request) text += part;
  return text ? JSON.parse(text) : {};
}

http.createServer(async (request, response) => {
  if (!request.url.startsWith('/_test/')) return answer(request, response);
  const facts = await told(request);
  if (request.url === '/_test/person') people.set(facts.sub, facts.claims);
  else if (request.url === '/_test/client') store.set(`Client:${facts.client_id}`, facts);
  else if (request.url === '/_test/new-keys') answer = built();
  else return response.writeHead(404).end();
  return response.writeHead(204).end();
}).listen(port, '127.0.0.1', () => console.log('ready'));
