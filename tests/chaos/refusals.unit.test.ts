import { describe, expect, it } from 'vitest';
import { Faults } from './faults.ts';
import { refusalOf } from './refusals.ts';
import { Timetable } from './timetable.ts';

describe('a fault between a function and a service', () => {
  it('is answered as the service would answer it, or not at all', () => {
    const put = 'DynamoDB_20120810.PutItem';
    expect(refusalOf('serverError', put, {})).toMatchObject({ status: 500 });
    expect(refusalOf('throttle', 'AmazonSQS.SendMessage', {})!.body).toMatchObject({
      __type: 'com.amazonaws.sqs#RequestThrottled',
    });
    const actions = { TransactItems: [{}, {}] };
    expect(refusalOf('conflict', 'DynamoDB_20120810.TransactWriteItems', actions)!.body).toMatchObject({
      CancellationReasons: [{ Code: 'TransactionConflict' }, { Code: 'None' }],
    });
    expect(refusalOf('resetAfterCommit', put, {})).toBeUndefined();
  });

  it('is chosen by a seed, strikes no read as a conflict, and is counted', () => {
    const chosen = (seed: number) => {
      const faults = new Faults(seed, () => 6_000);
      faults.isOn = true;
      const all = Array.from({ length: 1_000 }, () => faults.of({ isWrite: false }));
      return { all, total: faults.total, conflicts: faults.struck.conflict };
    };
    expect(chosen(1)).toEqual(chosen(1));
    expect(chosen(1).all).not.toEqual(chosen(2).all);
    const { all, total, conflicts } = chosen(3);
    expect(total).toBe(all.filter((fault) => fault !== undefined).length);
    expect(total).toBeGreaterThan(150);
    expect(conflicts).toBe(0);
    expect(new Faults(1, () => 0).of({ isWrite: true })).toBeUndefined();
  });
});

it('a timetable lets things happen when their time has come, the earliest first', () => {
  let nowMs = 0;
  const happened: string[] = [];
  const timetable = new Timetable(() => nowMs);
  const plan: [string, number][] = [
    ['b', 20],
    ['a', 10],
    ['c', 20],
  ];
  for (const [name, atMs] of plan) timetable.at(atMs, () => happened.push(name));
  nowMs = 15;
  timetable.play();
  expect(happened).toEqual(['a']);
  nowMs = 20;
  timetable.play();
  expect([happened, timetable.waiting]).toEqual([['a', 'b', 'c'], 0]);
});
