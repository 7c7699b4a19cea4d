// The page around the screen: fetches the screen each second and replaces what has changed. It adds nothing to the figures.
import { Idiomorph } from './idiomorph.js';
import { createStage, lookAt, moveFrom, settle } from './life.js';

const REFRESH_MS = 1_000;
/** Longer than the board function may take, so that the answer to a slow call is still shown. */
const ANSWER_MS_MAX = 20_000;
/** How long the controls stay after the pointer moves or a key is pressed. Neither happens on a wall screen: they stay hidden. */
const CONTROLS_MS = 3_000;
const THEMES = ['auto', 'dark', 'light'];
const LOCALES = ['zh-CN', 'en'];

const screen = document.querySelector('#screen');
const mark = document.querySelector('#mark');
const controls = document.querySelector('#controls');

const parameters = new URLSearchParams(location.search);
if (!parameters.has('theme')) parameters.set('theme', 'auto');

const TEXTS = {
  'zh-CN': {
    stale: (seconds) => `已 ${seconds} 秒没有新数据，下面是最后一次的画面`,
    also: (names) => `同时：${names.join('、')}`,
    andMore: (count) => `等另外 ${count} 个`,
  },
  en: {
    stale: (seconds) => `nothing new for ${seconds} s; this is the last answer`,
    also: (names) => `with ${names.join(', ')}`,
    andMore: (count) => `and ${count} more`,
  },
};

/** The language that is shown: the one chosen, else the answer's, which is the sale's or the browser's. */
const localeNow = () =>
  parameters.get('locale') ??
  screen.querySelector('[lang]')?.lang ??
  (navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en');

const textsNow = () => TEXTS[localeNow()] ?? TEXTS.en;

/**
 * Adds to the fragment an id for each row, by which the row is found again in the next answer, and the link to the list of
 * refused events, which the board function does not know.
 */
const prepare = (content) => {
  for (const row of content.querySelectorAll('[data-key]')) row.id = encodeURIComponent(row.dataset.key);
  const { rejects } = document.documentElement.dataset;
  const refused = content.querySelector('[data-figure="rejects"]');
  if (rejects === undefined || refused === null) return;
  const link = document.createElement('a');
  for (const { name, value } of refused.attributes) link.setAttribute(name, value);
  link.href = `${rejects}?locale=${content.querySelector('[lang]').lang}`;
  link.append(...refused.childNodes);
  refused.replaceWith(link);
};

/** The title of the tab: the most important figure, and the sale's name. */
const titleOf = (content) => {
  const { phase, name } = content.querySelector('[data-campaign]').dataset;
  const figure = phase === 'upcoming' ? 'opens-in-seconds' : 'net-fen';
  return `${content.querySelector(`[data-figure="${figure}"]`).textContent} · ${name}`;
};

const celebrate = createStage(
  document.querySelector('#stage'),
  document.querySelector('#announcer'),
  (names, more) => {
    const { also, andMore } = textsNow();
    const text = names.length === 0 ? '' : also(names);
    return more > 0 ? `${text} ${andMore(more)}` : text;
  },
);

let shown = '';
let hasScreen = false;
let answeredMs = performance.now();

const showMark = (cause) => {
  const seconds = Math.round((performance.now() - answeredMs) / 1_000);
  mark.textContent = textsNow().stale(seconds);
  mark.title = cause;
  mark.hidden = false;
};

/** Shows an answer. A message never replaces a screen: the last figures, marked as old, are better than none. */
const show = (html) => {
  if (html !== shown || !mark.hidden) {
    const template = document.createElement('template');
    template.innerHTML = html;
    const message = template.content.querySelector('[data-board-message]');
    if (message !== null && hasScreen) {
      showMark(message.textContent.trim());
      return;
    }
    prepare(template.content);
    if (message === null) document.title = titleOf(template.content);
    settle();
    const before = lookAt(screen);
    Idiomorph.morph(screen, template.content, { morphStyle: 'innerHTML' });
    moveFrom(before, screen);
    hasScreen = message === null;
    applyLook();
    if (hasScreen) celebrate(screen);
    shown = html;
  }
  answeredMs = performance.now();
  mark.hidden = true;
};

/** Only the answer to the newest request is shown. An answer that was requested before the language was changed is ignored. */
let asked = 0;

const refresh = async () => {
  const question = ++asked;
  const startMs = performance.now();
  try {
    const answer = await fetch(`/board?${parameters}`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    const text = await answer.text();
    if (question !== asked) return;
    if (answer.ok) show(text);
    else showMark(text);
  } catch (error) {
    if (question !== asked) return;
    showMark(String(error));
  }
  setTimeout(
    () => {
      if (question === asked) void refresh();
    },
    Math.max(0, REFRESH_MS - (performance.now() - startMs)),
  );
};

const applyLook = () => {
  const look = { locale: localeNow(), theme: parameters.get('theme') };
  document.documentElement.lang = look.locale;
  document.documentElement.dataset.theme = look.theme;
  for (const link of controls.querySelectorAll('a')) {
    link.setAttribute('aria-current', String(look[link.dataset.set] === link.dataset.value));
  }
};

const set = (name, value) => {
  parameters.set(name, value);
  history.replaceState(null, '', `?${parameters}`);
  applyLook();
  void refresh();
};

const next = (name, values, shown) => {
  set(name, values[(values.indexOf(shown) + 1) % values.length]);
};

const fillScreen = () => {
  if (document.fullscreenElement === null) void document.documentElement.requestFullscreen();
  else void document.exitFullscreen();
};
controls.querySelector('button').addEventListener('click', fillScreen);

controls.addEventListener('click', (event) => {
  const link = event.target.closest('a');
  if (link === null) return;
  event.preventDefault();
  set(link.dataset.set, link.dataset.value);
});

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'l' || event.key === 'L') next('locale', LOCALES, localeNow());
  if (event.key === 't' || event.key === 'T') next('theme', THEMES, parameters.get('theme'));
  if (event.key === 'f' || event.key === 'F') fillScreen();
});

let movingTimer;
const showControls = () => {
  document.body.classList.add('is-moving');
  clearTimeout(movingTimer);
  movingTimer = setTimeout(() => document.body.classList.remove('is-moving'), CONTROLS_MS);
};
document.addEventListener('pointermove', showControls);
document.addEventListener('keydown', showControls);

applyLook();
void refresh();
