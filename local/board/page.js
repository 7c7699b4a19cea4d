// The page around the screen: asks for it each second and changes what has changed. It adds nothing to the figures.

const REFRESH_MS = 1_000;
/** Longer than the board function may take, so that the answer to a slow call is still shown. */
const ANSWER_MS_MAX = 20_000;
/** How long the controls stay after the pointer has moved: a wall has no pointer, and shows none. */
const CONTROLS_MS = 3_000;
const THEMES = ['auto', 'dark', 'light'];
const LOCALES = ['zh-CN', 'en'];

const screen = document.querySelector('#screen');
const mark = document.querySelector('#mark');
const controls = document.querySelector('#controls');

const parameters = new URLSearchParams(location.search);
if (!parameters.has('locale')) {
  parameters.set('locale', navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en');
}
if (!parameters.has('theme')) parameters.set('theme', 'auto');

const TEXTS = {
  'zh-CN': (seconds) => `已 ${seconds} 秒没有新数据，下面是最后一次的画面`,
  en: (seconds) => `nothing new for ${seconds} s; this is the last answer`,
};

/** Whether a node can become another by changing what is on it and in it. */
const isAlike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName;

const copyAttributes = (from, to) => {
  for (const { name } of [...to.attributes]) if (!from.hasAttribute(name)) to.removeAttribute(name);
  for (const { name, value } of from.attributes) {
    if (to.getAttribute(name) !== value) to.setAttribute(name, value);
  }
};

/** Makes the children of `to` like those of `from`; what is the same already keeps its place, its focus and its tooltip. */
const morph = (from, to) => {
  const wanted = [...from.childNodes];
  const present = [...to.childNodes];
  for (const [i, child] of wanted.entries()) {
    const own = present[i];
    if (own === undefined) to.append(child);
    else if (own.isEqualNode(child)) continue;
    else if (!isAlike(own, child)) own.replaceWith(child);
    else if (own.nodeType === Node.ELEMENT_NODE) {
      copyAttributes(child, own);
      morph(child, own);
    } else own.nodeValue = child.nodeValue;
  }
  for (const surplus of present.slice(wanted.length)) surplus.remove();
};

let shown = '';
let hasScreen = false;
let answeredMs = performance.now();

const showMark = (cause) => {
  const seconds = Math.round((performance.now() - answeredMs) / 1_000);
  mark.textContent = TEXTS[parameters.get('locale')]?.(seconds) ?? TEXTS.en(seconds);
  mark.title = cause;
  mark.hidden = false;
};

/** Shows an answer. A message never takes the place of a screen: the last figures with a mark say more than none. */
const show = (html) => {
  if (html !== shown || !mark.hidden) {
    const template = document.createElement('template');
    template.innerHTML = html;
    const message = template.content.querySelector('[data-board-message]');
    if (message !== null && hasScreen) {
      showMark(message.textContent.trim());
      return;
    }
    morph(template.content, screen);
    hasScreen = message === null;
    shown = html;
  }
  answeredMs = performance.now();
  mark.hidden = true;
};

/** Only the newest question's answer is shown: one that was asked before the language was changed is late. */
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
  document.documentElement.lang = parameters.get('locale');
  document.documentElement.dataset.theme = parameters.get('theme');
  for (const link of controls.querySelectorAll('a')) {
    link.setAttribute('aria-current', String(parameters.get(link.dataset.set) === link.dataset.value));
  }
};

const set = (name, value) => {
  parameters.set(name, value);
  history.replaceState(null, '', `?${parameters}`);
  applyLook();
  void refresh();
};

const next = (name, values) => {
  set(name, values[(values.indexOf(parameters.get(name)) + 1) % values.length]);
};

controls.addEventListener('click', (event) => {
  const link = event.target.closest('a');
  if (link === null) return;
  event.preventDefault();
  set(link.dataset.set, link.dataset.value);
});

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 'l' || event.key === 'L') next('locale', LOCALES);
  if (event.key === 't' || event.key === 'T') next('theme', THEMES);
  if (event.key === 'f' || event.key === 'F') {
    if (document.fullscreenElement === null) void document.documentElement.requestFullscreen();
    else void document.exitFullscreen();
  }
});

let movingTimer;
document.addEventListener('pointermove', () => {
  document.body.classList.add('is-moving');
  clearTimeout(movingTimer);
  movingTimer = setTimeout(() => document.body.classList.remove('is-moving'), CONTROLS_MS);
});

applyLook();
void refresh();
