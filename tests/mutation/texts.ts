/** As much of a node of Babel's syntax tree as is looked at here. */
type Node = { readonly type: string; readonly callee?: { readonly name?: string } };
type Path = {
  readonly node: Node;
  readonly key: string | number | null;
  readonly listKey?: string;
  readonly parent: Node;
};

/** The argument of `rejection` that tells a person what was expected. */
const EXPECTED = 2;

/**
 * A plug-in of Stryker's. What an error or a rejection says to a person is no behaviour, so its mutants are left out. That it is
 * raised, and by which code, is behaviour.
 */
export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'texts',
    value: {
      shouldIgnore: ({ key, listKey, parent }: Path): string | undefined => {
        if (listKey !== 'arguments') return undefined;
        const name = parent.callee?.name ?? '';
        if (parent.type === 'NewExpression' && name.endsWith('Error')) return 'text of an error';
        return name === 'rejection' && key === EXPECTED ? 'text of a rejection' : undefined;
      },
    },
  },
];
