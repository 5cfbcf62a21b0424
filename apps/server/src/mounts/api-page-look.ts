/** The mark of Latchkey. */
export const LOGO =
  '<svg class="mark" viewBox="0 0 16 16" aria-hidden="true"><path fill-rule="evenodd" d="M7 1a4 4 0 1 0 0 8 4 4 0 0 0 0-8Zm0 2.25a1.75 1.75 0 1 1 0 3.5 1.75 1.75 0 0 1 0-3.5Z"/><path d="M6 8.5h2V10h3v2H8v1h5v2H6Z"/></svg>'

/** The same for the tab of the browser. */
export const ICON = `data:image/svg+xml,${encodeURIComponent(
  LOGO.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg" fill="#0b7a80"'),
)}`

/** On the button that leads on. */
export const ARROW =
  '<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><path d="M2.75 8h10.5M9 3.75 13.25 8 9 12.25"/></svg>'

/** On the button that copies. */
export const COPY =
  '<svg class="i" viewBox="0 0 16 16" aria-hidden="true"><rect x="5.5" y="5.5" width="8.25" height="8.25" rx="1.5"/><path d="M10.5 5.5V3.75c0-.8-.7-1.5-1.5-1.5H3.75c-.8 0-1.5.7-1.5 1.5V9c0 .8.7 1.5 1.5 1.5H5.5"/></svg>'

/** Copies the command, where the browser lets a page do that (https, or localhost). */
export const SCRIPT = `
const button = document.querySelector('.code button')
if (button && navigator.clipboard) {
  button.hidden = false
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(document.querySelector('pre').textContent)
    button.setAttribute('aria-label', 'Copied')
  })
}
`

/** Colours and measures of the console, as far as this page needs them. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --canvas: light-dark(#f5f7f7, #0e1213); --surface: light-dark(#ffffff, #161b1c); --sunken: light-dark(#eff2f2, #101516);
  --hover: light-dark(#f3f6f6, #1d2425); --line: light-dark(#e1e6e6, #283031); --line-button: light-dark(#cdd5d5, #384244);
  --ink: light-dark(#141a1b, #e8eded); --ink-2: light-dark(#485355, #a9b4b5); --ink-3: light-dark(#5f6a6c, #8c9899);
  --accent: light-dark(#0b6a70, #63c6ca); --accent-fill: light-dark(#0b6a70, #177b81);
  --accent-soft: light-dark(#e2f1f1, #12302f); --focus: light-dark(#0b7a80, #6fd3d7);
  --danger: light-dark(#b42318, #ff9389); --danger-soft: light-dark(#fdeeec, #351a18);
  --warning: light-dark(#845000, #f0b755); --warning-soft: light-dark(#fff5e0, #2f2510);
  --success: light-dark(#17703c, #66cd8e); --success-soft: light-dark(#e7f5ec, #122c1d);
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
}
* { box-sizing: border-box; margin: 0; }
body { background: var(--canvas); color: var(--ink); font: 14px/20px system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 720px; margin: 0 auto; padding: 64px 24px; display: grid; grid-template-columns: minmax(0, 1fr); gap: 24px; }
a { color: inherit; text-decoration: none; } a.mono { color: var(--accent); } a.mono:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
h1 { font: 600 20px/28px var(--mono); letter-spacing: -.02em; display: flex; flex-wrap: wrap; gap: 10px; align-items: center; }
.soft { color: var(--ink-2); margin-top: 8px; } .quiet { color: var(--ink-3); }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; }
.mark { width: 24px; height: 24px; margin-left: -4px; fill: var(--accent); }
.i { width: 16px; height: 16px; fill: none; stroke: currentColor; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; }
.verb { display: inline-flex; align-items: center; height: 26px; padding: 0 9px; border-radius: 6px; background: var(--accent-soft); color: var(--accent); font: 600 13px/1 var(--mono); }
.mono, code, pre { font-family: var(--mono); font-size: 13px; letter-spacing: -.01em; }
.code { position: relative; background: var(--sunken); border: 1px solid var(--line); border-radius: 6px; }
.code pre { padding: 12px 48px 12px 14px; overflow-x: auto; }
.code button { position: absolute; top: 6px; right: 6px; padding: 7px; line-height: 0; border: 0; border-radius: 6px; background: var(--sunken); color: var(--ink-2); cursor: pointer; }
.code button:hover { background: var(--hover); }
.card { background: var(--surface); border: 1px solid var(--line); border-radius: 8px; overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 13px; }
th { padding: 8px 16px; text-align: left; font-size: 12px; font-weight: 500; color: var(--ink-2); }
td { padding: 9px 16px; border-top: 1px solid var(--line); vertical-align: baseline; }
.badge { padding: 2px 6px; border-radius: 4px; font-size: 12px; font-weight: 500; font-variant-numeric: tabular-nums; }
.ok { background: var(--success-soft); color: var(--success); } .warn { background: var(--warning-soft); color: var(--warning); }
.bad { background: var(--danger-soft); color: var(--danger); }
.btn { display: inline-flex; align-items: center; gap: 6px; height: 32px; padding: 0 12px; border: 1px solid var(--line-button); border-radius: 6px; background: var(--surface); font-size: 13px; font-weight: 500; }
.btn:hover { background: var(--hover); } .btn.main, .btn.main:hover { background: var(--accent-fill); border-color: transparent; color: #fff; }
@media (max-width: 640px) {
  main { padding: 24px 16px; } .btn { height: 40px; }
  thead { position: absolute; clip-path: inset(50%); }
  tr { display: grid; grid-template-columns: auto minmax(0, 1fr); } tr + tr { border-top: 1px solid var(--line); }
  td { border: 0; } td:last-child { grid-column: 1 / -1; padding-top: 0; }
}
`
