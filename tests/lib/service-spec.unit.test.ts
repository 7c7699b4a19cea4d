import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { describe, expect, it } from 'vitest';
import { STAGES } from '#lib/stages/index.ts';
import { type Json, StackTemplate } from './template.ts';

const spec = loadAwsServiceSpecSync();

type Properties = Readonly<Record<string, { required?: boolean; type: Type }>>;
/** A type of a property, as AWS describes it. */
type Type =
  | { type: 'array' | 'map'; element: Type }
  | { type: 'ref'; reference: { $ref: string } }
  | { type: 'union'; types: Type[] }
  | { type: 'string' | 'integer' | 'number' | 'boolean' | 'json' | 'date-time' | 'tag' | 'null' };

const isObject = (value: unknown): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `Ref`, `Fn::GetAtt` and their like, whose value is known only to CloudFormation. */
const isIntrinsic = (value: unknown): boolean =>
  isObject(value) && Object.keys(value).length === 1 && /^(Ref|Fn::\w+)$/.test(Object.keys(value)[0]!);

const SCALARS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  integer: Number.isInteger,
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
};

/** The faults of a value, each with its path. */
const faultsOf = (path: string, value: unknown, type: Type): string[] => {
  if (isIntrinsic(value)) return [];
  switch (type.type) {
    case 'ref':
      return faultsOfObject(path, value, spec.get('typeDefinition', type.reference.$ref).properties as never);
    case 'array':
      return Array.isArray(value)
        ? value.flatMap((one, i) => faultsOf(`${path}[${i}]`, one, type.element))
        : [`${path}: expected a list`];
    case 'map':
      return isObject(value)
        ? Object.entries(value).flatMap(([key, one]) => faultsOf(`${path}.${key}`, one, type.element))
        : [`${path}: expected an object`];
    case 'union': {
      const all = type.types.map((one) => faultsOf(path, value, one));
      return all.some((faults) => faults.length === 0) ? [] : all.toSorted((a, b) => a.length - b.length)[0]!;
    }
    default:
      return SCALARS[type.type]?.(value) === false ? [`${path}: expected ${type.type}`] : [];
  }
};

const faultsOfObject = (path: string, value: unknown, properties: Properties): string[] => {
  if (!isObject(value)) return [`${path}: expected an object`];
  const missing = Object.entries(properties)
    .filter(([name, { required }]) => required === true && value[name] === undefined)
    .map(([name]) => `${path}.${name}: is required`);
  const present = Object.entries(value).flatMap(([name, one]) => {
    const property = properties[name];
    return property === undefined
      ? [`${path}.${name}: is unknown`]
      : faultsOf(`${path}.${name}`, one, property.type);
  });
  return [...missing, ...present];
};

/** What AWS would not accept in a template: unknown types, and properties that are unknown, missing or of a wrong type. */
const templateFaults = ({ Resources }: Json): string[] =>
  Object.entries<Json>(Resources).flatMap(([id, { Type: type, Properties: properties = {} }]) => {
    if (type.startsWith('Custom::') || type === 'AWS::CDK::Metadata') return [];
    const [known] = spec.lookup('resource', 'cloudFormationType', 'equals', type);
    return known === undefined
      ? [`${id}: ${type} is unknown`]
      : faultsOfObject(id, properties, known.properties as never);
  });

describe.each(Object.keys(STAGES))('the template of %s', (stage) => {
  it('has only resources, properties and types of values that AWS knows, and all that it requires', () => {
    const { json } = new StackTemplate({ stage, monthlyBudgetUsd: 1_000 });
    expect(templateFaults(json)).toEqual([]);
  });
});

describe('the check', () => {
  const changed = (change: (resources: Json) => void): string[] => {
    const { json } = new StackTemplate();
    const copy = structuredClone(json);
    change(copy.Resources);
    return templateFaults(copy);
  };
  const table = 'CampaignsTableC0F6C4C0';

  it('finds a type that does not exist', () => {
    expect(changed((all) => Object.assign(all[table], { Type: 'AWS::DynamoDB::Tabel' }))).toEqual([
      `${table}: AWS::DynamoDB::Tabel is unknown`,
    ]);
  });

  it('finds a property that does not exist, at any depth', () => {
    expect(
      changed((all) => Object.assign(all[table].Properties.SSESpecification, { SseOn: true })),
    ).toContainEqual(expect.stringContaining('SSESpecification.SseOn: is unknown'));
  });

  it('finds a required property that is missing, and a value of another type', () => {
    const faults = changed((all) => {
      delete all[table].Properties.KeySchema;
      all[table].Properties.DeletionProtectionEnabled = 'yes';
    });
    expect(faults).toContain(`${table}.KeySchema: is required`);
    expect(faults).toContain(`${table}.DeletionProtectionEnabled: expected boolean`);
  });
});
