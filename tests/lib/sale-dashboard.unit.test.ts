import { describe, expect, it } from 'vitest';
import { type Json, StackTemplate } from './template.ts';

const template = new StackTemplate();

describe('the sale’s dashboard', () => {
  const content = (): Json => JSON.parse(template.dashboardText('SaleDashboard'));

  it('is one widget, which asks the board function again at each refresh', () => {
    expect(content().widgets).toEqual([
      {
        type: 'custom',
        x: 0,
        y: 0,
        width: 24,
        height: 18,
        properties: {
          title: 'Sale',
          endpoint: 'Board/Function',
          updateOn: { refresh: true, resize: true, timeRange: false },
        },
      },
    ]);
  });

  it('is the only thing in the stack that calls the board function, which has no public address', () => {
    const boardId = template.functions().find(({ name }) => name === 'board')!.id;
    expect(template.all('AWS::Lambda::Url')).toEqual([]);
    const permissions = template.all('AWS::Lambda::Permission').map(([, { Properties }]) => Properties);
    expect(permissions.filter(({ FunctionName: name }) => name['Fn::GetAtt'][0] === boardId)).toEqual([]);
  });
});
