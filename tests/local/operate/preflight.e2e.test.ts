import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { devNull } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { runScript } from '../../support/run-start.ts';

type Account = { invocations: number; writeUnits: number; refuses?: string };

const ENOUGH: Account = { invocations: 1_000, writeUnits: 40_000 };

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** Starts a server that answers about an account as Lambda and DynamoDB do. Returns its address. */
const startAccount = async ({ invocations, writeUnits, refuses }: Account): Promise<string> => {
  const limits = {
    AccountMaxReadCapacityUnits: 80_000,
    AccountMaxWriteCapacityUnits: 80_000,
    TableMaxReadCapacityUnits: 40_000,
    TableMaxWriteCapacityUnits: writeUnits,
  };
  const settings = {
    AccountLimit: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: invocations },
    AccountUsage: {},
  };
  const server = createServer((request, response) => {
    const action = request.url === '/2016-08-19/account-settings' ? 'settings' : 'limits';
    const isRefused = refuses === action;
    response.writeHead(isRefused ? 403 : 200, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        isRefused
          ? { __type: 'AccessDeniedException', message: 'not you' }
          : action === 'settings'
            ? settings
            : limits,
      ),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** An environment without any settings for AWS, as on a machine that has never used AWS. */
const NOTHING = {
  ...{ AWS_PROFILE: '', AWS_REGION: '', AWS_DEFAULT_REGION: '', AWS_ACCESS_KEY_ID: '' },
  ...{ AWS_SECRET_ACCESS_KEY: '', AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull },
  ...{ AWS_EC2_METADATA_DISABLED: 'true', AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '' },
};
const REGION = { ...NOTHING, AWS_REGION: 'eu-central-1' };

const doctor = (env: Record<string, string>, ...options: string[]) =>
  runScript('bin/zhihui.js', ['doctor', ...options], undefined, env);

const preflight = async (account: Account, ...options: string[]) =>
  doctor(
    {
      ...REGION,
      ...{ AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' },
      AWS_ENDPOINT_URL: await startAccount(account),
    },
    '--preflight',
    ...options,
  );

describe('zhihui doctor --preflight', () => {
  it('compares what an account allows with what the stage may ask for', async () => {
    const { status, stdout } = await preflight(ENOUGH, '--stage', 'sandbox', '--peak', '50');
    expect(stdout).toContain('stack Zhihui-sandbox in eu-central-1, for 50 orders a second\n');
    expect(stdout).toMatch(/^all functions at most: \d+ invocations at a time of 1,000$/m);
    expect(stdout).toMatch(/^table members: \d+ write units a second of 40,000$/m);
    expect(stdout).toMatch(/the quotas are enough\n$/);
    expect(status).toBe(0);
  });

  it('says which quota of a new account is too small, what happens then, and what to ask for', async () => {
    const { status, stdout } = await preflight({ ...ENOUGH, invocations: 10 });
    expect(stdout).toContain('a function with a backlog takes the capacity of all others');
    expect(stdout).toContain('ask AWS for more of Lambda, "Concurrent executions"');
    expect(stdout).toMatch(/ask for more before the sale\n$/);
    expect(status).toBe(1);
  });

  it('sizes by the peak: a quota that is enough for 4,000 orders a second is not enough for 50,000', async () => {
    const small = await preflight(ENOUGH, '--peak', '4000');
    const large = await preflight(ENOUGH, '--peak', '50000', '--json');
    expect(small.stdout).not.toContain('write throughput');
    const checks = (JSON.parse(large.stdout) as { checks: { what: string; advice?: string }[] }).checks;
    expect(checks.find(({ advice }) => advice?.includes('write throughput'))?.what).toBe('table members');
    expect(large.status).toBe(1);
  });

  it('says in one line what is missing if there are no credentials, or no region', async () => {
    expect(await doctor(REGION, '--preflight')).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'error: AWS credentials: expected some, got none; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\n',
    });
    expect(await doctor(NOTHING, '--preflight')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'error: AWS_REGION: expected a region such as us-east-1, got nothing\n',
    });
  });

  it.each([
    ['settings', 'lambda:GetAccountSettings'],
    ['limits', 'dynamodb:DescribeLimits'],
  ])('names the permission that is missing for %s', async (refuses, action) => {
    expect(await preflight({ ...ENOUGH, refuses })).toEqual({
      status: 1,
      stdout: '',
      stderr: `error: ${action}: expected an answer, got AccessDeniedException: not you\n`,
    });
  });

  it('refuses options of the other mode', async () => {
    expect((await doctor(REGION, '--peak', '5')).stderr).toContain('--peak: expected only with --preflight');
    expect((await doctor(REGION, '--preflight', '--data', 'x')).stderr).toContain(
      '--data: expected only without --preflight',
    );
  });
});
