/** Draws the screen's data as HTML. */
import { drawBrands } from './render/brands.ts';
import { drawChannels } from './render/channels.ts';
import { drawCoupons } from './render/coupons.ts';
import { currencyOf, DEFAULT_CURRENCY } from './render/currency.ts';
import { drawCurve } from './render/curve.ts';
import type { Drawing } from './render/drawing.ts';
import { drawExperiment } from './render/experiment.ts';
import { drawFooter } from './render/footer.ts';
import { drawFreeOrders } from './render/free-orders.ts';
import { drawHeader, nameOfSale, phaseOf } from './render/header.ts';
import { drawHeadline } from './render/headline.ts';
import { html } from './render/html.ts';
import type { Locale } from './render/locale.ts';
import { drawPlan, drawPrelude } from './render/prelude.ts';
import { drawStores } from './render/stores.ts';
import { STYLE } from './render/style.ts';
import { TEXTS } from './render/texts.ts';
import { type Theme, themeRules } from './render/theme.ts';
import { CHINA_OFFSET_MINUTES } from './render/times.ts';
import type { BoardView } from './view.ts';

export type RenderOptions = {
  locale: Locale;
  theme: Theme;
  /** How many minutes the times shown are ahead of UTC; China's offset by default. */
  offsetMinutes?: number;
};

/** The number of rows of the leaderboard that fit on the screen, with panels below it and without any. */
const LEADERS = 9;
const LEADERS_ALONE = 17;

/**
 * The live screen as one self-contained fragment of HTML: an element with its style and drawings inside, no script and nothing
 * to load. It fills the element that it is put in; if that has no height of its own, the height is 9/16 of the width.
 * Figures are marked with `data-figure` and `data-value`; the root has `data-net-fen`, `data-orders` and `data-watermark-ms`.
 * The root's second class keeps CloudWatch from styling its content. A pure function of its arguments.
 */
export const renderBoard = (view: BoardView, options: RenderOptions): string => {
  const { locale, theme, offsetMinutes = CHINA_OFFSET_MINUTES } = options;
  const texts = TEXTS[locale];
  const currency = currencyOf(view.display?.currency ?? DEFAULT_CURRENCY, locale);
  const drawing: Drawing = { view, locale, currency, texts, offsetMinutes };
  const { coupons, experiment, freeOrders, stores } = view;
  const isToCome = phaseOf(view) === 'upcoming';
  const deck = [
    coupons && drawCoupons(coupons, drawing),
    experiment && drawExperiment(experiment, drawing),
    freeOrders && drawFreeOrders(freeOrders, drawing),
  ].filter((one) => one !== undefined);
  return html`
    <div class="zb cwdb-no-default-styles" lang="${locale}" role="region" tabindex="0" aria-label="${texts.screen}: ${nameOfSale(view)}" data-campaign="${view.campaignId}" data-name="${nameOfSale(view)}" data-phase="${phaseOf(view)}" data-now-ms="${view.nowMs}" data-watermark-ms="${view.watermarkMs ?? ''}" data-net-fen="${view.headline.netFen.value}" data-orders="${view.headline.orders.value}">
      <style>${{ html: themeRules(theme) + STYLE }}</style>
      <div class="zb-stage">
        ${drawHeader(drawing)}
        <div class="zb-main">
          <div class="zb-hero">
            ${isToCome ? drawPrelude(drawing) : drawHeadline(drawing)}${drawCurve(drawing)}${isToCome ? undefined : drawChannels(drawing)}
            ${stores === undefined || stores.length === 0 ? undefined : drawStores(stores, drawing)}
          </div>
          ${isToCome ? drawPlan(drawing) : drawBrands(drawing, deck.length === 0 ? LEADERS_ALONE : LEADERS)}
        </div>
        ${deck.length === 0 ? undefined : html`<div class="zb-deck zb-deck-${deck.length}">${deck}</div>`}
        ${drawFooter(drawing)}
      </div>
    </div>`.html;
};
