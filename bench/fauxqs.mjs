// A server of S3 and SQS on 127.0.0.1 for bench/storages and bench/memory: fauxqs, as tests/full installs it into artifacts/fauxqs. It keeps
// everything in its memory and asks nobody who they are. It ignores conditions, so that one slimtafast only may use it; with `conditions` they are
// checked here, as S3 does.
// usage: node bench/fauxqs.mjs PORT BUCKET [conditions]
import http from 'node:http';
import net from 'node:net';
const [port, bucket, conditions] = process.argv.slice(2);
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (o, ...r) {
  if (o && typeof o === 'object' && o.host === '0.0.0.0') o = { ...o, host: '127.0.0.1' };
  return listen.call(this, o, ...r);
};
if (conditions) {
  const emit = http.Server.prototype.emit, agent = new http.Agent({ keepAlive: true }), last = new Map();
  const find = (path) => new Promise((done, fail) => http.request({ port, path, method: 'HEAD', agent }, (answer) => {
    answer.resume().on('end', () => done(answer.statusCode === 200 ? answer.headers.etag : null));
  }).on('error', fail).end());
  const run = async (server, request, response) => {
    const found = await find(request.url), tag = request.headers['if-match'];
    if (tag ? found === tag : found === null) {
      const over = new Promise((done) => response.on('close', done));
      emit.call(server, 'request', request, response);
      return over;
    }
    const status = tag && found === null ? 404 : 412, code = status === 404 ? 'NoSuchKey' : 'PreconditionFailed';
    request.resume().on('end', () => response.writeHead(status, { 'Content-Type': 'application/xml' }).end(`<Error><Code>${code}</Code></Error>`));
  };
  // One write of a name after the other.
  http.Server.prototype.emit = function (event, request, response) {
    if (event !== 'request' || request.method !== 'PUT' || !(request.headers['if-match'] || request.headers['if-none-match'])) return emit.apply(this, arguments);
    const turn = (last.get(request.url) ?? Promise.resolve()).then(() => run(this, request, response)).catch(() => response.destroy());
    last.set(request.url, turn);
    turn.then(() => { if (last.get(request.url) === turn) last.delete(request.url); });
    return true;
  };
}
const { startFauxqs } = await import(new URL('../artifacts/fauxqs/node_modules/fauxqs/dist/app.js', import.meta.url));
await startFauxqs({ port: Number(port), logger: false, init: { buckets: [bucket] } });
