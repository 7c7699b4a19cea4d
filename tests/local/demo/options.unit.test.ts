import { describe, expect, it } from 'vitest';
import { parseDemoOptions } from '#local/demo/options.ts';
import { asksReplay } from '#local/start-command.ts';

describe('npm start', () => {
  it.each([
    [[], false],
    [['--once', '--report', 'r.json', '--seed', '3'], false],
    [['--events', 'a.ndjson'], true],
    [['--events=a.ndjson', '--once'], true],
    [['--orders', 'a.csv'], true],
    [['--help'], false],
  ])('replays if there is something to replay, else simulates: %j', (args, replays) => {
    expect(asksReplay(args)).toBe(replays);
  });
});

describe('the options of the demo', () => {
  it('are all optional', () => {
    expect(parseDemoOptions([])).toEqual({
      kind: 'run',
      options: {
        seed: 1,
        scale: 1,
        speed: 100,
        once: false,
        json: false,
        chaosTicks: false,
        sqsPort: 0,
        dynamodbPort: 0,
        boardPort: 0,
      },
    });
  });

  it('are read', () => {
    const args = ['--seed', '7', '--scale', '0.2', '--speed=120', '--once', '--report', 'r', '--log', 'l'];
    expect(parseDemoOptions(args)).toMatchObject({
      options: { seed: 7, scale: 0.2, speed: 120, once: true, reportFile: 'r', logFile: 'l' },
    });
    expect(parseDemoOptions(['--visibility-scale', '2.5', '--chaos-ticks'])).toMatchObject({
      options: { visibilityScale: 2.5, chaosTicks: true },
    });
    expect(parseDemoOptions(['-h'])).toEqual({ kind: 'help' });
  });

  it.each([
    [['--evnts', 'a'], 'unknown option --evnts; --help lists what there is'],
    [['x'], 'expected options only, got "x" (--orders FILE or --events FILE names an input)'],
    [['--seed'], '--seed: expected a value, got nothing'],
    [['--once=yes'], '--once: expected no value, got "yes"'],
    [['--seed', '1.5'], '--seed: expected a whole number from 0 to 4294967295, got "1.5"'],
    [['--scale', '0.01'], '--scale: expected a number from 0.15 to 10, got "0.01"'],
    [['--speed', 'fast'], '--speed: expected a number from 1 to 600, got "fast"'],
    [['--port', '70000'], '--port: expected a whole number from 0 to 65535, got "70000"'],
  ])('are refused if they are %j, with a message that says what is wrong', (args, message) => {
    expect(parseDemoOptions(args)).toEqual({ kind: 'mistake', message });
  });
});
