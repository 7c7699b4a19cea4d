import { describe, expect, it } from 'vitest';
import { resolveIntrinsics, type Scope } from '#local/aws/intrinsics.ts';

const scope: Scope = {
  ref: (name) => ({ Queue: 'http://queue', Table: 'the-table', 'AWS::Region': 'here' })[name],
  attribute: (logicalId, name) => (logicalId === 'Queue' && name === 'Arn' ? 'arn:queue' : undefined),
};
const resolve = (value: unknown) => resolveIntrinsics(value, scope, 'Thing.Property');

describe('resolveIntrinsics', () => {
  it.each([
    ['a reference', { Ref: 'Table' }, 'the-table'],
    ['an attribute that is named by a list', { 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:queue'],
    ['an attribute that is named by a string', { 'Fn::GetAtt': 'Queue.Arn' }, 'arn:queue'],
    [
      'a join',
      { 'Fn::Join': ['/', ['a', { Ref: 'AWS::Region' }, { 'Fn::GetAtt': ['Queue', 'Arn'] }]] },
      'a/here/arn:queue',
    ],
    [
      'a substitution',
      { 'Fn::Sub': `\${Table} in \${AWS::Region}, \${Queue.Arn}, \${!Table}` },
      `the-table in here, arn:queue, \${Table}`,
    ],
    ['a substitution with variables', { 'Fn::Sub': [`\${name}!`, { name: { Ref: 'Table' } }] }, 'the-table!'],
    ['a split and a selection', { 'Fn::Select': [1, { 'Fn::Split': ['-', { Ref: 'Table' }] }] }, 'table'],
    ['a nested structure', { a: [{ b: { Ref: 'Table' } }], c: 1 }, { a: [{ b: 'the-table' }], c: 1 }],
    [
      'AWS::NoValue by leaving out the key or the list entry that has it',
      { a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] },
      { b: [1] },
    ],
  ])('resolves %s', (_, value, expected) => {
    expect(resolve(value)).toEqual(expected);
  });

  it.each([
    [
      'an unknown resource',
      { Ref: 'Bucket' },
      'template: Thing.Property uses Ref Bucket, which has no value in the local run',
    ],
    [
      'an unknown attribute',
      { 'Fn::GetAtt': ['Queue', 'Url'] },
      'template: Thing.Property uses Fn::GetAtt Queue.Url, which has no value in the local run',
    ],
    [
      'an unknown function',
      { 'Fn::ImportValue': 'x' },
      'template: Thing.Property uses Fn::ImportValue, which the local run does not know',
    ],
    [
      'an unknown name in a substitution',
      { 'Fn::Sub': `\${Bucket}` },
      `template: Thing.Property uses Fn::Sub \${Bucket}, which has no value in the local run`,
    ],
    [
      'an index that is out of range',
      { 'Fn::Select': [3, ['a']] },
      'template: Thing.Property uses Fn::Select [3], which has no value in the local run',
    ],
    [
      'a join of something that is not a string',
      { 'Fn::Join': ['', [{}]] },
      'template: Fn::Join at Thing.Property expected a string, got {}',
    ],
  ])('refuses %s', (_, value, message) => {
    expect(() => resolve(value)).toThrow(message);
  });
});
