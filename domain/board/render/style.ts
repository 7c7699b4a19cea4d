/**
 * The screen's style. A length such as `1.2u` is in hundredths of the screen's width, or of the width that a 16:9 screen of its
 * height would have if that is less, so one markup fills 1280x720 as it fills 3840x2160. Below 900 pixels of width the screen
 * is one column in a readable size, as high as it needs to be. Every rule begins with a class of this screen's own, because
 * CloudWatch puts the answer inside its own page.
 */
const RULES = `
.zb{container-type:size;width:100%;height:100%;aspect-ratio:16/9;overflow:hidden auto;background:var(--ground);color:var(--text);
  font-family:Inter,"SF Pro Display","Segoe UI Variable Display","Segoe UI",Roboto,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC",system-ui,sans-serif;
  font-variant-numeric:tabular-nums;font-feature-settings:"tnum","cv11";text-align:left;-webkit-font-smoothing:antialiased}
.zb *{box-sizing:border-box;margin:0;padding:0;font-style:normal}
.zb:focus-visible{outline:.2rem solid var(--hot);outline-offset:-.2rem}
.zb-unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.zb-stage{--u:min(1vw,1.7777vh);height:100%;padding:1.3u 1.8u .9u;display:flex;flex-direction:column;gap:1u;font-size:1u;line-height:1.25}
@supports (width:1cqw){.zb-stage{--u:min(1cqw,1.7777cqh)}}
.zb-muted,.zb-remark{color:var(--muted);font-weight:400}
.zb-label{color:var(--muted);font-size:1u;font-weight:500}
.zb-strong{font-weight:650;color:var(--text)}
.zb-good{color:var(--good)}
.zb-glyph{width:.78em;height:.78em;fill:currentColor;vertical-align:-.04em;margin-right:.35em;flex:none;overflow:visible}
.zb-heading{display:flex;align-items:baseline;justify-content:space-between;gap:1u;white-space:nowrap}
.zb-title{font-size:1.2u;font-weight:650}
.zb-remark{font-size:.95u;display:flex;gap:1.4u;min-width:0}
.zb-name{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;unicode-bidi:isolate;min-width:0}

.zb-header{display:flex;align-items:center;gap:1.6u;white-space:nowrap;font-size:1.05u;flex:none}
.zb-campaign{font-size:1.7u;font-weight:700;letter-spacing:-.01em;max-width:24u;overflow:hidden;text-overflow:ellipsis}
.zb-phase{font-weight:650;font-size:1.1u}
.zb-phase-live,.zb-phase-paused{color:var(--hot)}
.zb-phase-ended,.zb-phase-upcoming{color:var(--muted)}
.zb-clock{flex:1;display:flex;align-items:center;gap:1u;min-width:0;font-size:.95u}
.zb-time{position:relative;flex:1;height:.5u;border-radius:.25u;background:var(--well)}
.zb-elapsed{position:absolute;inset:0 auto 0 0;border-radius:inherit;background:var(--hot)}
.zb-folded{position:absolute;top:-.35u;bottom:-.35u;width:.2u;margin-left:-.2u;background:var(--text)}
.zb-complete{display:flex;align-items:baseline;gap:.6u}
.zb-complete .zb-strong{font-size:1.3u}
.zb-now{font-size:1.7u;font-weight:650;letter-spacing:-.01em}

.zb-main{flex:1;min-height:0;display:grid;grid-template-columns:minmax(0,62fr) minmax(0,34fr);gap:2.2u}
.zb-hero{display:flex;flex-direction:column;gap:1.1u;min-width:0;min-height:0}
.zb-headline{flex:none;white-space:nowrap}
.zb-figures{display:flex;justify-content:space-between;align-items:flex-end;gap:2u}
.zb-gmv{display:grid}
.zb-exact .zb-label{font-size:1.15u;color:var(--text)}
.zb-huge{font-size:8.8u;line-height:.95;padding-bottom:.7u;font-weight:750;letter-spacing:-.035em}
.zb-wide{font-size:6.2u;line-height:1.34}
.zb-countdown{color:var(--hot)}
.zb-currency{font-size:.62em;font-weight:600;margin-right:.06em;color:var(--hot);letter-spacing:0}
.zb-unit{font-size:.62em;font-weight:600;margin-left:.14em;letter-spacing:0}
.zb-huge .zb-unit{font-size:.45em;font-weight:650;color:var(--hot)}
.zb-versus{display:flex;align-items:baseline;gap:.8u;min-height:1.25em}
.zb-gmv .zb-versus{font-size:1.4u}
.zb-change{font-weight:650}
.zb-up{color:var(--good)}
.zb-down{color:var(--alarm)}
.zb-level{color:var(--text)}
.zb-exact{display:flex;gap:1.3u;font-size:1.05u;align-items:baseline}
.zb-counts{display:flex;gap:2.6u;text-align:right;padding-bottom:.1u}
.zb-prelude{gap:1.5u}
.zb-prelude .zb-counts{gap:2u}
.zb-count{display:grid;justify-items:end}
.zb-count .zb-number{font-size:3.1u;line-height:1.2;font-weight:650;letter-spacing:-.02em}
.zb-count .zb-versus{gap:.5u;font-size:1u}

.zb-curve{flex:1;min-height:0;display:flex;flex-direction:column;gap:.5u}
.zb-curve .zb-title{font-size:1.05u}
.zb-key{display:flex;align-items:center;gap:.5u}
.zb-key-area{width:1.5u;height:.8u;background:var(--hot);opacity:.85}
.zb-key-last{width:1.5u;border-top:.16u dashed var(--cold)}
.zb-chart{position:relative;flex:1;min-height:0;margin-top:.5u}
.zb-canvas{position:absolute;inset:0 5.6u 0 0;border-bottom:.1u solid var(--rule)}
.zb-plot{position:absolute;inset:0;width:100%;height:100%;overflow:hidden}
.zb-plot path{vector-effect:non-scaling-stroke;fill:none;stroke-linejoin:round}
.zb-fading{mask-image:linear-gradient(#000c,#0002)}
.zb-plot .zb-area{fill:var(--hot);fill-opacity:.6}
.zb-plot .zb-line{stroke:var(--hot);stroke-width:.26u}
.zb-plot .zb-last-area{fill:var(--cold);fill-opacity:.28}
.zb-plot .zb-last{stroke:var(--cold);stroke-width:.16u;stroke-dasharray:.7u .5u}
.zb-plot .zb-partial{fill:var(--hot);fill-opacity:.1;stroke:var(--hot);stroke-opacity:.6;stroke-width:.1u;stroke-dasharray:.25u .25u}
.zb-grid{position:absolute;left:0;right:0;border-top:.08u solid var(--rule);opacity:.7}
.zb-zero{position:absolute;left:0;right:0;border-top:.1u solid var(--muted)}
.zb-amount{position:absolute;right:0;font-size:.95u;line-height:1;color:var(--muted);transform:translateY(-50%)}
.zb-dot{position:absolute;width:.9u;height:.9u;margin:-.45u 0 0 -.45u;border-radius:50%;background:var(--ground);border:.22u solid var(--hot)}
.zb-mark{position:absolute;top:0;bottom:0;border-left:.12u solid var(--text)}
.zb-flag{position:absolute;top:0;padding:.12u .55u;font-size:.95u;font-weight:650;background:var(--text);color:var(--ground)}
.zb-waiting{position:absolute;inset:0;display:flex;align-items:center;justify-content:center;font-size:1.8u;color:var(--muted)}
.zb-axis{position:relative;height:1.2u;flex:none;margin-right:5.6u}
.zb-tick{position:absolute;transform:translateX(-50%);font-size:.95u;color:var(--muted);white-space:nowrap}
.zb-tick.zb-first{transform:none}
.zb-tick.zb-final{transform:translateX(-100%)}

.zb-channels{flex:none;display:flex;align-items:center;gap:1.4u;font-size:1u;white-space:nowrap}
.zb-split{flex:1;display:flex;height:.9u;gap:.2u;background:var(--well)}
.zb-channel{display:flex;align-items:baseline;gap:.6u}
.zb-swatch{width:.8u;height:.8u;align-self:center}
.zb-split .zb-far,.zb-far .zb-swatch{background:var(--far)}
.zb-split .zb-near,.zb-near .zb-swatch{background:repeating-linear-gradient(-45deg,var(--near) 0 .28u,transparent .28u .48u)}

.zb-panel{background:var(--panel);border-radius:.5u;padding:1u 1.3u;display:flex;flex-direction:column;gap:.62u;min-width:0;min-height:0}
.zb-feats{display:grid;grid-auto-flow:column;grid-auto-columns:minmax(0,1fr);gap:1.2u;white-space:nowrap}
.zb-feat{min-width:0;display:grid}
.zb-big{font-size:4.1u;line-height:1.2;font-weight:750;letter-spacing:-.03em}
.zb-feat .zb-label{font-size:1.02u;color:var(--text)}
.zb-crossed-color{color:var(--crossed)}
.zb-doubled{color:var(--doubled);font-weight:600}
.zb-leaders{position:relative;flex:1;min-height:0;display:grid;grid-template-rows:repeat(var(--rows,1),minmax(0,1fr));row-gap:.42u}
.zb-brand{align-content:center;display:grid;grid-template-columns:1.6u minmax(0,1fr) 4u 5.6u 4.4u;align-items:baseline;column-gap:.5u;white-space:nowrap;font-size:1.02u;line-height:1.2}
.zb-rank{color:var(--muted);font-size:.95u}
.zb-brand .zb-name{font-weight:550}
.zb-times,.zb-net,.zb-crossed{text-align:right;font-size:.95u}
.zb-net{font-weight:650}
.zb-crossed{color:var(--muted)}
.zb-above .zb-crossed{color:var(--crossed)}
.zb-bar{grid-column:2/-1;position:relative;height:.34u;background:var(--well);margin-top:.14u}
.zb-bar i{position:absolute;inset:0 auto 0 0;background:var(--cold)}
.zb-above .zb-bar i{background:var(--hot)}
.zb-bar b{position:absolute;top:-.15u;bottom:-.15u;width:.16u;margin-left:-.16u;background:var(--crossed)}
.zb-none{color:var(--muted)}
.zb-leaders .zb-none{font-size:1.3u;padding-top:6u;text-align:center}

.zb-stores{flex:none;display:flex;align-items:baseline;gap:1.4u;white-space:nowrap}
.zb-strip{flex:1;min-width:0;height:1.4u;overflow:hidden;display:flex;flex-wrap:wrap;gap:1u 1.8u}
.zb-store{display:flex;align-items:baseline;gap:.5u;height:1.4u}
.zb-store .zb-name{max-width:10u}

.zb-facts{flex:1;min-height:0;display:grid}
.zb-fact{display:grid;align-content:center;gap:.1u;white-space:nowrap;border-top:.08u solid var(--rule)}
.zb-fact .zb-strong{font-size:2.1u;line-height:1.2;letter-spacing:-.02em}

.zb-deck{flex:none;height:17u;display:grid;grid-auto-flow:column;grid-auto-columns:minmax(0,1fr);gap:1.1u}
.zb-stats{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:1u;white-space:nowrap}
.zb-stat{display:grid;align-content:start;min-width:0}
.zb-stat .zb-label{font-size:.95u}
.zb-stat .zb-unit{font-size:.5em}
.zb-stat .zb-number{font-size:2.25u;line-height:1.15;font-weight:650;letter-spacing:-.02em}
.zb-stat>.zb-muted{font-size:.95u;overflow:hidden;text-overflow:ellipsis}
.zb-free .zb-stats{grid-template-columns:minmax(0,1fr) minmax(0,1.3fr) minmax(max-content,1fr)}
.zb-budget{display:grid;gap:.35u}
.zb-gauge{position:relative;height:.8u;background:var(--well)}
.zb-gauge i{position:absolute;inset:0 auto 0 0;background:var(--hot)}
.zb-gauge b{position:absolute;top:-.3u;bottom:-.3u;width:.22u;margin-left:-.22u;background:var(--text)}
.zb-said{display:flex;justify-content:space-between;gap:1u;font-size:.98u;white-space:nowrap}
.zb-pace{font-weight:600}
.zb-columns{display:grid;grid-auto-flow:column;grid-auto-columns:minmax(0,1fr);gap:1.6u}
.zb-reasons,.zb-list{display:grid;grid-template-columns:minmax(0,1fr);gap:.18u;min-width:0;align-content:start}
.zb-reasons .zb-label{font-size:.95u}
.zb-reason{position:relative;display:flex;justify-content:space-between;gap:.6u;font-size:.95u;line-height:1.2;white-space:nowrap;padding:0 .3u}
.zb-reason i{position:absolute;inset:0 auto 0 0;background:var(--well);opacity:.8}
.zb-reason span{position:relative}

.zb-sentence{text-wrap:pretty;font-size:1.15u;font-weight:600;line-height:1.3}
.zb-long{font-size:.98u;line-height:1.22}
.zb-effects{position:relative;flex:1;min-height:0;display:grid;align-content:space-evenly}
.zb-effect{display:grid;grid-template-columns:12.8u minmax(0,1fr) 5u;align-items:center;column-gap:.6u;font-size:.95u;line-height:1.2;white-space:nowrap}
.zb-follows{padding-left:1u}
.zb-interval{position:relative;height:1.2u}
.zb-interval b{position:absolute;top:-.1u;bottom:-.1u;border-left:.1u solid var(--muted)}
.zb-whisker{position:absolute;top:.52u;height:.16u;background:var(--cold)}
.zb-estimate{position:absolute;top:.22u;width:.75u;height:.75u;margin-left:-.375u;border-radius:50%;background:var(--panel);border:.17u solid var(--cold)}
.zb-conclusive{background:var(--hot);border-color:var(--hot)}
.zb-value{position:relative;text-align:right}
.zb-arms{display:flex;gap:1.8u;font-size:.95u;white-space:nowrap;color:var(--muted)}

.zb-sealing{display:grid;gap:.1u;align-content:start;font-size:.95u;white-space:nowrap}
.zb-sealing .zb-label{font-size:.95u}
.zb-sealing .zb-label+*{margin-bottom:.35u}
.zb-hash{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.95u}

.zb-footer{flex:none;display:flex;align-items:center;gap:1.4u;white-space:nowrap;font-size:1u;height:1.8u}
.zb-ticker{flex:1;min-width:0;height:1.3u;overflow:hidden;display:flex;flex-wrap:wrap;gap:1u 2u}
.zb-milestone{display:flex;align-items:baseline;gap:.45u;height:1.3u}
.zb-milestone .zb-glyph{margin-right:0;color:var(--crossed)}
.zb-milestone .zb-name{font-weight:600;max-width:14u}
.zb-health{display:flex;gap:.8u}
.zb-calm{color:var(--muted)}
.zb-warning,.zb-alarm{font-weight:650;padding:.2u .8u;border-radius:.3u}
.zb-warning{color:var(--alarm);box-shadow:inset 0 0 0 .12u var(--alarm)}
.zb-alarm{background:var(--alarm);color:var(--on-alarm)}

@container (width < 900px){
.zb-stage{--u:clamp(14px,1.4cqw + 9px,19px);height:auto;min-height:100%;padding:1u;gap:1.4u;line-height:1.35}
.zb-header{flex-wrap:wrap;gap:.5u 1.2u}
.zb-campaign{max-width:100%;font-size:1.5u}
.zb-now{order:2;margin-left:auto;font-size:1.4u}
.zb-campaign,.zb-phase{order:1}
.zb-far-in{order:2}
.zb-complete{order:3}
.zb-clock{order:9;flex:1 0 100%}
.zb-main{display:flex;flex-direction:column;gap:1.4u}
.zb-headline,.zb-exact{white-space:normal}
.zb-exact{flex-wrap:wrap;gap:.2u 1u}
.zb-figures{display:grid;gap:1.2u}
.zb-huge{font-size:min(8u,17cqw)}
.zb-wide{font-size:min(6.2u,11.5cqw)}
.zb-versus{flex-wrap:wrap;gap:0 .8u;white-space:normal}
.zb-gmv .zb-versus{font-size:1.15u}
.zb-counts{text-align:left;display:grid;grid-template-columns:repeat(auto-fit,minmax(9u,1fr));gap:1u}
.zb-count{justify-items:start;align-content:start}
.zb-count .zb-number{font-size:2.2u}
.zb-curve{flex:none;height:21u}
.zb-heading{flex-wrap:wrap;gap:0 1u;white-space:normal}
.zb-remark{flex-wrap:wrap;gap:0 1.2u}
.zb-tick:nth-child(even){display:none}
.zb-channels{flex-wrap:wrap;gap:.6u 1.4u;justify-content:space-between}
.zb-split{order:9;flex:1 0 100%}
.zb-feats{white-space:normal}
.zb-big{font-size:3.2u}
.zb-leaders{grid-template-rows:none;row-gap:.8u}
.zb-brand{grid-template-columns:1.6u minmax(0,1fr) 4u 6u 4.6u}
.zb-leaders .zb-none{padding:2u 0}
.zb-facts{gap:1u}
.zb-fact{white-space:normal}
.zb-deck{height:auto;grid-auto-flow:row;grid-auto-columns:auto;grid-template-columns:minmax(0,1fr)}
.zb-stats,.zb-free .zb-stats{grid-template-columns:repeat(auto-fit,minmax(7u,1fr));white-space:normal}
.zb-columns{grid-auto-flow:row;grid-auto-columns:auto;grid-template-columns:repeat(auto-fit,minmax(min(100%,16u),1fr));gap:1u 1.6u}
.zb-said,.zb-arms{flex-wrap:wrap;gap:.2u 1.4u}
.zb-effects{gap:.5u}
.zb-effect{grid-template-columns:minmax(0,12.4u) minmax(4u,1fr) 5u}
.zb-measure{overflow:hidden;text-overflow:ellipsis}
.zb-stores{display:grid;gap:.4u}
.zb-strip{height:auto}
.zb-footer{flex-wrap:wrap;height:auto;gap:.5u 1.4u;padding-bottom:.6u}
.zb-ticker{order:9;flex:1 0 100%;height:auto;flex-direction:column;flex-wrap:nowrap;gap:.5u}
.zb-milestone .zb-name{max-width:none}
.zb-health{margin-left:auto;flex-wrap:wrap}
}
@container (width < 480px){
.zb-big{font-size:2.6u}
.zb-days .zb-tick{display:none}
.zb-days .zb-tick:nth-child(3n+1){display:block}
.zb-campaign{flex:1 0 100%}
.zb-stats,.zb-free .zb-stats{grid-template-columns:repeat(auto-fit,minmax(5.8u,1fr))}
.zb-stat .zb-number{font-size:1.8u}
.zb-brand{grid-template:"rank name net" "none times crossed" "none bar bar"/1.6u minmax(0,1fr) auto;row-gap:.15u}
.zb-rank{grid-area:rank}
.zb-brand .zb-name{grid-area:name}
.zb-net{grid-area:net}
.zb-times{grid-area:times;text-align:left}
.zb-crossed{grid-area:crossed}
.zb-bar{grid-area:bar}
}
@media (forced-colors:active){
.zb{--ground:Canvas;--panel:Canvas;--well:Canvas;--rule:GrayText;--text:CanvasText;--muted:CanvasText;--hot:Highlight;--cold:CanvasText;--far:Highlight;--near:CanvasText;--good:CanvasText;--crossed:CanvasText;--doubled:CanvasText;--alarm:CanvasText;--on-alarm:Canvas}
.zb-panel,.zb-time,.zb-bar,.zb-gauge,.zb-split{outline:1px solid CanvasText}
.zb-elapsed,.zb-folded,.zb-bar i,.zb-bar b,.zb-gauge i,.zb-gauge b,.zb-reason i,.zb-split i,.zb-swatch,.zb-whisker,.zb-estimate,.zb-key-area,.zb-dot{forced-color-adjust:none}
.zb-reason i{background:none;border-bottom:1px solid CanvasText}
.zb-huge{forced-color-adjust:none}
.zb-flag,.zb-alarm,.zb-warning{border:1px solid CanvasText;background:Canvas;color:CanvasText}
}
`;

/** The rules as they are sent: without line breaks, and with the screen's unit spelled out. */
export const STYLE = RULES.replace(/\n\s*/g, '').replace(/(-?[\d.]+)u\b/g, 'calc(var(--u)*$1)');
