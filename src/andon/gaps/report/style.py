"""How the page looks: in daylight and in the dark, on a screen, a phone and on paper."""

from __future__ import annotations

import base64
import hashlib

STYLE = """
:root{color-scheme:light dark;--paper:#faf9f6;--card:#fff;--ink:#1b1d22;--soft:#5b6069;--line:#dedbd3;
--red:#b3261e;--red-bg:#fbe9e7;--green:#1b6e3f;--green-bg:#e4f3ea;--amber:#8a5a00;--amber-bg:#fdf1d8;
--grey-bg:#eeece6;--blue:#2364aa;--orange:#c2571a;--teal:#12766f;--violet:#7a4bb0;--accent:#b3261e}
@media (prefers-color-scheme:dark){:root{--paper:#15171b;--card:#1d2026;--ink:#e8e6e1;--soft:#a3a7af;
--line:#363a42;--red:#ff8a80;--red-bg:#43201d;--green:#7fd6a4;--green-bg:#173526;--amber:#f0c063;
--amber-bg:#3d3013;--grey-bg:#2a2e35;--blue:#7db4f0;--orange:#f0a070;--teal:#66cfc4;--violet:#c3a0ee;
--accent:#ff8a80}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",
Roboto,"Noto Sans",sans-serif}
main{max-width:66rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:clamp(1.5rem,4.5vw,2.25rem);line-height:1.2;margin:.2rem 0 .6rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.6rem 0 .7rem;padding-bottom:.35rem;border-bottom:1px solid var(--line)}
h3{font-size:1rem;margin:1.2rem 0 .4rem}
p{margin:.5rem 0;max-width:46rem}
ul{margin:.5rem 0;padding-left:1.25rem}
li{margin:.25rem 0;overflow-wrap:anywhere}
code,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.9em;
overflow-wrap:anywhere}
pre{background:var(--grey-bg);padding:.7rem .9rem;border-radius:6px;overflow-x:auto;
font:.87em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;margin:.5rem 0;
white-space:pre-wrap;overflow-wrap:anywhere}
.eyebrow{color:var(--soft);font-size:.85rem;letter-spacing:.04em;text-transform:uppercase;margin:0}
.soft{color:var(--soft)}
.small{font-size:.87rem}
.verdict{background:var(--card);border:1px solid var(--line);border-left:6px solid var(--accent);
border-radius:8px;padding:1.2rem 1.4rem}
.verdict.unsure{border-left-color:var(--amber)}
.verdict.none{border-left-color:var(--blue)}
.lead{font-size:1.08rem;margin:.3rem 0 .9rem}
.tiers{display:flex;flex-wrap:wrap;gap:.4rem;list-style:none;padding:0;margin:.8rem 0}
.tiers li{padding:.15rem .7rem;border-radius:99px;border:1px solid var(--line);color:var(--soft);
font-size:.87rem;margin:0}
.tiers li.on{background:var(--ink);border-color:var(--ink);color:var(--paper)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));gap:.6rem 1.2rem;margin:.9rem 0 0}
.facts div{min-width:0}
.facts dt{color:var(--soft);font-size:.8rem}
.facts dd{margin:0;font-weight:600;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;font-size:.92rem}
th{text-align:left;color:var(--soft);font-weight:600;font-size:.8rem;padding:.4rem .6rem .4rem 0;
border-bottom:1px solid var(--line);vertical-align:bottom}
td{padding:.5rem .6rem .5rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
td:first-child{overflow-wrap:break-word}
td.nowrap{white-space:nowrap}
.badge{display:inline-block;padding:.05rem .55rem;border-radius:99px;font-size:.82rem;font-weight:600;
background:var(--grey-bg);color:var(--soft);white-space:nowrap}
.badge.bad{background:var(--red-bg);color:var(--red)}
.badge.good{background:var(--green-bg);color:var(--green)}
.badge.odd{background:var(--amber-bg);color:var(--amber)}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:1rem}
.pair figure,.plots figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:8px;
padding:.7rem;min-width:0}
.pair img{width:100%;height:auto;display:block;border:1px solid var(--line);border-radius:4px;background:#fff}
figcaption{font-size:.87rem;color:var(--soft);margin-top:.5rem;overflow-wrap:anywhere}
figcaption b{color:var(--ink)}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:1rem}
svg{width:100%;height:auto;display:block;font:12px system-ui,sans-serif}
svg text{fill:var(--soft)}
svg .ink{fill:var(--ink)}
svg .grid{stroke:var(--line);stroke-width:1}
svg .mark{stroke:var(--red);stroke-width:1.5;stroke-dasharray:4 3}
svg .said{fill:var(--red)}
.s0{stroke:var(--blue);fill:none}.s1{stroke:var(--orange);fill:none}.s2{stroke:var(--teal);fill:none}
.s3{stroke:var(--violet);fill:none}
.d0{fill:var(--blue)}.d1{fill:var(--orange)}.d2{fill:var(--teal)}.d3{fill:var(--violet)}
.bar{fill:var(--blue)}.bar.api{fill:var(--teal)}.bar.bad{fill:var(--red)}
.bar.mocked{fill:var(--grey-bg);stroke:var(--soft);stroke-dasharray:3 2}
.falls{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.7rem}
.fall{display:grid;grid-template-columns:minmax(8rem,18rem) 1fr 7.5rem;gap:.1rem .8rem;align-items:center;
font-size:.82rem}
.fall span{white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.fall svg{height:1rem}
.fall .took{color:var(--soft);text-align:right}
svg.sample{display:inline-block;width:26px;height:10px}
.fall .is{font-weight:600}
.fall .bad{color:var(--red)}
.weight{letter-spacing:.1em;color:var(--accent);white-space:nowrap}
.weight i{color:var(--line);font-style:normal}
footer{margin-top:3rem;color:var(--soft);font-size:.85rem}
@media (max-width:44rem){
main{padding:1.2rem 1rem 3rem}
.pair{grid-template-columns:1fr}
.fall{grid-template-columns:1fr auto}.fall span:first-child,.fall span.took+span{grid-column:1/-1}
table,tbody,tr,td{display:block;width:100%}
thead{display:none}
tr{border-bottom:1px solid var(--line);padding:.6rem 0}
td{border:0;padding:.12rem 0}
td[data-label]:not(:empty)::before{content:attr(data-label);display:block;color:var(--soft);font-size:.78rem}
}
@media print{body{background:#fff}main{max-width:none}}
"""

#: The policy under which the page is shown: this style, images that are in it, and nothing else.
POLICY = (
    "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    + "'"
)
