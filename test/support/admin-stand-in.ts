/** A listener on loopback that answers as the admin routes would, and remembers what it was asked. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

interface AdminRequest {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
}

export interface AdminStandIn {
  readonly url: string;
  readonly requests: readonly AdminRequest[];
  readonly close: () => Promise<void>;
}

export async function startAdminStandIn(status: number, answer: string): Promise<AdminStandIn> {
  const requests: AdminRequest[] = [];
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const { authorization, 'content-type': contentType } = request.headers;
      requests.push({
        method: request.method,
        path: request.url,
        authorization,
        contentType,
        body,
      });
      response.writeHead(status, { location: '/elsewhere' }).end(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // SAFETY: a server that listens on a port, not on a pipe, has an address of this shape.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- see SAFETY
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => {
          resolve();
        });
      }),
  };
}

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return text;
}
