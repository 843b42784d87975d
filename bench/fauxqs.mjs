// A server of S3 and SQS on 127.0.0.1 for bench/storages and bench/memory: fauxqs, as tests/full installs it into artifacts/fauxqs. It keeps
// everything in its memory, asks nobody who they are and ignores conditions, so that one slimtafast only may use it.
// usage: node bench/fauxqs.mjs PORT BUCKET
import net from 'node:net';
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (o, ...r) {
  if (o && typeof o === 'object' && o.host === '0.0.0.0') o = { ...o, host: '127.0.0.1' };
  return listen.call(this, o, ...r);
};
const [port, bucket] = process.argv.slice(2);
const { startFauxqs } = await import(new URL('../artifacts/fauxqs/node_modules/fauxqs/dist/app.js', import.meta.url));
await startFauxqs({ port: Number(port), logger: false, init: { buckets: [bucket] } });
