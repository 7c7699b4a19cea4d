import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { Reject } from '#domain/intake/rejects.ts';
import type { AskBoard, BoardParameters } from '#local/board/ask.ts';
import { rejectsOf } from '#local/board/rejects.ts';
import { type BoardServer, startBoardServer } from '#local/board/server.ts';

let server: BoardServer | undefined;
const serve = async (ask: AskBoard): Promise<string> => {
  server = await startBoardServer(0, ask);
  return server.url;
};
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

describe('the page’s server', () => {
  it('passes on what the page asks and what the board answers', async () => {
    const asked: unknown[] = [];
    const url = await serve(async (parameters) => {
      asked.push(parameters);
      return { ok: true, html: '<div>屏</div>' };
    });
    const answer = await fetch(`${url}board?locale=zh-CN&theme=dark`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.text()).toBe('<div>屏</div>');
    expect(asked).toMatchObject([{ locale: 'zh-CN', theme: 'dark' }]);
  });

  it('passes on the browser’s language in the field in which CloudWatch passes on the console’s', async () => {
    const asked: BoardParameters[] = [];
    const url = await serve(async (parameters) => {
      asked.push(parameters);
      return { ok: true, html: '' };
    });
    for (const accepted of ['zh-TW,zh;q=0.9,en;q=0.8', 'de', '*']) {
      await fetch(`${url}board`, { headers: { 'accept-language': accepted } });
    }
    expect(asked).toEqual([{ widgetContext: { locale: 'zh-TW' } }, { widgetContext: { locale: 'de' } }, {}]);
  });

  it('serves the font Inter: every file that its style sheet names, and its licence', async () => {
    const url = await serve(async () => ({ ok: true, html: '' }));
    const style = await (await fetch(`${url}inter/inter.css`)).text();
    const files = [...style.matchAll(/font-family: '?(\w+)'?;[^}]*url\((.+?)\)/g)];
    expect(files.length).toBeGreaterThan(5);
    for (const [, family, path] of files) {
      const font = await fetch(new URL(path!, `${url}inter/inter.css`));
      expect([family, font.status, font.headers.get('content-type')], path).toEqual([
        'Inter',
        200,
        'font/woff2',
      ]);
      expect(Buffer.from(await font.arrayBuffer()).toString('latin1', 0, 4)).toBe('wOF2');
    }
    expect(await (await fetch(`${url}inter/LICENSE`)).text()).toContain('SIL Open Font License');
  });

  it('answers 503 with the reason if the board has no answer, and goes on', async () => {
    const answers = ['killed', undefined];
    const url = await serve(async () => {
      const error = answers.shift();
      if (error === undefined) throw new Error('the run is over');
      return { ok: false, error };
    });
    const failed = await fetch(`${url}board`);
    expect([failed.status, await failed.text()]).toEqual([503, 'killed\n']);
    const thrown = await fetch(`${url}board`);
    expect([thrown.status, await thrown.text()]).toEqual([503, 'the run is over\n']);
    expect((await fetch(url)).status).toBe(200);
  });

  it('asks the board once for pages that ask the same at the same time', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let calls = 0;
    const url = await serve(async ({ locale }) => {
      calls += 1;
      await promise;
      return { ok: true, html: String(locale) };
    });
    const answers = ['en', 'en', 'zh-CN'].map((locale) => fetch(`${url}board?locale=${locale}`));
    while (calls < 2) await new Promise((done) => setTimeout(done, 5));
    resolve();
    expect(await Promise.all(answers.map(async (answer) => (await answer).text()))).toEqual([
      'en',
      'en',
      'zh-CN',
    ]);
    expect(calls).toBe(2);
  });

  it('serves the page with a policy that lets nothing in from elsewhere', async () => {
    const url = await serve(async () => ({ ok: true, html: '' }));
    const page = await fetch(url);
    const policy = page.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'; script-src 'self'");
    for (const part of ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"])
      expect(policy).toContain(part);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    const text = await page.text();
    for (const [, path] of text.matchAll(/(?:src|href)="\/(page\.\w+)"/g)) {
      expect((await fetch(url + path)).status, path).toBe(200);
    }
    for (const path of [
      'server.ts',
      '..%2fserver.ts',
      '%2e%2e/%2e%2e/package.json',
      'inter/..%2f..%2fserver.ts',
    ])
      expect((await fetch(url + path)).status, path).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
  });

  it('lists refused events if they are available, and shows markup in them as text', async () => {
    const reject: Reject = {
      id: 'r',
      reason: 'not-json',
      field: 'body',
      message: 'body: expected JSON, got "<i>"',
      receivedAt: '2026-11-10T16:00:00.000Z',
      body: '<script>alert(1)</script>',
    };
    server = await startBoardServer(
      0,
      async () => ({ ok: true, html: '' }),
      async () => ({ first: [reject], count: 3 }),
    );
    const page = await fetch(`${server.url}rejects?locale=zh-CN`);
    const text = await page.text();
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(text).toContain('共 3 条，按到达顺序列出 1 条');
    expect(text).toContain('body: expected JSON, got &quot;&lt;i&gt;&quot;');
    expect(text).not.toContain('<script>');
    expect(await (await fetch(server.url)).text()).toContain('data-rejects="/rejects"');
  });

  it('has no list of refused events and no link to one if they are not available', async () => {
    const url = await serve(async () => ({ ok: true, html: '' }));
    expect((await fetch(`${url}rejects`)).status).toBe(404);
    expect(await (await fetch(url)).text()).not.toContain('data-rejects');
  });

  it('takes the first hundred refused events from the rejects queue, and counts all of them', async () => {
    const bodies = Array.from({ length: 120 }, (_, i) => JSON.stringify({ id: String(i) }));
    const list = await rejectsOf({ messages: async (queue) => (queue === 'rejects' ? bodies : []) })();
    expect([list.first.length, list.first[0]?.id, list.count]).toEqual([100, '0', 120]);
  });

  it('answers only under this machine’s host names, so that no web site can read the page through a browser', async () => {
    const url = new URL(await serve(async () => ({ ok: true, html: 'figures' })));
    const status = await new Promise((resolve) => {
      request(url, { headers: { host: 'rebound.example' } }, ({ statusCode }) => resolve(statusCode)).end();
    });
    expect(status).toBe(421);
  });

  it('refuses a port that is in use, and a number that is no port', async () => {
    const url = await serve(async () => ({ ok: true, html: '' }));
    const port = Number(new URL(url).port);
    await expect(startBoardServer(port, async () => ({ ok: true, html: '' }))).rejects.toThrow(
      `--board-port: expected a free port, got ${port}, which is in use on 127.0.0.1`,
    );
    await expect(startBoardServer(70_000, async () => ({ ok: true, html: '' }))).rejects.toThrow(
      '--board-port: expected a port from 0 to 65535, got 70000',
    );
  });
});
