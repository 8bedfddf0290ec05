// Sign in, load GraphiQL from this host, ask with a bearer token, or with the session of whoever is signed in here.
// Secret and token live in variables alone.
'use strict';
(() => {
  const seed = JSON.parse(document.getElementById('seed').textContent);
  const words = seed.words;
  const door = document.getElementById('door');
  const room = document.getElementById('room');
  const status = document.getElementById('status');
  let token = null;
  let root = null;

  function tell(text, wrong) {
    status.textContent = text;
    status.classList.toggle('wrong', Boolean(wrong));
  }

  class Told extends Error {}

  async function tokenFor(client, secret) {
    const answer = await fetch('/oauth/token', {
      method: 'POST',
      headers: {'content-type': 'application/x-www-form-urlencoded'},
      body: new URLSearchParams({grant_type: 'client_credentials', client_id: client, client_secret: secret}),
      credentials: 'omit',
    });
    if (answer.status === 429) throw new Told(words.too_many);
    if (answer.status >= 500) throw new Told(words.away);
    if (!answer.ok) throw new Told(words.refused);
    return (await answer.json()).access_token;
  }

  function ask(body) {
    const proof = token ? {'authorization': `Bearer ${token}`} : {'x-csrf-token': seed.word};
    return fetch('/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'accept': 'application/graphql-response+json, application/json',
        ...proof,
      },
      body: JSON.stringify(body),
      credentials: token ? 'omit' : 'same-origin',
    });
  }

  async function enter(found) {
    token = found;
    const answer = await ask({query: '{ __typename }'});
    if (answer.status === 401) {
      token = null;
      throw new Told(words.bad_token);
    }
    if (answer.status >= 500) throw new Told(words.away);
    await load();
    root = ReactDOM.createRoot(document.getElementById('graphiql'));
    root.render(React.createElement(GraphiQL, {
      fetcher,
      query: seed.query,
      variables: seed.variables,
      storage: memory(),
      isHeadersEditorEnabled: false,
      shouldPersistHeaders: false,
    }));
    door.hidden = true;
    room.hidden = false;
    document.getElementById('leave').focus();
  }

  function leave(text) {
    token = null;
    if (root) root.unmount();
    root = null;
    room.hidden = true;
    door.hidden = false;
    tell(text, Boolean(text));
    document.getElementById('client').focus();
  }

  // GraphiQL remembers queries in localStorage; here they are forgotten with the page.
  function memory() {
    const kept = new Map();
    return {
      getItem: (key) => (kept.has(key) ? kept.get(key) : null),
      setItem: (key, value) => void kept.set(key, String(value)),
      removeItem: (key) => void kept.delete(key),
      clear: () => kept.clear(),
      get length() { return kept.size; },
    };
  }

  let loading = null;
  function load() {
    loading ??= (async () => {
      for (const href of seed.styles) {
        const link = document.createElement('link');
        link.rel = 'stylesheet';
        link.href = href;
        document.head.append(link);
      }
      for (const src of seed.scripts) {
        await new Promise((done, failed) => {
          const script = document.createElement('script');
          script.src = src;
          script.onload = done;
          script.onerror = () => failed(new Told(words.away));
          document.head.append(script);
        });
      }
    })();
    loading.catch(() => { loading = null; });
    return loading;
  }

  function isSubscription(asked, options) {
    const parts = (options && options.documentAST && options.documentAST.definitions) || [];
    return parts.some((part) => part.kind === 'OperationDefinition' && part.operation === 'subscription' &&
      (!asked.operationName || (part.name && part.name.value === asked.operationName)));
  }

  function fetcher(asked, options) {
    const body = {query: asked.query, variables: asked.variables, operationName: asked.operationName};
    if (isSubscription(asked, options)) return follow(body);
    return ask(body).then((answer) => {
      if (answer.status === 401) {
        leave(words.over);
        return {errors: [{message: words.over}]};
      }
      return answer.json();
    });
  }

  // graphql-transport-ws, one subscription per socket.
  async function* follow(body) {
    const socket = new WebSocket(location.origin.replace(/^http/, 'ws') + '/graphql', 'graphql-transport-ws');
    const waiting = [];
    let wake = () => {};
    const put = (item) => { waiting.push(item); wake(); };
    socket.onopen = () => socket.send(JSON.stringify(
      {type: 'connection_init', payload: token ? {authorization: `Bearer ${token}`} : {}}));
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.type === 'connection_ack') socket.send(JSON.stringify({type: 'subscribe', id: '1', payload: body}));
      else if (message.type === 'ping') socket.send(JSON.stringify({type: 'pong'}));
      else if (message.type === 'next') put({value: message.payload});
      else if (message.type === 'error') put({value: {errors: message.payload}, last: true});
      else if (message.type === 'complete') put({last: true});
    };
    socket.onclose = (event) => put({last: true, error: event.code !== 1000 ? event.reason || words.away : null});
    try {
      for (;;) {
        while (!waiting.length) await new Promise((woken) => { wake = woken; });
        const item = waiting.shift();
        if (item.value) yield item.value;
        if (item.error) throw new Error(item.error);
        if (item.last) return;
      }
    } finally {
      socket.close(1000);
    }
  }

  function onSubmit(id, work) {
    const form = document.getElementById(id);
    form.addEventListener('submit', async (event) => {
      event.preventDefault();
      const button = form.querySelector('button');
      const empty = [...form.querySelectorAll('input')].find((field) => !field.value.trim());
      if (empty) {
        tell(words.missing, true);
        empty.focus();
        return;
      }
      button.disabled = true;
      tell(words.working);
      try {
        await work(form.elements);
        form.reset();
        tell('');
      } catch (error) {
        tell(error instanceof Told ? error.message : words.away, true);
        form.querySelector('input').focus();
      } finally {
        button.disabled = false;
      }
    });
  }

  onSubmit('client-form', async (fields) => enter(await tokenFor(fields.client.value.trim(), fields.secret.value)));
  onSubmit('token-form', async (fields) => enter(fields.token.value.trim()));
  document.getElementById('leave').addEventListener('click', () => leave(''));

  // Whoever is signed in here comes straight in; a page's footer brings its document along.
  if (seed.word) enter(null).catch((error) => tell(error instanceof Told ? error.message : words.away, true));
})();
