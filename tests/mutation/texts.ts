/** The parts of a node of Babel's syntax tree that are used here. */
type Callee = {
  readonly name?: string;
  readonly object?: { readonly property?: { readonly name?: string } };
};
type Node = { readonly type: string; readonly callee?: Callee };
type Path = {
  readonly node: Node;
  readonly key: string | number | null;
  readonly listKey?: string;
  readonly parent: Node;
};

/** The functions with an argument that is only text for an error or a rejection, with that argument's place, counted from 0. */
const TEXT_ARGUMENTS: Readonly<Record<string, number>> = { rejection: 2, entryAt: 2 };

/**
 * A plug-in for Stryker. What an error, a rejection or a log says to a person is not behaviour, so mutants of
 * such a text are left out. Whether there is an error or a rejection, and of which kind, is behaviour.
 */
export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'texts',
    value: {
      shouldIgnore: ({ key, listKey, parent }: Path): string | undefined => {
        if (listKey !== 'arguments') return undefined;
        const name = parent.callee?.name ?? '';
        const isLogged = parent.callee?.object?.property?.name === 'logger';
        if (isLogged && key === 0) return 'text of a log';
        if (parent.type === 'NewExpression' && name.endsWith('Error')) return 'text of an error';
        return TEXT_ARGUMENTS[name] === key ? 'text of an error' : undefined;
      },
    },
  },
];
