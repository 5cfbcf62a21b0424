import { allowedFor, REGISTRY, RULES, SETTING_NAMES, type SettingName } from '@latchkey/core'
import { defaultOf, table } from './environment/reference.ts'

const INTRODUCTION = `# Settings

The rules of the service, which you change while it runs. A change is in force on every instance within a second, without a
restart, and can be taken back. This page is generated from the code (\`npm run generate\`).

## Where a value comes from

The first of these that says something is in force, and \`latchkey config list\` tells which one it is:

1. **environment**: \`LATCHKEY_\` and the name of the setting ([configuration.md](configuration.md)). It is locked: nothing
   below changes it on this instance. Give every instance the same ones, and the command too, which judges by its own.
2. **override**: a value that was saved for a while and ends by itself.
3. **revision**: a value that was saved.
4. **default**: what the tables below say.

## Change, look first, take back

\`\`\`sh
npx latchkey config list                                       # every value, and where it comes from
npx latchkey config preview ACCESS_TOKEN_LIFETIME=15m          # what it would do, in figures; saves nothing
npx latchkey config set ACCESS_TOKEN_LIFETIME=15m REFRESH_GRACE=5s --reason "fewer refreshes"
npx latchkey config set REGISTRATION_OPEN=off --for 2h         # ends by itself, also while nothing runs
npx latchkey config reset ACCESS_TOKEN_LIFETIME                # back to the default
npx latchkey config history                                    # who changed what, when and why
npx latchkey config rollback 11                                # the values of revision 11, as a new revision
\`\`\`

An admin does the same over REST, with \`Authorization: Bearer\` and an access token:

\`\`\`sh
curl http://localhost:8000/api/admin/settings/ -H "Authorization: Bearer $ACCESS" -i     # ETag: "17"
curl http://localhost:8000/api/admin/settings/preview/ -H "Authorization: Bearer $ACCESS" \\
  -H 'Content-Type: application/json' -d '{"changes": {"ACCESS_TOKEN_LIFETIME": "15m"}}'
curl -X PATCH http://localhost:8000/api/admin/settings/ -H "Authorization: Bearer $ACCESS" -H 'If-Match: "17"' \\
  -H 'Content-Type: application/json' -d '{"changes": {"ACCESS_TOKEN_LIFETIME": "15m"}, "reason": "fewer refreshes"}'
curl http://localhost:8000/api/admin/settings/rollback/ -H "Authorization: Bearer $ACCESS" -H 'If-Match: "18"' \\
  -H 'Content-Type: application/json' -d '{"to": 17}'
\`\`\`

- **A revision** is one save: its number, who, when, why, and the old and new value of each setting. All its settings come in
  force together. It stands in the audit, too. The newest 1,000 are kept.
- **Nobody overwrites what he has not seen.** A save names the revision that it was made on (\`If-Match\`, \`revision\`,
  \`--if-revision\`). If somebody saved meanwhile it is refused (409), with what was there, what they saved and what you wanted.
- **A rollback** makes a new revision with exactly the values that were in force at the old one. Timed overrides of then are
  plain values after it, and those of now end. Revision 0 is the state before the first.
- **A timed override** (\`--for 2h\`, \`"for": "2h"\`) ends once in the whole cluster, as a revision of its own. Setting the same
  name without a time replaces it.
- **Tokens that are out keep their own end.** A lifetime applies to what is issued from then on.
- **Nothing that is sensible is refused** for what follows from it: the grace in force is the smaller of \`REFRESH_GRACE\` and a
  third of \`ACCESS_TOKEN_LIFETIME\`, and the preview says so. What cannot work is refused with the sentence of its rule.
- **Instances of two versions** get along: what a version does not know, or does not take, it leaves out and warns of once. A
  save on it keeps that for the others.

Durations are written as \`30s\`, \`15m\`, \`12h\`, \`30d\`, in seconds or as ISO 8601 (\`PT15M\`), lists with commas, switches as \`on\`
and \`off\`. In JSON durations are seconds, or the same texts.

If the database cannot be reached, the values in force stay. If only the connection on which instances are told of revisions
is lost, they look by themselves every three seconds, and connect again at once.
`

/** docs/settings.md, drawn from the registry of settings. */
export function settingsReference(): string {
  const groups = [...new Set(SETTING_NAMES.map((name) => REGISTRY[name].group))]
  const sections = groups.map((group) => groupSection(SETTING_NAMES.filter((name) => REGISTRY[name].group === group)))
  const rules = RULES.map(({ sentence }) => `- ${sentence}`).join('\n')
  return [INTRODUCTION, ...sections, `## Rules between settings\n\n${rules}\n`].join('\n')
}

function groupSection(names: SettingName[]): string {
  const rows = names.map((name) => [`\`${name}\``, defaultOf(name), rangeOf(name), helpOf(name)])
  const [first] = names
  return `## ${first === undefined ? '' : REGISTRY[first].group}\n\n${table(['setting', 'default', 'allowed', ''], rows)}`
}

/** How durations are written stands above, once. */
function rangeOf(name: SettingName): string {
  const [range = ''] = allowedFor(name).split(', as ')
  return REGISTRY[name].unit === 'KiB' ? `${range} KiB` : range
}

function helpOf(name: SettingName): string {
  const rules = RULES.filter((rule) => rule.names.includes(name)).map(({ sentence }) => sentence)
  return [REGISTRY[name].help, ...rules].join(' ')
}
