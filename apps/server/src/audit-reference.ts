import { AUDIT_EVENTS } from '@latchkey/core'

const INTRODUCTION = `# Audit

What \`GET /api/admin/audit/\` and \`latchkey audit tail\` show. Each event has who did it (\`actor\`: the owner of the account, an
admin, a command on the server's machine, the system itself, or anyone), whom it concerns, the client's address and user
agent, and the id of the request, which the log has, too. Never a token, a password or a hash. Events are removed by whole
months after \`AUDIT_RETENTION\`.

This page is generated from the code (\`npm run generate\`).

| event | what happened |
| --- | --- |
`

/** docs/audit.md, drawn from the table of events. */
export function auditReference(): string {
  const rows = Object.entries(AUDIT_EVENTS).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`)
  return `${INTRODUCTION}${rows.join('\n')}\n`
}
