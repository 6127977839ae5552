/** The writer's own thread: takes everything that waits, commits it once, says how each batch ended. */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';

import { killProbe } from './kill-point.ts';
import { openForWriting } from './sqlite-driver.ts';
import { type Batch, createWriter } from './writer.ts';
import type { ToWriter, WriterData } from './writer-client.ts';

if (parentPort === null) throw new Error('the store writer runs only as a worker thread');
const port = parentPort;
// SAFETY: writer-client.ts starts this thread and is the only one to do so.
// eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
const { path, killAt } = workerData as WriterData;

const writer = createWriter(() => openForWriting(path), killProbe(killAt));

port.on('message', (first: ToWriter) => {
  const batches: Batch[] = [];
  let closing = false;
  for (let message: ToWriter | undefined = first; message !== undefined; message = nextWaiting()) {
    if (message.kind === 'close') closing = true;
    else batches.push(...message.batches);
  }
  if (batches.length > 0) port.postMessage(writer.apply(batches));
  if (closing) {
    writer.close();
    port.close();
  }
});
port.postMessage('ready');

function nextWaiting(): ToWriter | undefined {
  // SAFETY: only writer-client.ts holds the other end of this port.
  return (receiveMessageOnPort(port) as { message: ToWriter } | undefined)?.message;
}
