/** @file How a report looks: the window's light colours and type, on paper too. */
export const reportStyle = `
:root{color-scheme:light;--canvas:#fbfaf8;--ink:#1c2529;--soft:#4a5459;--faint:#5f686c;--line:#dedcd6;--strong:#b9b7b0;--accent:#146a66;--accent-soft:#dff0ee;--counter:#9a5312;--counter-soft:#faeadb}
*{box-sizing:border-box}
html{background:var(--canvas)}
body{margin:0 auto;max-width:54rem;padding:3rem 2.5rem 6rem;color:var(--ink);background:var(--canvas);font:400 15px/1.55 'Hanken Grotesk Variable','Hanken Grotesk',system-ui,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
h1,h2,h3,h4{line-height:1.25;font-weight:640;letter-spacing:-.01em;break-after:avoid}
h1{font-size:2.1rem;margin:.2rem 0 .6rem}
h2{font-size:1.45rem;margin:3.2rem 0 .9rem;padding-top:1rem;border-top:2px solid var(--ink)}
h3{font-size:1.1rem;margin:2rem 0 .5rem}
h4{font-size:.95rem;margin:1.4rem 0 .4rem;color:var(--soft)}
p{margin:.5rem 0}
.mark{margin:0;font-weight:680;color:var(--accent);letter-spacing:.01em}
.case{font-size:1.25rem;color:var(--soft);margin:0 0 1.2rem}
.written{color:var(--faint);font-size:.87rem}
.notice{background:var(--counter-soft);border-left:4px solid var(--counter);padding:.7rem 1rem;margin:1.2rem 0}
.note{color:var(--soft);font-size:.87rem}
.finding{border-left:4px solid var(--accent);background:var(--accent-soft);padding:.55rem .9rem;margin:.5rem 0;break-inside:avoid}
a{color:var(--accent)}
q.given{quotes:'\\2018' '\\2019'}
code,q,blockquote{overflow-wrap:anywhere}
code{font:.86em/1.5 ui-monospace,'Cascadia Mono','SF Mono','DejaVu Sans Mono',monospace}
pre{background:#f2f0ec;border:1px solid var(--line);border-radius:6px;padding:.8rem 1rem;white-space:pre-wrap;margin:.7rem 0}
.contents{columns:2;column-gap:2.5rem;padding-left:1.4rem;margin:1.4rem 0}
.contents li{margin:.2rem 0;break-inside:avoid}
.list{padding-left:1.4rem;margin:.5rem 0}
.list li{margin:.35rem 0}
dl{margin:.8rem 0;border-top:1px solid var(--line)}
dl>div{display:grid;grid-template-columns:15rem 1fr;gap:1rem;padding:.4rem 0;border-bottom:1px solid var(--line);break-inside:avoid}
dt{color:var(--soft)}
dd{margin:0;min-width:0}
.form dd{border-bottom:1px solid var(--ink);min-height:2.2rem}
.blank{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
table{width:100%;border-collapse:collapse;margin:.9rem 0 1.4rem;font-size:.87rem}
caption{break-after:avoid;text-align:left;color:var(--soft);padding-bottom:.35rem;font-weight:560}
th{text-align:left;font-weight:620;border-bottom:1.5px solid var(--strong);padding:.3rem .6rem .3rem 0;vertical-align:bottom}
td{border-bottom:1px solid var(--line);padding:.32rem .6rem .32rem 0;vertical-align:top}
th.figure,td.figure{text-align:right;padding-right:.9rem}
td.figure{white-space:nowrap}
thead{display:table-header-group}
tr{break-inside:avoid}
figure{margin:0}
.quote{margin:.9rem 0;break-inside:avoid}
.quote figcaption{color:var(--faint);font-size:.85rem}
blockquote{margin:.25rem 0 0;padding:.2rem 0 .2rem 1rem;border-left:3px solid var(--strong);white-space:pre-wrap;font-style:italic}
.pictures{display:flex;flex-wrap:wrap;gap:1.2rem;margin:1rem 0;break-inside:avoid}
.pictures figure{width:13.5rem}
.pictures img{display:block;width:13.5rem;height:auto;image-rendering:pixelated;border:1px solid var(--line);background:#fff}
.pictures figcaption{font-size:.82rem;color:var(--soft);margin-top:.3rem}
.plot{margin:1rem 0;break-inside:avoid}
.plot figcaption{font-size:.87rem;color:var(--soft);font-weight:560;margin-bottom:.3rem}
.chart{display:block;width:100%;height:auto}
.chart text{font:12px 'Hanken Grotesk Variable','Hanken Grotesk',system-ui,sans-serif;fill:var(--ink)}
.chart .zero{stroke:var(--strong)}
.chart .band{fill:#e2e0da}
.chart .median{stroke:#8c8a84;stroke-width:1.5}
.chart .spread{stroke:var(--soft);stroke-width:1.5}
.chart .dot{fill:#fff;stroke:var(--soft);stroke-width:2}
.chart .mark{fill:var(--accent)}
.chart .share{fill:var(--accent)}
.chart .rest{fill:#c9c7c0}
.draft::before{content:'DRAFT';position:fixed;inset:0;display:grid;place-content:center;font-size:9rem;font-weight:700;letter-spacing:.1em;color:rgba(154,83,18,.1);transform:rotate(-32deg);pointer-events:none;z-index:1}
@media (max-width:40rem){body{padding:1.5rem 1rem 4rem}.contents{columns:1}dl>div{grid-template-columns:1fr;gap:.1rem}}
@page{size:A4;margin:18mm 16mm 20mm}
@media print{html,body{background:#fff}body{max-width:none;padding:0;font-size:10.5pt}.cover{break-after:page}.page{break-before:page}h2{margin-top:1.6rem}a{color:inherit;text-decoration:none}pre{background:none}.pictures figure,.pictures img{width:11rem}}
`;
