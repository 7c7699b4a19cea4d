import { fileURLToPath } from 'node:url';

/** From this version on, Node runs TypeScript directly. */
export const NEEDED = [22, 18];

/** The version that is installed from npm on a machine whose own Node is too old. */
export const OWN_VERSION = '24.21.0';

/**
 * Where this version is installed: in a folder of its own, so that machines with a newer Node need not fetch it, and outside of
 * `node_modules`, which `npm ci` empties even while it runs on this Node.
 */
export const OWN_PREFIX = fileURLToPath(new URL('../.zhihui/node', import.meta.url));
export const OWN_NODE = fileURLToPath(new URL('../.zhihui/node/node_modules/node/bin/node', import.meta.url));

export const isNewEnough = () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
};
