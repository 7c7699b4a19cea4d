/** What a screen says of itself on its root, so that a program can read it without knowing how it looks. */
export type ScreenFigures = {
  orders: number;
  netFen: number;
  /** Undefined before the first event. */
  watermarkMs: number | undefined;
};

/** The figures on the root of the board's answer; undefined for a message in place of a screen. */
export const figuresOf = (html: string): ScreenFigures | undefined => {
  const value = (name: string): number | undefined => {
    const [, text] = new RegExp(` data-${name}="(-?\\d+)"`).exec(html) ?? [];
    return text === undefined ? undefined : Number(text);
  };
  const orders = value('orders');
  const netFen = value('net-fen');
  if (orders === undefined || netFen === undefined) return undefined;
  return { orders, netFen, watermarkMs: value('watermark-ms') };
};
