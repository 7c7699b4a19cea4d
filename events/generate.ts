/** `npm run contract`: writes the JSON Schemas and the AsyncAPI document of the contract to `events/`. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asyncApiDocument } from './asyncapi.ts';
import { jsonSchemaOf } from './json-schemas.ts';
import { EVENT_TYPES, type EventType } from './types.ts';

/** The absolute path of a contract file, given its path from events/. */
export const contractFile = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The sample events in events/, by type. */
export const readSamples = (): Record<EventType, unknown> => {
  const samples = EVENT_TYPES.map((type) => [
    type,
    JSON.parse(readFileSync(contractFile(`${type}.json`), 'utf8')),
  ]);
  return Object.fromEntries(samples) as Record<EventType, unknown>;
};

/** Every generated file: its path from events/ and its text. */
export const generatedFiles = (): Map<string, string> => {
  const documents: [string, object][] = [
    ...EVENT_TYPES.map((type): [string, object] => [`schemas/${type}.json`, jsonSchemaOf(type)]),
    ['asyncapi.json', asyncApiDocument(readSamples())],
  ];
  return new Map(documents.map(([path, document]) => [path, `${JSON.stringify(document, null, 2)}\n`]));
};

if (import.meta.main) {
  for (const [path, text] of generatedFiles()) {
    mkdirSync(dirname(contractFile(path)), { recursive: true });
    writeFileSync(contractFile(path), text);
    console.log(`events/${path}`);
  }
}
