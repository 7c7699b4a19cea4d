import { once } from 'node:events';
import { createServer } from 'node:net';

/** All local servers listen on this address only, so nothing on the network can influence a run. */
export const LOCAL_HOST = '127.0.0.1';

const PORT_MAX = 65_535;

/** Returns the port, or any free one for 0. Throws if the port is taken. `option` is the setting's name in the message. */
export const freePort = async (option: string, port: number): Promise<number> => {
  checkPort(option, port);
  const server = createServer();
  try {
    server.listen(port, LOCAL_HOST);
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  } catch (error) {
    throw portError(option, port, error);
  } finally {
    server.close();
  }
};

export const checkPort = (option: string, port: number): void => {
  if (Number.isInteger(port) && port >= 0 && port <= PORT_MAX) return;
  throw new Error(`${option}: expected a port from 0 to ${PORT_MAX}, got ${port}`);
};

/** The error of a failed listen, in terms of the setting. */
export const portError = (option: string, port: number, cause: unknown): unknown => {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new Error(`${option}: expected a free port, got ${port}, which is in use on ${LOCAL_HOST}`, {
        cause,
      });
    case 'EACCES':
      return new Error(`${option}: expected a port this user may listen on, got ${port}`, { cause });
    default:
      return cause;
  }
};
