/** Serves the live screen on this machine. */
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPort, LOCAL_HOST, portError } from '../aws/ports.ts';
import type { AskBoard, BoardAnswer, BoardParameters } from './ask.ts';
import { interFiles, type Served } from './inter.ts';
import { type ListRejects, rejectsPage } from './rejects.ts';

export type BoardServer = {
  /** The page's address, with a slash at its end. */
  readonly url: string;
  stop(): Promise<void>;
};

/** The page's own files. Their script may only connect to this server, and the screen itself has no script. */
const own = (file: string): string => join(import.meta.dirname, file);
const CSS = 'text/css; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';
const HTML = 'text/html; charset=utf-8';
const FILES: Readonly<Record<string, { file: string; type: string }>> = {
  '/': { file: own('page.html'), type: HTML },
  '/page.css': { file: own('page.css'), type: CSS },
  '/rejects.css': { file: own('rejects.css'), type: CSS },
  '/page.js': { file: own('page.js'), type: SCRIPT },
  '/life.js': { file: own('life.js'), type: SCRIPT },
  '/idiomorph.js': {
    file: fileURLToPath(import.meta.resolve('idiomorph/dist/idiomorph.esm.js')),
    type: SCRIPT,
  },
};
const REJECTS_PATH = '/rejects';
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const HEADERS = {
  'content-security-policy': POLICY,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

const OK = 200;
const NOT_FOUND = 404;
const WRONG_METHOD = 405;
const WRONG_HOST = 421;
const NOT_NOW = 503;

const reply = (response: ServerResponse, status: number, type: string, body: string | Buffer): void => {
  response.writeHead(status, { ...HEADERS, 'content-type': type, 'content-length': Buffer.byteLength(body) });
  response.end(body);
};

/** Pages that ask for the same thing at the same time share a call. */
const shared = (ask: AskBoard): AskBoard => {
  const running = new Map<string, Promise<BoardAnswer>>();
  return (parameters) => {
    const key = JSON.stringify(parameters);
    const known = running.get(key);
    if (known !== undefined) return known;
    const answer = ask(parameters).finally(() => running.delete(key));
    running.set(key, answer);
    return answer;
  };
};

/** The page's files as they are served; the page itself is told where refused events are listed, if they are. */
const readFiles = (listsRejects: boolean): Map<string, Served> => {
  const files = new Map<string, Served>(Object.entries(interFiles()));
  for (const [path, { file, type }] of Object.entries(FILES)) {
    const content = readFileSync(file, 'utf8');
    files.set(path, {
      type,
      content: listsRejects
        ? content.replace('<html lang="en">', `<html lang="en" data-rejects="${REJECTS_PATH}">`)
        : content,
    });
  }
  return files;
};

/** The language that a browser asks for first; undefined for a client that asks for none. */
const languageOf = ({ 'accept-language': accepted }: IncomingHttpHeaders): string | undefined =>
  /^[a-z]{2,3}(?:-[\w-]+)?/i.exec(accepted ?? '')?.[0];

/** A request's parameters, with the browser's language in the field in which CloudWatch passes the console's language. */
const parametersOf = (asked: URLSearchParams, headers: IncomingHttpHeaders): BoardParameters => {
  const locale = languageOf(headers);
  return { ...Object.fromEntries(asked), ...(locale === undefined ? {} : { widgetContext: { locale } }) };
};

/**
 * Serves the live screen on this machine: `/` is the page, `/board?locale=&theme=&campaign=` the fragment that the board
 * function returns, or 503 with the reason in plain text if it returns none. Without a locale, the fragment is in the browser's
 * language. `/inter/` is the screen's font, and `/rejects?locale=` lists the first refused events, if `listRejects` is given.
 * Listens on this port of 127.0.0.1, or on a free one for 0. Throws if the port is taken.
 */
export const startBoardServer = async (
  port: number,
  ask: AskBoard,
  listRejects?: ListRejects,
): Promise<BoardServer> => {
  checkPort('--board-port', port);
  const askOnce = shared(ask);
  const files = readFiles(listRejects !== undefined);
  const serve = async (
    { method, url, headers, socket }: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> => {
    const text = 'text/plain; charset=utf-8';
    // Without this check, a web site whose name resolves to this machine could read the page: the browser would treat both as
    // one origin.
    const hosts = [LOCAL_HOST, 'localhost'].map((host) => `${host}:${socket.localPort}`);
    if (headers.host === undefined || !hosts.includes(headers.host)) {
      reply(response, WRONG_HOST, text, `host: expected ${hosts.join(' or ')}, got ${headers.host}\n`);
      return;
    }
    if (method !== 'GET' && method !== 'HEAD') {
      reply(response, WRONG_METHOD, text, `method: expected GET, got ${method}\n`);
      return;
    }
    const { pathname, searchParams } = new URL(url ?? '/', `http://${LOCAL_HOST}`);
    if (pathname === '/board') {
      const answer = await askOnce(parametersOf(searchParams, headers));
      if (answer.ok) reply(response, OK, HTML, answer.html);
      else reply(response, NOT_NOW, text, `${answer.error}\n`);
      return;
    }
    if (pathname === REJECTS_PATH && listRejects !== undefined) {
      const locale = searchParams.get('locale') === 'zh-CN' ? 'zh-CN' : 'en';
      reply(response, OK, HTML, rejectsPage(await listRejects(), locale));
      return;
    }
    const found = files.get(pathname);
    if (found === undefined) reply(response, NOT_FOUND, text, `nothing is at ${pathname}\n`);
    else reply(response, OK, found.type, found.content);
  };
  const server = createServer((request, response) => {
    void serve(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else reply(response, NOT_NOW, 'text/plain; charset=utf-8', `${(error as Error).message}\n`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(portError('--board-port', port, error)));
    server.listen(port, LOCAL_HOST, resolve);
  });
  return {
    url: `http://${LOCAL_HOST}:${(server.address() as AddressInfo).port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
