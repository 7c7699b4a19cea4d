import { describe, expect, it } from 'vitest';
import { Remembered } from '#platform/remembered.ts';

describe('what is remembered of a pure function', () => {
  it('is computed once for each text', () => {
    const lengths = new Remembered<number>(100);
    let computed = 0;
    const lengthOf = (text: string): number =>
      lengths.of(text, () => {
        computed++;
        return text.length;
      });
    expect(['a', 'bb', 'a', 'bb', 'a'].map(lengthOf)).toEqual([1, 2, 1, 2, 1]);
    expect(computed).toBe(2);
  });

  it('is forgotten, the oldest first, when the texts take too many characters', () => {
    const lengths = new Remembered<string>(6);
    const computed: string[] = [];
    const of = (text: string): string =>
      lengths.of(text, () => {
        computed.push(text);
        return text;
      });
    for (const text of ['aaa', 'bbb', 'ccc', 'bbb', 'aaa']) of(text);
    expect(computed).toEqual(['aaa', 'bbb', 'ccc', 'aaa']);
  });

  it('may be the value false', () => {
    const known = new Remembered<boolean>(10);
    known.of('no', () => false);
    expect(known.of('no', () => true)).toBe(false);
  });
});
