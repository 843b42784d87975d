// Asks the server's API. The token is kept for this tab only and goes into the header that the API wants, so that no other site's page can use it.
const Key = "slimtafast.token";
const Patience = 30_000;

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

let asking = null;

// Who gets a token when one is wanted; it is called once for all requests that want one at the same time.
let getToken = async () => null;

export function onTokenWanted(handler) {
  getToken = handler;
}

export const get = (path, signal) => send("GET", path, undefined, signal);

export const post = (path, body) => send("POST", path, body);

async function send(method, path, body, signal) {
  while (true) {
    const token = sessionStorage.getItem(Key);
    const headers = {};
    if (token !== null)
      headers.Authorization = `Bearer ${token}`;
    if (body !== undefined)
      headers["Content-Type"] = "application/json";
    const late = AbortSignal.timeout(Patience);
    const response = await fetch(`/api/v1/${path}`, {
      method, headers, cache: "no-store", credentials: "omit", redirect: "error",
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, late]) : late,
    });
    if (response.status === 401) {
      // Another request may have got a better one meanwhile.
      if (sessionStorage.getItem(Key) === token)
        await askForToken(token !== null);
      continue;
    }

    if (response.ok)
      return await response.json();
    throw new ApiError(response.status, await readProblem(response));
  }
}

async function askForToken(wasWrong) {
  asking ??= getToken(wasWrong).finally(() => asking = null);
  sessionStorage.setItem(Key, await asking);
}

async function readProblem(response) {
  const text = await response.text();
  try {
    return JSON.parse(text).detail ?? `The server answers ${response.status}.`;
  } catch {
    return text.slice(0, 300) || `The server answers ${response.status}.`;
  }
}
