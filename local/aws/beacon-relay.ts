import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { senderFault } from '../emulator/local-sender.ts';
import { LOCAL_HOST } from './ports.ts';
import { recordedBeacon } from './recorded-beacon.ts';

/**
 * A drand relay that serves recorded rounds, so that a local run needs no network. Everybody can know these rounds beforehand, so
 * they must not decide a real draw.
 */
export type BeaconRelay = { readonly endpoint: string; stop(): Promise<void> };

const ROUND_PATH = /^\/[0-9a-f]{64}\/public\/(\d+)$/;

export const startBeaconRelay = async (): Promise<BeaconRelay> => {
  const server = createServer((request, response) => {
    const fault = senderFault(request.headers);
    if (fault !== undefined) {
      response.writeHead(403).end(fault);
      return;
    }
    const [, number] = ROUND_PATH.exec(request.url ?? '') ?? [];
    void recordedBeacon.round(Number(number)).then((round) => {
      response
        .writeHead(round === undefined ? 404 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify(round ?? {}));
    });
  });
  server.listen(0, LOCAL_HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://${LOCAL_HOST}:${port}`,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
