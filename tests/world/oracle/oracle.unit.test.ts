import { expect, it } from 'vitest';
import { BrokenWorld, shardItem } from '../../support/oracle-world.ts';
import type { Invariant } from './invariant.ts';
import { watermark } from './invariants/watermark.ts';

it('the oracle reports a fault of its own, and does not throw it into the call that it judges', async () => {
  const broken: Invariant = {
    name: 'broken',
    begin: () => ({
      onStep: () => {
        throw new RangeError('what it could not read');
      },
    }),
  };
  const violations = await new BrokenWorld([broken]).write(shardItem('engine/platform', 1)).end();
  expect(violations).toEqual([expect.stringMatching(/^oracle: RangeError: what it could not read/)]);
});

it('the oracle does not read the blocks of a model’s examples as blocks of orders', async () => {
  const item = (window: string, name: string, body?: Uint8Array) =>
    ['metrics', { window: { S: window }, item: { S: name }, ...(body && { body: { B: body } }) }] as const;
  const world = new BrokenWorld([watermark]);
  world.write(item('c1#examples#0#2026-11-10T16:00:00.000Z#0', 'BLOCK#b1', Uint8Array.of(1)));
  world.write(item('c1#examples#pending#0', 'PENDING#2026-11-10T16:00:00.000Z/b1'));
  expect(await world.end()).toEqual([]);
});
