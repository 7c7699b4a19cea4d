/** What the intrinsic functions of a template need to know about the place the stack runs in. */
export type Scope = {
  /** The value of `Ref` to a resource or pseudo parameter; undefined for an unknown name. */
  ref(name: string): string | undefined;
  /** The value of `Fn::GetAtt`; undefined for an unknown resource or an attribute that it does not have here. */
  attribute(logicalId: string, name: string): string | undefined;
};

/**
 * The value with every intrinsic function replaced by what it stands for. Known are those that the CDK writes for queues,
 * tables and Lambda functions (Ref, Fn::GetAtt, Fn::Join, Fn::Sub, Fn::Select, Fn::Split). Any other one throws, because
 * passing it through would hand a Lambda function an object where AWS hands it a string. `path` is where the value stands
 * in the template, for messages. Keys and list items whose value is AWS::NoValue are left out.
 */
export const resolveIntrinsics = (value: unknown, scope: Scope, path: string): unknown => {
  if (Array.isArray(value)) {
    return value
      .filter((item) => !isNoValue(item))
      .map((item, i) => resolveIntrinsics(item, scope, `${path}[${i}]`));
  }
  if (!isObject(value)) return value;
  const intrinsic = intrinsicOf(value);
  if (intrinsic !== undefined) return resolveIntrinsic(intrinsic.name, intrinsic.argument, scope, path);
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => !isNoValue(item))
      .map(([key, item]) => [key, resolveIntrinsics(item, scope, `${path}.${key}`)]),
  );
};

const resolveIntrinsic = (name: string, argument: unknown, scope: Scope, path: string): unknown => {
  const resolve = (value: unknown) => resolveIntrinsics(value, scope, path);
  switch (name) {
    case 'Ref':
      return known(scope.ref(text(argument, name, path)), `Ref ${String(argument)}`, path);
    case 'Fn::GetAtt': {
      const [logicalId, ...rest] = Array.isArray(argument) ? argument : text(argument, name, path).split('.');
      const attribute = rest.join('.');
      return known(
        scope.attribute(String(logicalId), attribute),
        `Fn::GetAtt ${logicalId}.${attribute}`,
        path,
      );
    }
    case 'Fn::Join': {
      const [delimiter, parts] = list(argument, name, path);
      return list(resolve(parts), name, path)
        .map((part) => text(part, name, path))
        .join(text(delimiter, name, path));
    }
    case 'Fn::Sub':
      return substitute(argument, scope, path);
    case 'Fn::Split': {
      const [delimiter, source] = list(argument, name, path);
      return text(resolve(source), name, path).split(text(delimiter, name, path));
    }
    case 'Fn::Select': {
      const [index, items] = list(argument, name, path);
      return known(
        list(resolve(items), name, path)[Number(resolve(index))],
        `Fn::Select [${String(index)}]`,
        path,
      );
    }
    default:
      throw new Error(`template: ${path} uses ${name}, which the local run does not know`);
  }
};

/** Fn::Sub in both forms; `${!name}` stands for a literal `${name}`. */
const substitute = (argument: unknown, scope: Scope, path: string): string => {
  const [template, variables] = Array.isArray(argument) ? argument : [argument, {}];
  const values = resolveIntrinsics(variables, scope, path) as Record<string, unknown>;
  return text(template, 'Fn::Sub', path).replace(/\$\{([^}]+)\}/g, (whole, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (Object.hasOwn(values, name)) return text(values[name], 'Fn::Sub', path);
    const [logicalId = '', ...attribute] = name.split('.');
    const value = attribute.length === 0 ? scope.ref(name) : scope.attribute(logicalId, attribute.join('.'));
    return text(known(value, `Fn::Sub ${whole}`, path), 'Fn::Sub', path);
  });
};

const intrinsicOf = (value: Record<string, unknown>): { name: string; argument: unknown } | undefined => {
  const keys = Object.keys(value);
  const [name] = keys;
  if (keys.length !== 1 || name === undefined) return undefined;
  return name === 'Ref' || name === 'Condition' || name.startsWith('Fn::')
    ? { name, argument: value[name] }
    : undefined;
};

const isNoValue = (value: unknown): boolean => {
  return isObject(value) && Object.keys(value).length === 1 && value.Ref === 'AWS::NoValue';
};

const isObject = (value: unknown): value is Record<string, unknown> => {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
};

const known = <T>(value: T | undefined, what: string, path: string): T => {
  if (value === undefined)
    throw new Error(`template: ${path} uses ${what}, which has no value in the local run`);
  return value;
};

const text = (value: unknown, name: string, path: string): string => {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw new Error(`template: ${name} at ${path} expected a string, got ${JSON.stringify(value)}`);
};

const list = (value: unknown, name: string, path: string): unknown[] => {
  if (Array.isArray(value)) return value;
  throw new Error(`template: ${name} at ${path} expected a list, got ${JSON.stringify(value)}`);
};
