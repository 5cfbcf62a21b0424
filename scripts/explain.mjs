/** What a tool prints when …, and what a person can do about it. The first that fits is shown. */
const CAUSES = /** @type {[RegExp, string][]} */ ([
  [
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|META_FETCH_FAIL|fetch failed/,
    'The package registry cannot be reached. Check the network (behind a proxy: `npm config set proxy …`), then run the command again.',
  ],
  [
    /UNABLE_TO_(VERIFY|GET)|SELF_SIGNED_CERT|CERT_HAS_EXPIRED/,
    'The package registry shows a certificate that is not trusted here. Name its authority in NODE_EXTRA_CA_CERTS.',
  ],
  [/ENOSPC|No space left/, 'The disk is full: about 1 GB is needed.'],
  [/EROFS|read-only file system/i, 'The folder lies on a read-only file system.'],
  [/EACCES|EPERM|permission denied/i, 'A file or folder may not be written. Does it belong to another user?'],
  [
    /ERR_PNPM_OUTDATED_LOCKFILE/,
    'pnpm-lock.yaml does not fit the package.json files: run `pnpm install` and commit the result.',
  ],
])

/**
 * @param {string} output what a failed step printed
 * @returns {string} the likely cause and what to do, or nothing
 */
export function explain(output) {
  return CAUSES.find(([sign]) => sign.test(output))?.[1] ?? ''
}
