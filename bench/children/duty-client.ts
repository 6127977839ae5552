/**
 * A validator client in a process of its own, so that its work is nobody else's. It speaks HTTP
 * straight over sockets that it keeps: a library would take more of the machine than the signer.
 */
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import process from 'node:process';

import type { Course, Endured } from '../ethereum/duty-client.ts';
import type { Call } from '../ethereum/votes.ts';

process.on('message', (message) => {
  if (typeof message !== 'string' || message === 'usage') return;
  // SAFETY: only ethereum/duty-client.ts holds the other end.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  run(JSON.parse(message) as Course).then(
    (endured) => process.send?.(endured),
    (error: unknown) => process.send?.({ trouble: String(error) }),
  );
});
// Between courses it has nothing else to stay for.
process.channel?.ref();
process.send?.('ready');

async function run({ port, connections, calls }: Course): Promise<Endured> {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const messages = calls.map((call) => ({ ...call, bytes: Buffer.from(textOf(call, port)) }));
  const milliseconds: number[] = [];
  let next = 0;
  const start = performance.now();
  await Promise.all(
    sockets.map(async (socket) => {
      for (let message = messages[next++]; message !== undefined; message = messages[next++]) {
        const asked = performance.now();
        const answer = await ask(socket, message.bytes);
        milliseconds.push(performance.now() - asked);
        check(answer, message);
      }
    }),
  );
  const took = performance.now() - start;
  for (const socket of sockets) socket.destroy();
  return { took, milliseconds };
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true }).setEncoding('latin1');
  await once(socket, 'connect');
  return socket;
}

function textOf({ path, body }: Call, port: number): string {
  return [
    `POST ${path} HTTP/1.1`,
    `host: localhost:${String(port)}`,
    'accept: application/json',
    'content-type: application/json',
    `content-length: ${String(Buffer.byteLength(body))}`,
    '',
    body,
  ].join('\r\n');
}

/** Resolves to the whole answer, head and body. */
function ask(socket: Socket, message: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const hear = (text: string): void => {
      answer += text;
      const end = answer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = /\r\ncontent-length: (?<bytes>\d+)/i.exec(answer)?.groups?.['bytes'];
      if (answer.length < end + 4 + Number(length)) return;
      socket.off('data', hear).off('close', fail);
      resolve(answer);
    };
    const fail = (): void => {
      reject(new Error('the signer hung up'));
    };
    socket.on('data', hear).once('close', fail);
    socket.write(message);
  });
}

function check(answer: string, { signatures }: Call): void {
  const isGood =
    answer.startsWith('HTTP/1.1 200 ') && answer.split('"signature":"0x').length === signatures + 1;
  if (!isGood) throw new Error(`answered ${answer.slice(0, 1_000)}`);
}
