/**
 * Shows that something is at work: one line, `Installing packages …  12 s`, that counts on a terminal and is
 * finished at the end elsewhere.
 *
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function progress(title, work) {
  const out = process.stdout
  const began = Date.now()
  const seconds = () => Math.round((Date.now() - began) / 1000)
  out.write(`${title} …`)
  const ticking = out.isTTY ? setInterval(() => out.write(`\r${title} …  ${seconds()} s`), 1000) : undefined
  const finish = (/** @type {string} */ how) => {
    clearInterval(ticking)
    out.write(out.isTTY ? `\r${title} …  ${how}\n` : `  ${how}\n`)
  }
  try {
    const result = await work()
    finish(`${seconds()} s`)
    return result
  } catch (error) {
    finish(`failed after ${seconds()} s`)
    throw error
  }
}
