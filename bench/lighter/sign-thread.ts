/** A thread that signs as many orders as it is told to, and says when it has. */
import { parentPort, workerData } from 'node:worker_threads';

import { isOrderSignerName, ORDER_SIGNERS } from './order-signers.ts';
import { createTurns } from './orders.ts';

if (parentPort === null || !isOrderSignerName(workerData)) {
  throw new Error('this thread is started with the name of a signer');
}
const port = parentPort;
const signMany = createTurns(await ORDER_SIGNERS[workerData]());
port.on('message', (operations: number) => {
  void signMany(operations).then(() => {
    port.postMessage('done');
  });
});
port.postMessage('ready');
