/** The figures on a screen's root element, so that a program can read them without knowing the layout. */
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
