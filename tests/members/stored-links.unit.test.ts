import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, it } from 'vitest';
import { newMember, putMembers, readMembers, scanMembers } from '#domain/members/members-table.ts';
import { emulatedTables } from '../support/emulated-tables.ts';
import { testRuntime } from '../support/runtime.ts';

const ALIAS = {
  member: { S: 'guest' },
  body: {
    M: {
      version: { N: '3' },
      link: { M: { to: { S: 'm1' }, id: { S: 'AAAAAAAAAAAAAAAA' }, timeMs: { N: '1762776000000' } } },
    },
  },
};
const MEMBER = {
  member: { S: 'm1' },
  body: {
    M: {
      version: { N: '2' },
      aliases: { L: [{ S: 'guest' }, { S: 'app-2' }] },
      joined: { M: { sinceMs: { N: '1762776000000' }, firstId: { S: '' } } },
    },
  },
};

/** The item that stands in the place of a member while the member is being erased. */
const PLACE = { member: { S: 'm2' }, body: { M: { version: { N: '4' }, erased: { BOOL: true } } } };

it('the item in the place of an erased member is read as it is stored, and written in the same form', async () => {
  const dynamodb = emulatedTables();
  const runtime = testRuntime({ clients: { dynamodb } });
  await dynamodb.send(new PutItemCommand({ TableName: 'Members', Item: PLACE }));
  const read = (await readMembers(runtime, ['m2'])).get('m2')!;
  expect(read).toEqual({ ...newMember('m2'), version: 4, isErased: true });
  await putMembers(runtime, [read]);
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: 'Members', Key: { member: PLACE.member } }),
  );
  expect(Item).toEqual({ ...PLACE, body: { M: { ...PLACE.body.M, version: { N: '5' } } } });
});

it('links are read as they are stored, and written again with the member; a scan leaves out aliases', async () => {
  const dynamodb = emulatedTables();
  const runtime = testRuntime({ clients: { dynamodb } });
  for (const Item of [ALIAS, MEMBER]) await dynamodb.send(new PutItemCommand({ TableName: 'Members', Item }));
  const read = await readMembers(runtime, ['guest', 'm1']);
  expect(read.get('guest')).toEqual({
    ...newMember('guest'),
    version: 3,
    link: { to: 'm1', id: 'AAAAAAAAAAAAAAAA', timeMs: 1_762_776_000_000 },
  });
  expect(read.get('m1')).toEqual({
    ...newMember('m1'),
    version: 2,
    aliases: ['guest', 'app-2'],
    joined: { sinceMs: 1_762_776_000_000, firstId: '' },
  });
  await putMembers(runtime, [read.get('m1')!]);
  const { Item } = await dynamodb.send(
    new GetItemCommand({ TableName: 'Members', Key: { member: MEMBER.member } }),
  );
  expect(Item).toEqual({ ...MEMBER, body: { M: { ...MEMBER.body.M, version: { N: '3' } } } });
  const { members } = await scanMembers(runtime, { index: 0, segments: 1 }, undefined);
  expect(members.map(({ member }) => member)).toEqual(['m1']);
});
