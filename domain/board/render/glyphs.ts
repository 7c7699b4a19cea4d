import { type Html, html } from './html.ts';

/** Marks that say with a shape what a colour says too. They are drawn, because not every machine has a font with them. */
const SHAPES = {
  up: html`<path d="M8 2 15 14H1z"/>`,
  down: html`<path d="M8 14 1 2h14z"/>`,
  level: html`<path d="M1 6h14v4H1z"/>`,
  crossed: html`<path d="M8 0l8 8-8 8-8-8z"/>`,
  below: html`<path d="M8 1.5 14.5 8 8 14.5 1.5 8z" fill="none" stroke="currentColor" stroke-width="1.6"/>`,
  live: html`<circle cx="8" cy="8" r="6"/>`,
  paused: html`<path d="M2 1h4.500v14H2zm7.500 0H14v14H9.500z"/>`,
  ended: html`<path d="M2 2h12v12H2z"/>`,
  upcoming: html`<circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" stroke-width="2.5"/>`,
  fine: html`<path d="M2 8.5 6.5 13 14.5 3.5" fill="none" stroke="currentColor" stroke-width="2.6"/>`,
  alarm: html`<path fill-rule="evenodd" d="M8 .5 16 15H0zM7 5.500v4.500h2V5.500zm0 5.800v1.900h2v-1.900z"/>`,
  sealed: html`<path fill-rule="evenodd" d="M3 7V5a5 5 0 0 1 10 0v2h1v9H2V7zm2.2 0h5.600V5a2.8 2.8 0 0 0-5.6 0z"/>`,
  open: html`<path fill-rule="evenodd" d="M3 5a5 5 0 0 1 9.9-1H10.500A2.8 2.8 0 0 0 5.2 5v2H14v9H2V7h1z"/>`,
} as const;

export type GlyphName = keyof typeof SHAPES;

export const glyph = (name: GlyphName): Html =>
  html`<svg class="zb-glyph" viewBox="0 0 16 16" aria-hidden="true">${SHAPES[name]}</svg>`;
