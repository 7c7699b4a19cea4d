/** The screen's colours. `auto` follows what the viewer's system prefers. */
export const THEMES = ['dark', 'light', 'auto'] as const;
export type Theme = (typeof THEMES)[number];

/**
 * Hues of the palette of Okabe and Ito ("Color universal design", 2008), which people with any colour vision can distinguish,
 * made lighter or darker for their background: orange is this year, blue e-commerce and a doubled brand, green instant retail and
 * good news, yellow a milestone, vermilion an alarm, and grey last year. Text has a contrast of at least 4.5 to 1.
 */
export const PALETTES = {
  dark: {
    ground: '#0a0c11',
    panel: '#12151c',
    well: '#232833',
    rule: '#2b313d',
    text: '#f6f4ef',
    muted: '#a0a7b4',
    hot: '#ffae1a',
    cold: '#93a5bd',
    far: '#56b4e9',
    near: '#1fbf8f',
    good: '#2cc99a',
    crossed: '#f0e442',
    doubled: '#6cc3f5',
    alarm: '#ff7a45',
    'on-alarm': '#160800',
  },
  light: {
    ground: '#f3efe6',
    panel: '#fffdf8',
    well: '#e6e0d3',
    rule: '#d8d0c0',
    text: '#15171c',
    muted: '#5a5f6b',
    hot: '#b05000',
    cold: '#6a7688',
    far: '#0072b2',
    near: '#00805c',
    good: '#00754f',
    crossed: '#8a6400',
    doubled: '#0067a3',
    alarm: '#b93a00',
    'on-alarm': '#ffffff',
  },
} as const satisfies Record<Exclude<Theme, 'auto'>, Record<string, string>>;

const variables = (theme: Exclude<Theme, 'auto'>): string =>
  `.zb{${Object.entries(PALETTES[theme])
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(';')};color-scheme:${theme}}`;

/** The style rules that give the colours their values. */
export const themeRules = (theme: Theme): string =>
  theme === 'auto'
    ? `${variables('light')}@media (prefers-color-scheme:dark){${variables('dark')}}`
    : variables(theme);
