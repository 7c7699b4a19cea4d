import { fileURLToPath } from 'node:url';

/** Node runs TypeScript as it is from here on. */
export const NEEDED = [22, 18];

/** The version that a machine with an older one gets beside its own, from npm. */
export const OWN_VERSION = '24.21.0';

/** Where that is installed: a folder of its own, so that no other machine has to fetch it. */
export const OWN_PREFIX = fileURLToPath(new URL('../node_modules/.node', import.meta.url));
export const OWN_NODE = fileURLToPath(
  new URL('../node_modules/.node/node_modules/node/bin/node', import.meta.url),
);

export const isNewEnough = () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  return major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
};
